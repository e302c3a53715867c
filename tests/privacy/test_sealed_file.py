from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import sealed_file
from privacy.cipher import TAG_BYTES
from privacy.errors import SealedFileBroken, SealedFileInvalid, SealedWithAnotherKey
from privacy.keyring_memory import MemoryKeyRing
from privacy.sealed_file import FORMAT, HEADER_BYTES, FileKey, file_key, open_file, seal_file

KEY = FileKey(bytes(range(16)), bytes(range(32)))
PLACE = "intents/shop/20260101T000000Z-0badcafe/model.safetensors"
CHUNK = 64


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "CHUNK_BYTES", CHUNK)


def _seal(content: bytes, *, key: FileKey = KEY, place: str = PLACE) -> bytes:
    sealed = io.BytesIO()
    seal_file(io.BytesIO(content), sealed, key, place=place)
    return sealed.getvalue()


def _open(sealed: bytes, *, key: FileKey = KEY, place: str = PLACE) -> bytes:
    content = io.BytesIO()
    open_file(io.BytesIO(sealed), content, key, place=place)
    return content.getvalue()


def _chunks(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER_BYTES:]
    return [body[at : at + CHUNK + TAG_BYTES] for at in range(0, len(body), CHUNK + TAG_BYTES)]


@settings(deadline=None)
@given(st.binary(max_size=5 * CHUNK), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_place(content: bytes, place: str) -> None:
    assert _open(_seal(content, place=place), place=place) == content


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_lengths_around_a_chunk_open_and_are_told_to_who_waits(length: int) -> None:
    told: list[int] = []
    sealed = io.BytesIO()
    seal_file(io.BytesIO(b"x" * length), sealed, KEY, place=PLACE, progress=told.append)
    assert _open(sealed.getvalue()) == b"x" * length
    assert sum(told) == length


def test_a_change_of_any_one_byte_is_refused() -> None:
    """Every place: the header's fields, each chunk and its tag."""
    sealed = _seal(b"y" * (2 * CHUNK + 5))
    for place in range(len(sealed)):
        for change in (1, 0x80, 0xFF):
            altered = bytearray(sealed)
            altered[place] ^= change
            with pytest.raises(SealedFileInvalid):
                _open(bytes(altered))


def test_a_file_cut_short_anywhere_is_refused() -> None:
    sealed = _seal(b"z" * (3 * CHUNK))
    for length in range(len(sealed)):
        with pytest.raises(SealedFileBroken):
            _open(sealed[:length])


def test_a_file_with_something_behind_it_is_refused() -> None:
    sealed = _seal(b"z" * CHUNK)
    for more in (b"\0", _chunks(sealed)[0]):
        with pytest.raises(SealedFileBroken):
            _open(sealed + more)


@given(st.permutations(range(4)))
def test_chunks_in_another_order_are_refused(order: list[int]) -> None:
    sealed = _seal(bytes(range(4)) * CHUNK)
    chunks = _chunks(sealed)
    moved = sealed[:HEADER_BYTES] + b"".join(chunks[number] for number in order)
    if order == sorted(order):
        assert _open(moved) == bytes(range(4)) * CHUNK
    else:
        with pytest.raises(SealedFileBroken):
            _open(moved)


def test_a_chunk_of_another_file_is_refused() -> None:
    one, other = _seal(b"1" * 2 * CHUNK), _seal(b"2" * 2 * CHUNK)
    mixed = one[: HEADER_BYTES + CHUNK + TAG_BYTES] + _chunks(other)[1]
    with pytest.raises(SealedFileBroken):
        _open(mixed)


@pytest.mark.parametrize(
    "other",
    [
        PLACE.replace("model.safetensors", "scorer.safetensors"),
        PLACE.replace("20260101", "20260102"),
        PLACE.replace("shop", "rival"),
    ],
    ids=["another file", "another version", "another collection"],
)
def test_a_file_moved_to_another_place_is_refused(other: str) -> None:
    with pytest.raises(SealedFileBroken, match="moved"):
        _open(_seal(b"weights"), place=other)


def test_another_key_ring_is_told_from_damage_in_one_sentence() -> None:
    sealed = _seal(b"weights", key=file_key(MemoryKeyRing()))
    with pytest.raises(SealedWithAnotherKey, match="restore the key folder") as caught:
        _open(sealed, key=file_key(MemoryKeyRing()))
    assert str(caught.value).count(". ") == 0


def test_rotating_the_master_changes_nothing_for_sealed_files() -> None:
    ring = MemoryKeyRing()
    sealed = _seal(b"weights", key=file_key(ring))
    ring.rotate()
    assert _open(sealed, key=file_key(ring)) == b"weights"


def test_neither_the_content_nor_the_secret_shows() -> None:
    sealed = _seal(b"the articles of the shop " * 10)
    assert sealed.startswith(FORMAT)
    assert b"articles" not in sealed
    assert KEY.secret not in sealed
    assert "\\x01" not in repr(FileKey(b"id", KEY.secret))


def test_the_same_content_is_never_sealed_alike() -> None:
    assert len({_seal(b"weights") for _ in range(50)}) == 50
