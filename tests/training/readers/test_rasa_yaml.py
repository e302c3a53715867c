from __future__ import annotations

from pathlib import Path

import pytest

from training.corpus import Problem, read_corpus
from training.errors import CorpusInvalid
from training.readers.rasa_yaml import plain

NLU = """\
version: "3.1"
nlu:
- intent: book
  examples: |
    - to [Rome](city)
    - to [LA]{"entity": "city", "role": "to"} and [back](trip:return)
    a stray line
- intent: faq/ask_hours
  examples:
  - text: |
      when do you open
    metadata:
      sentiment: neutral
  - text: 几点开门
- synonym: Rome
  examples: |
    - Roma
- lookup: city
  examples: |
    - Rome
- regex: zip
  examples: |
    - \\d{5}
- intent: silent
stories:
- story: happy path
  steps:
  - intent: book
"""
LAUGHS = "a: &a [x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcde", "bcdef", strict=True)
)


def _write(folder: Path, text: str, name: str = "nlu.yml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_examples_lose_their_entity_marks_and_keep_their_lines(tmp_path: Path) -> None:
    rows = read_corpus(_write(tmp_path, NLU)).utterances
    assert [(row.text, row.intent, row.language, row.line) for row in rows] == [
        ("to Rome", "book", "en", 5),
        ("to LA and back", "book", "en", 6),
        ("when do you open", "faq/ask_hours", "en", 10),
        ("几点开门", "faq/ask_hours", "zh", 14),
    ]


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    found = read_corpus(_write(tmp_path, NLU)).findings
    assert {(one.problem, one.line, one.subject) for one in found} == {
        (Problem.NO_DASH, 7, "book"),
        (Problem.SYNONYM, 15, "Rome"),
        (Problem.LOOKUP, 18, "city"),
        (Problem.REGEX, 21, "zip"),
        (Problem.EMPTY_INTENT, 24, "silent"),
    }


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[a b](x) c", "a b c"),
        ('[LA][{"entity": "city"}, {"entity": "state"}]', "LA"),
        ("a [link] stays, (so) does {this}", "a [link] stays, (so) does {this}"),
        ("[北京](城市)到[上海]{'entity': '城市'}", "北京到上海"),
    ],
)
def test_only_entity_marks_are_taken_away(marked: str, expected: str) -> None:
    assert plain(marked) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a\n- b\n", "line 1: a Rasa file is a mapping"),
        ("", "the file is empty"),
        ("version: 3\nrules: []\n", "no key nlu"),
        ("nlu: many\n", "line 1: nlu must be a list"),
        ("nlu:\n- just text\n", "line 2: .* must be a mapping"),
        ("nlu:\n- intent: [a]\n", "line 2: intent must be a name"),
        ("nlu:\n- intent: a\n  examples: {b: c}\n", "line 3: examples must be a block"),
        ("nlu:\n- intent: ''\n  examples: |\n    - hi\n", "line 4: the intent is empty"),
        ("nlu:\n\t- intent: a\n", "line 2: this is not valid YAML"),
        ("nlu: \x00\n", "this is not valid YAML"),
        ("nlu: &a [*a]\n", r"line 1: YAML anchors and aliases \(\*a\)"),
        (LAUGHS + "nlu: *f\n", r"line 7: YAML anchors and aliases \(\*f\)"),
        ("nlu: " + "[" * 500, "more than 100 deep"),
        ("nlu:\n- !!python/object/apply:os.getcwd []\n", "line 2: .* must be a mapping"),
    ],
)
def test_a_broken_file_is_named_with_the_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CorpusInvalid, match=complaint) as raised:
        read_corpus(_write(tmp_path, text))
    assert "nlu.yml" in str(raised.value)


def test_a_file_with_too_many_nodes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.readers.yaml_tree.MOST_NODES", 20)
    with pytest.raises(CorpusInvalid, match="line 6: the file has more than 20 nodes"):
        read_corpus(_write(tmp_path, "nlu:\n" + "- intent: a\n" * 50))


def test_a_project_folder_is_read_without_its_other_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    _write(data, NLU)
    _write(data, "## intent:greet\n- hey\n", "more.md")
    _write(data, "a: &a [1]\nb: *a\n", "stories.yml")
    _write(tmp_path, "broken: [", "endpoints.yml")
    _write(tmp_path, "# Our bot\n", "README.md")
    _write(tmp_path, "nlu: [", ".hidden.yml")
    corpus = read_corpus(tmp_path)
    assert {row.file for row in corpus.utterances} == {"data/nlu.yml", "data/more.md"}
    assert len(corpus.utterances) == 5


def test_a_fault_inside_a_folder_names_the_file(tmp_path: Path) -> None:
    _write(tmp_path, "nlu:\n- intent: a\n  examples: |\n    - hi\n    - " + "x" * 50_000, "b.yaml")
    with pytest.raises(CorpusInvalid, match=r"b\.yaml, line 5: the text is 50,000 characters"):
        read_corpus(tmp_path)
