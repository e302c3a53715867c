"""Statements that are signed, and what is not what was signed."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.errors import SignatureBroken, SignatureMissing
from privacy.keyring_memory import MemoryKeyRing
from privacy.signing import check, public_pem, read_public_key, sign, signing_key

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
statements = st.dictionaries(st.text(), json_values, max_size=4)


@given(statements)
def test_what_was_signed_holds(statement: dict[str, object]) -> None:
    check(statement, sign(statement, KEY, purpose="a test"), PUBLIC, purpose="a test")


@given(statements, statements)
def test_another_statement_does_not_hold(one: dict[str, object], two: dict[str, object]) -> None:
    signed = sign(one, KEY, purpose="a test")
    if repr(sorted(one.items())) == repr(sorted(two.items())):
        return
    with pytest.raises(SignatureBroken, match="does not fit"):
        check(two, signed, PUBLIC, purpose="a test")


def test_a_signature_for_one_purpose_holds_for_no_other() -> None:
    with pytest.raises(SignatureBroken, match="does not fit"):
        check({"a": 1}, sign({"a": 1}, KEY, purpose="report"), PUBLIC, purpose="certificate")


@pytest.mark.parametrize("place", range(64))
def test_every_byte_of_the_signature_counts(place: int) -> None:
    signed = sign({"a": 1}, KEY, purpose="a test")
    forged = bytearray(base64.b64decode(signed["signature"]))
    forged[place] ^= 1
    signed["signature"] = base64.b64encode(bytes(forged)).decode()
    with pytest.raises(SignatureBroken):
        check({"a": 1}, signed, PUBLIC, purpose="a test")


def test_a_forger_with_a_key_of_his_own_is_turned_away() -> None:
    signed = sign({"a": 1}, Ed25519PrivateKey.generate(), purpose="a test")
    with pytest.raises(SignatureBroken, match="another key"):
        check({"a": 1}, signed, PUBLIC, purpose="a test")


@pytest.mark.parametrize("signed", [{}, {"public_key": "", "signature": 1}])
def test_what_carries_no_signature_is_told_apart_from_a_forgery(signed: dict[str, object]) -> None:
    with pytest.raises(SignatureMissing, match="no signature"):
        check({"a": 1}, signed, PUBLIC, purpose="a test")


def test_a_key_ring_signs_with_one_key_that_rotation_does_not_change() -> None:
    keys = MemoryKeyRing()
    before = public_pem(signing_key(keys).public_key())
    keys.rotate()
    assert public_pem(signing_key(keys).public_key()) == before
    assert public_pem(signing_key(MemoryKeyRing()).public_key()) != before


def test_a_public_key_comes_back_from_its_file() -> None:
    assert read_public_key(public_pem(PUBLIC)).public_bytes_raw() == PUBLIC.public_bytes_raw()
    for pem in (b"", b"-----BEGIN PUBLIC KEY-----"):
        with pytest.raises(SignatureMissing, match="public key"):
            read_public_key(pem)
