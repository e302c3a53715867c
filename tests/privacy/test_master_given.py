from __future__ import annotations

import base64

import pytest

from privacy.errors import MasterKeyUnavailable
from privacy.master_given import GivenMasterKeys
from tests.privacy.key_keepers import new_key

NAME = "KEFU_MASTER_KEY"


KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        (base64.b64encode(bytes(16)).decode(), "key 1 of 1 has 16 bytes instead of 32"),
        (KEY + "," + base64.b64encode(bytes(33)).decode(), "key 2 of 2 has 33 bytes"),
        (KEY + ",", "key 2 of 2 has 0 bytes"),
        ("correct horse battery staple", "key 1 is not base64"),
        ("口令", "key 1 is not base64"),
    ],
)
def test_what_is_no_key_is_refused_with_the_remedy_and_without_the_text(
    text: str, reason: str
) -> None:
    with pytest.raises(MasterKeyUnavailable) as caught:
        GivenMasterKeys.parse(text, name=NAME)
    said = str(caught.value)
    assert said.startswith(f"{NAME} does not give the master key: {reason}")
    assert said.endswith("Make one with: openssl rand -base64 32")
    assert not text.strip() or text not in said


def test_the_wrong_key_is_told_by_its_check_value_and_never_shown() -> None:
    first, second = new_key(), new_key()
    wrapped = GivenMasterKeys.parse(first, name=NAME).wrap(bytes(32))
    with pytest.raises(MasterKeyUnavailable, match="check value") as caught:
        GivenMasterKeys.parse(second, name=NAME).unwrap(wrapped)
    said = str(caught.value)
    assert wrapped.key_id in said
    assert first not in said
    assert second not in said


def test_no_key_shows_when_printed() -> None:
    key = new_key()
    assert key not in repr(GivenMasterKeys.parse(key, name=NAME))
