from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_encoder import write_encoder
from training.base_weights import choose_base, find_base
from training.corpus import Corpus, Utterance
from training.errors import BaseModelUnavailable


def _corpus(*rows: Utterance) -> Corpus:
    return Corpus(Path("data.csv"), rows, (), "")


def test_english_gets_the_english_encoder() -> None:
    assert choose_base("auto", _corpus(Utterance("hi", "greet", "en"))) == "minilm"


@pytest.mark.parametrize("row", [Utterance("开发票", "a"), Utterance("OK", "a", "zh-Hant")])
def test_one_chinese_text_asks_for_the_multilingual_encoder(row: Utterance) -> None:
    assert choose_base("auto", _corpus(Utterance("hi", "greet", "en"), row)) == "e5"


def test_a_named_encoder_is_not_second_guessed() -> None:
    assert choose_base("minilm", _corpus(Utterance("开发票", "a"))) == "minilm"


def test_a_pulled_encoder_is_found_and_e5_has_its_prefix(tmp_path: Path) -> None:
    for name, prefix in (("minilm", ""), ("e5", "query: ")):
        write_encoder(tmp_path / name)
        base = find_base(name, models_home=tmp_path)
        assert (base.name, base.directory, base.prefix) == (name, tmp_path / name, prefix)


def test_a_missing_encoder_names_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(BaseModelUnavailable, match="kefu models pull e5"):
        find_base("e5", models_home=tmp_path)


def test_any_directory_with_a_bert_will_do(tmp_path: Path) -> None:
    base = find_base(str(write_encoder(tmp_path / "multilingual-e5-large")), models_home=tmp_path)
    assert (base.name, base.prefix) == ("multilingual-e5-large", "query: ")


def test_a_directory_with_something_else_is_refused(tmp_path: Path) -> None:
    directory = write_encoder(tmp_path / "other")
    (directory / "config.json").write_text('{"model_type": "roberta"}')
    with pytest.raises(BaseModelUnavailable, match="no BERT encoder"):
        find_base(str(directory), models_home=tmp_path)


def test_a_directory_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    directory = write_encoder(tmp_path / "other")
    (directory / "tokenizer.json").unlink()
    with pytest.raises(BaseModelUnavailable, match=r"has no tokenizer\.json"):
        find_base(str(directory), models_home=tmp_path)


def test_what_is_neither_a_directory_nor_a_hub_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaseModelUnavailable, match="neither a directory nor a hub id"):
        find_base("../no such place/at all", models_home=tmp_path)
