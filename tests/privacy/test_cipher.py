"""Test cases 13 to 16 (256-bit keys, 96-bit nonces) of McGrew and Viega, "The Galois/Counter Mode
of Operation (GCM)", appendix B, as submitted to NIST:
https://csrc.nist.gov/groups/ST/toolkit/BCM/documents/proposedmodes/gcm/gcm-revised-spec.pdf
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidTag

from privacy import cipher, envelope
from privacy.cipher import NONCE_BYTES, decrypt, encrypt
from privacy.envelope import Context, seal
from privacy.keyring import DataKey

SEALS = 1_000_000


@dataclass(frozen=True)
class Vector:
    key: str
    nonce: str
    plain: str
    bound: str
    ciphertext: str
    tag: str


_KEY = "feffe9928665731c6d6a8f9467308308" * 2
_PLAIN = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_CIPHERTEXT = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
VECTORS = {
    "case 13": Vector("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    "case 14": Vector(
        "00" * 32,
        "00" * 12,
        "00" * 16,
        "",
        "cea7403d4d606b6e074ec5d3baf39d18",
        "d0d1c8a799996bf0265b98b5d48ab919",
    ),
    "case 15": Vector(
        _KEY,
        "cafebabefacedbaddecaf888",
        _PLAIN,
        "",
        _CIPHERTEXT,
        "b094dac5d93471bdec1a502270e3cc6c",
    ),
    "case 16": Vector(
        _KEY,
        "cafebabefacedbaddecaf888",
        _PLAIN[:-8],
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        _CIPHERTEXT[:-8],
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
}


@pytest.fixture(params=VECTORS.values(), ids=VECTORS)
def vector(request: pytest.FixtureRequest) -> Vector:
    assert isinstance(request.param, Vector)
    return request.param


def _sealed(vector: Vector) -> bytes:
    return bytes.fromhex(vector.ciphertext + vector.tag)


def test_the_published_cases_encrypt_to_the_published_bytes(vector: Vector) -> None:
    made = encrypt(
        bytes.fromhex(vector.key),
        bytes.fromhex(vector.plain),
        nonce=bytes.fromhex(vector.nonce),
        binding=bytes.fromhex(vector.bound),
    )
    assert made == _sealed(vector)


def test_the_published_cases_decrypt(vector: Vector) -> None:
    opened = decrypt(
        bytes.fromhex(vector.key),
        _sealed(vector),
        nonce=bytes.fromhex(vector.nonce),
        binding=bytes.fromhex(vector.bound),
    )
    assert opened == bytes.fromhex(vector.plain)


def test_any_byte_of_a_published_case_that_differs_is_refused(vector: Vector) -> None:
    for place in range(len(_sealed(vector))):
        altered = bytearray(_sealed(vector))
        altered[place] ^= 1
        with pytest.raises(InvalidTag):
            decrypt(
                bytes.fromhex(vector.key),
                bytes(altered),
                nonce=bytes.fromhex(vector.nonce),
                binding=bytes.fromhex(vector.bound),
            )


def test_the_envelope_seals_with_this_cipher() -> None:
    assert envelope.encrypt is cipher.encrypt
    assert envelope.decrypt is cipher.decrypt


def test_a_million_seals_under_one_key_use_a_million_nonces() -> None:
    key, context = DataKey("ab" * 16, bytes(range(32))), Context("messages", "1", "text")
    nonces = {seal("x", key, context=context).nonce for _ in range(SEALS)}
    assert len(nonces) == SEALS
    assert {len(nonce) for nonce in nonces} == {NONCE_BYTES}
