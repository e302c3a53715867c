"""`python -m tests.benchmarks.fairness FOLDER`: our group tables against Aequitas' own.

The folder holds `fairness/aequitas_golden`. Every cell of every expected table is compared; the
exit code is 1 if one differs that is not a known fault of the expected table.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from training.audits.confusion import count_groups, disparities, parities

# expected file: (input, fairness threshold), as Aequitas' own tests pair them.
CASES = {
    "expected_output_group_test_1.csv": ("test_1.csv", 0.8),
    "expected_output_bias_test_1.csv": ("test_1.csv", 0.8),
    "expected_output_fairness_test_1.csv": ("test_1.csv", 0.8),
    "expected_output_test_1.csv": ("test_1.csv", 0.8),
    "expected_output_test_2.csv": ("test_2.csv", 0.8),
    "expected_output_test_3.csv": ("test_3.csv", 0.8),
    "expected_output_test_4.csv": ("test_4.csv", 0.8),
    "expected_output_test_5.csv": ("test_5.csv", 0.8),
    "expected_output_test_6.csv": ("test_6.csv", 0.8),
    "expected_output_test_7.csv": ("test_1.csv", 0.5),
    "expected_output_test_8.csv": ("test_1.csv", 0.9),
    "expected_output_test_10.csv": ("test_10.csv", 0.5),
    "test_1_aequitas_20180501-114554.csv": ("test_1.csv", 0.8),
}
REFERENCES = {"class": "High", "not_class": "Low", "class_1": "High", "class_2": "High"}
# Its `ppr` divides by the predictions of both attributes together, 12 instead of 6; the tables of
# test_10 and of Aequitas itself divide by those of one.
KNOWN_FAULTS = {("expected_output_test_2.csv", "ppr"), ("expected_output_test_2.csv", "ppr_ref")}
MISSING = {"", "na", "nan"}


@dataclass(frozen=True)
class Cell:
    file: str
    row: int
    column: str
    expected: str
    ours: object

    @property
    def agrees(self) -> bool:
        if self.ours is None or self.expected.lower() in MISSING:
            return self.ours is None and self.expected.lower() in MISSING
        if isinstance(self.ours, str):
            return self.ours == self.expected
        if isinstance(self.ours, bool):
            return str(self.ours).lower() == self.expected.lower()
        # The last digit differs with the order of division.
        return abs(float(self.expected) - float(str(self.ours))) < 1e-12

    @property
    def known_fault(self) -> bool:
        return (self.file, self.column) in KNOWN_FAULTS


def compare(folder: Path) -> list[Cell]:
    return [cell for name in CASES for cell in _cells(folder, name)]


def _cells(folder: Path, name: str) -> list[Cell]:
    source, threshold = CASES[name]
    cells = []
    for number, expected in enumerate(_rows(folder / name), start=2):
        attribute = expected["attribute_name"]
        ours = _ours(folder / source, attribute, expected["attribute_value"], threshold)
        cells += [
            Cell(name, number, column, text, ours[column])
            for column, text in expected.items()
            if column in ours
        ]
    return cells


def _ours(source: Path, attribute: str, value: str, threshold: float) -> dict[str, object]:
    rows = _rows(source)
    groups = {
        counts.group: counts
        for counts in count_groups(
            [row["label_value"] == "1" for row in rows],
            [row["score"] == "1" for row in rows],
            groups=[row[attribute] for row in rows],
        )
    }
    mine, reference = groups[value], groups[REFERENCES[attribute]]
    disparity = disparities(mine, reference)
    table: dict[str, object] = {"attribute_name": attribute, "attribute_value": value}
    table |= mine.counts() | mine.rates()
    theirs = {"reference_group": reference.group, **reference.counts(), **reference.rates()}
    table |= {name if name == "reference_group" else f"{name}_ref": v for name, v in theirs.items()}
    table |= {f"{name}_disparity": number for name, number in disparity.items()}
    return table | dict(parities(disparity, threshold=threshold))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.benchmarks.fairness path/to/benchmarks")
    folder = Path(sys.argv[1]) / "fairness" / "aequitas_golden"
    if not folder.is_dir():
        sys.exit(f"{folder} does not exist.")
    cells = compare(folder)
    table = Table("expected table", "cells", "equal", "differ", title="Aequitas golden tables")
    for name in CASES:
        mine = [cell for cell in cells if cell.file == name]
        wrong = [cell for cell in mine if not cell.agrees]
        shown = ", ".join(f"{c.column} row {c.row}: {c.expected}, ours {c.ours}" for c in wrong)
        table.add_row(name, str(len(mine)), str(len(mine) - len(wrong)), shown)
    Console(width=160).print(table)
    if any(not cell.agrees and not cell.known_fault for cell in cells):
        sys.exit(1)


if __name__ == "__main__":
    main()
