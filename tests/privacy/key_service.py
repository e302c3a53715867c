"""A company's key service as a program: `key_service.py KEYS_FILE`, one secret in hexadecimal a
line, the newest last. Without libraries, so that it starts at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
from pathlib import Path

SALT = TAG = 32


def _pad(key: bytes, salt: bytes) -> bytes:
    return hmac.new(key, b"pad" + salt, hashlib.sha256).digest()


def _tag(key: bytes, hidden: bytes) -> bytes:
    return hmac.new(key, b"tag" + hidden, hashlib.sha256).digest()


def _mix(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def answer(keys: list[bytes], question: dict[str, str]) -> dict[str, str]:
    """Raises LookupError for a key that is not here, ValueError for what was altered."""
    if question["operation"] == "wrap":
        salt = secrets.token_bytes(SALT)
        hidden = salt + _mix(base64.b64decode(question["secret"]), _pad(keys[-1], salt))
        wrapped = base64.b64encode(hidden + _tag(keys[-1], hidden)).decode()
        return {"key_id": f"company/{len(keys) - 1}", "wrapped": wrapped}
    key, data = (
        keys[int(question["key_id"].partition("/")[2])],
        base64.b64decode(question["wrapped"]),
    )
    hidden, tag = data[:-TAG], data[-TAG:]
    if not hmac.compare_digest(tag, _tag(key, hidden)):
        raise ValueError
    return {"secret": base64.b64encode(_mix(hidden[SALT:], _pad(key, hidden[:SALT]))).decode()}


if __name__ == "__main__":
    held = [bytes.fromhex(line) for line in Path(sys.argv[1]).read_text().split()]
    try:
        json.dump(answer(held, json.load(sys.stdin)), sys.stdout)
    except (LookupError, ValueError):
        sys.exit(3)
