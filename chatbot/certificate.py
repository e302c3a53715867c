"""The certificate of an erasure: what was deleted, what could not be, and which models had met the
person. Signed, so that whoever holds it can show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chatbot.privacy_ports import Counts
from privacy.errors import SignatureBroken, SignatureMissing
from privacy.keyring import KeyRing
from privacy.signing import PUBLIC_KEY, SIGNATURE, check, sign, signing_key

Json = dict[str, Any]

_PURPOSE = "kefu erasure certificate 1"
_CACHES = ("journal_pages",)
_FILES = ("training_rows", "training_rows_of_same_words_left")
# An original lies in the row of its message.
_NO_ROWS = (*_CACHES, *_FILES, "originals", "keys", "consents_kept")
STATEMENT = {
    "en": "The key of this customer was destroyed and the words, ratings in words, review items "
    "and attributes kept under the reference were deleted. Counts, decisions and timings remain "
    "without a name; proof of consent remains under the number of this erasure. A model version "
    "that was taught the customer's masked sentences is listed; the next retraining leaves them "
    "out and starts again from weights that never saw them. A retraining that was at work with "
    "them looks again before it lets anything serve, destroys what it has trained and does "
    "without them.",
    "zh": "该客户的密钥已销毁，其名下的消息内容、文字评价、待审条目和自愿提供的属性已删除。"
    "仅保留不含姓名的计数、决策与耗时；同意记录以本次删除编号保存，供举证之用。"
    "学习过该客户脱敏语句的模型版本已列出；下一次训练不再使用这些语句，"
    "并从未接触过它们的权重重新开始。当时正在使用这些语句的训练"
    "会在结果上线前再次核对，销毁已训练的结果，并不再使用这些语句。",
}


def reached(counts: Counts) -> dict[str, int]:
    """`counts` summed up by the kind of place. Nothing that a customer says is ever indexed, so
    that no entry of an index had to go: documents that name the customer are listed apart."""
    return {
        "rows": sum(count for name, count in counts.items() if name not in _NO_ROWS),
        "index_entries": 0,
        "cache_pages": sum(counts.get(name, 0) for name in _CACHES),
        "training_examples": counts.get("training_rows", 0) + counts.get("review_items", 0),
    }


def issue(certificate: Mapping[str, Any], keys: KeyRing) -> Json:
    """With the key and the signature over everything else."""
    return {**certificate, **sign(certificate, signing_key(keys), purpose=_PURPOSE)}


def verify(certificate: Mapping[str, Any], public_key: Ed25519PublicKey) -> None:
    """Raises SignatureMissing or SignatureBroken."""
    statement = {
        name: value for name, value in certificate.items() if name not in (PUBLIC_KEY, SIGNATURE)
    }
    check(statement, certificate, public_key, purpose=_PURPOSE)


def say_verdict(
    certificate: Mapping[str, Any], public_key: Ed25519PublicKey, language: str = "en"
) -> tuple[bool, str]:
    """Whether it holds, in one sentence; any language that begins with `zh` gets Chinese."""
    chinese = language.startswith("zh")
    try:
        verify(certificate, public_key)
    except (SignatureBroken, SignatureMissing) as error:
        if chinese:
            return False, "证书无效：内容与签发时不一致，或由其他密钥签署，请勿采信。"
        return False, f"The certificate does not hold ({error.reason}): do not rely on it."
    number, done = certificate.get("erasure_id"), certificate.get("done_at")
    if chinese:
        return True, f"证书有效：删除编号 {number}，完成于 {done}，签发后未被改动。"
    return True, f"The certificate holds: erasure {number}, done at {done}, unchanged since."
