"""Whatever the bytes: a corpus or one sentence, in both languages, and nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.corpus import examine_corpus
from training.readers.faults import Fault

NAMES = st.sampled_from(
    ["a.csv", "a.jsonl", "a.yml", "a.md", "a.json", "A_usersays_en.json", "a.zip", "a"]
)
WORDS = st.sampled_from(
    ["nlu", ":", "\n", "- ", "intent", "examples", "|", "  ", "text", ",", '"', "{", "}", "[", "]",
     "&a", "*a", "## intent:", "a", "退", "\ufeff", "\x00", "\x1b", "labels", "payload", "data",
     "messages", "content,message_type", "1e999", "null", "?", "!!set", "\r", "<!--", "-->", "---"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(["incoming", 0, True]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["text", "intent", "data", "payload", "meta", "labels", "messages",
                         "content", "message_type", "name", "isTemplate", "created_at"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
CONTENT = (
    st.binary(max_size=60)
    | st.lists(WORDS, max_size=30).map(lambda words: "".join(words).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
)


def _examine(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    corpus, faults = examine_corpus(path)
    assert corpus is not None or faults
    for fault in faults:
        assert str(path) in str(fault)
        assert "\n" not in str(fault)
        assert "\x1b" not in str(fault) + fault.chinese
        assert fault.chinese != fault.reason


@given(NAMES, CONTENT)
@settings(max_examples=300, deadline=None)
def test_any_file_is_a_corpus_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    _examine(tmp_path_factory.mktemp("any"), name, content)


@given(st.dictionaries(NAMES, CONTENT, max_size=3), st.data())
@settings(max_examples=100, deadline=None)
def test_any_zip_is_a_corpus_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], data: st.DataObject
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"intents/{name}", content)
    packed = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(0, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    _examine(tmp_path_factory.mktemp("any"), "a.zip", bytes(packed))


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_is_said_in_both_languages_with_the_same_values(fault: Fault) -> None:
    english, chinese = fault.value
    fields = [set(_fields(words)) for words in (english, chinese)]
    assert fields[0] == fields[1]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
    assert not english.endswith(".")


def _fields(words: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(words) if name]
