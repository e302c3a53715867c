from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.adapters.name_words import CONTEXT, SHAPES, WordVectors, words_of
from knowledge_base.errors import EncoderUnusable
from tests.tiny_encoder import write_encoder


def texts(text: str) -> list[str]:
    return [word.text for word in words_of(text)]


def test_chinese_characters_are_words_of_their_own() -> None:
    assert texts("我叫张伟 Tom2") == ["我", "叫", "张", "伟", "Tom", "2"]


def test_a_line_break_is_a_word_and_a_space_is_none() -> None:
    assert texts("a b\nc") == ["a", "b", "\n", "c"]


def test_letters_with_accents_stay_in_one_word() -> None:
    assert texts("Krisztián Šimić's") == ["Krisztián", "Šimić", "'", "s"]


@given(st.text(max_size=60))
def test_every_word_stands_where_it_says(text: str) -> None:
    end = 0
    for word in words_of(text):
        assert end <= word.start < word.end <= len(text)
        assert word.end - word.start == len(word.text)
        end = word.end


@given(st.text(alphabet="ab张伟 .,\n0１", max_size=40))
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    covered = {place for word in words_of(text) for place in range(word.start, word.end)}
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


def test_the_same_number_of_digits_has_the_same_vector(tmp_path: Path) -> None:
    vectors = WordVectors(write_encoder(tmp_path))
    one, other = vectors.of(words_of("4711")), vectors.of(words_of("1234"))
    assert np.array_equal(one, other)


def test_a_word_has_its_meaning_and_its_shape(tmp_path: Path) -> None:
    vectors = WordVectors(write_encoder(tmp_path, hidden_size=32))
    rows = vectors.of(words_of("parcel Parcel"))
    assert rows.shape == (2, 4 * 32 + SHAPES + CONTEXT)
    assert not np.array_equal(rows[0, 4 * 32 :], rows[1, 4 * 32 :])


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnusable, match=str(tmp_path)):
        WordVectors(tmp_path)


def test_a_character_knows_its_part_in_a_word_of_the_dictionary() -> None:
    assert [word.part for word in words_of("延长保修期ok我")] == [2, 4, 2, 3, 4, 0, 1]
