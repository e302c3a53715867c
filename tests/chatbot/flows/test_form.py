from __future__ import annotations

import string

from chatbot.conversation import Language
from chatbot.flows.form import NOT_FOUND, in_words, load_forms
from chatbot.flows.slots import READERS


def test_every_text_is_there_in_both_languages_with_the_same_fields() -> None:
    for form in load_forms():
        texts = [*form.texts.values(), *form.results.values()]
        texts += [text for slot in form.slots for text in (slot.ask, slot.again)]
        for text in texts:
            assert set(text) == {"en", "zh"}
            fields = {language: _fields(words) for language, words in text.items()}
            assert fields["en"] == fields["zh"], text


def _fields(words: str) -> set[str]:
    names = {name for _, name, _, _ in string.Formatter().parse(words) if name}
    return {name.removesuffix("_en").removesuffix("_zh") for name in names}


def test_secret_slots_come_last_and_every_reader_exists() -> None:
    for form in load_forms():
        secret = [slot.secret for slot in form.slots]
        assert secret == sorted(secret)
        assert all(slot.reader in READERS for slot in form.slots)
        assert NOT_FOUND in form.results


def test_traditional_readers_get_traditional_characters() -> None:
    form = load_forms()[0]
    assert "訂單" in in_words(form.texts["button"], Language.ZH_HANT)
    assert form.says("button", "查詢我的訂單")
    assert not form.says("button", "查询")
