"""The house style that no linter knows: sizes, names, licences, ownership."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("chatbot", "knowledge_base", "training", "privacy", "web")
FILE_LINES = 400
FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "common"}
SOURCES = sorted(path for folder in (*PACKAGES, "tests") for path in (ROOT / folder).rglob("*.py"))


def _names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", SOURCES, ids=_names(SOURCES))
def test_a_file_is_one_noun_and_a_function_does_one_thing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in SOURCES if path.stem in FORBIDDEN_NAMES]


def test_every_data_file_carries_a_licence() -> None:
    data = sorted((ROOT / "chatbot" / "demo" / "data").glob("*.csv"))
    assert data
    for path in data:
        sidecar = path.with_name(path.name + ".license")
        assert "SPDX-License-Identifier" in sidecar.read_text(encoding="utf-8")


def test_the_distribution_owns_exactly_the_five_root_packages_and_cannot_be_uploaded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == sorted(PACKAGES)
    assert project["tool"]["hatch"]["build"]["dev-mode-exact"] is True
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]
    for package in PACKAGES:
        module = __import__(package)
        assert Path(module.__file__ or "").parent == ROOT / package


def test_the_environment_example_names_only_settings_that_exist() -> None:
    from chatbot.settings import Settings

    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^(?:# )?KEFU_([A-Z_]+)=", text, flags=re.MULTILINE)
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
