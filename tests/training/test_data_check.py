from __future__ import annotations

from pathlib import Path

from training.data_check import check_data
from training.findings import Problem

ROWS = "text,intent\n" + "".join(f"text {n},{'ab'[n % 2]}\n" for n in range(10))


def _write(folder: Path, text: str, name: str = "train.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_sound_data_have_neither_faults_nor_findings(tmp_path: Path) -> None:
    check = check_data(_write(tmp_path, ROWS))
    assert (check.faults, check.findings, check.languages) == ((), (), {"en": 10})


def test_every_faulty_row_is_found_at_once(tmp_path: Path) -> None:
    broken = ROWS + f'hi,\nhi,"a\nb"\n{"x" * 50_000},a\nhi,{"y" * 101}\n'
    check = check_data(_write(tmp_path, broken))
    assert [fault.line for fault in check.faults] == [12, 13, 15, 16]
    assert check.corpus is not None
    assert len(check.corpus.utterances) == 10


def test_a_label_with_a_control_character_is_shown_escaped(tmp_path: Path) -> None:
    (fault,) = check_data(_write(tmp_path, ROWS + "hi,a\x1bb\n")).faults
    assert r"the intent 'a\x1bb' holds a line end or the invisible character U+001B" in str(fault)


def test_leaks_are_counted_and_what_is_left_must_suffice(tmp_path: Path) -> None:
    train = _write(tmp_path, ROWS)
    test = _write(tmp_path, "text,intent\ntext 1,a\nTEXT 2!,a\ntext 3,b\n", "test.csv")
    check = check_data(train, [test])
    assert check.leaked == 3
    assert {one.problem for one in check.findings} == {Problem.LEAK}
    assert ["7 rows" in str(fault) for fault in check.faults] == [True]


def test_repeats_do_not_count_as_rows_to_learn_from(tmp_path: Path) -> None:
    path = _write(tmp_path, "text,intent\n" + "hi,a\nho,b\n" * 10)
    assert ["2 rows" in str(fault) for fault in check_data(path).faults] == [True]


def test_a_fault_of_the_other_file_is_a_fault(tmp_path: Path) -> None:
    check = check_data(_write(tmp_path, ROWS), [tmp_path / "absent.csv"])
    assert ["absent.csv" in str(fault) for fault in check.faults] == [True]


def test_a_file_that_cannot_be_read_has_one_fault(tmp_path: Path) -> None:
    check = check_data(_write(tmp_path, "sentence;label\nhi;a\n"))
    assert check.corpus is None
    assert [fault.line for fault in check.faults] == [1]


def test_columns_apart_by_another_sign_are_explained(tmp_path: Path) -> None:
    (fault,) = check_data(_write(tmp_path, "text;intent\nhi;a\n")).faults
    assert "separated by semicolons" in str(fault)
