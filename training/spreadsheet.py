"""Cells of a CSV file that people open in a spreadsheet program."""

from __future__ import annotations

# A spreadsheet takes a cell that begins like this for a formula and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front where it could be run; `bare` takes it off."""
    return f"{_GUARD}{cell}" if _is_formula(cell) else cell


def bare(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARD) and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    return cell.lstrip(_GUARD).startswith(_FORMULA)
