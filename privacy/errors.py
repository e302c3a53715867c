"""What can go wrong when handling personal data.

PrivacyError
├── KeyRingInvalid       the key folder is missing parts, damaged or open to other users
├── MasterKeyUnavailable whoever keeps the master key does not give it
├── KeyUnavailable       there is no key to open a sealed value with
│   ├── KeyUnknown       this customer never had that key
│   └── KeyDestroyed     the key was destroyed: its values are erased for good
├── SealBroken           a sealed value is damaged or stands where it was not sealed for
├── SealedFileInvalid    a sealed file does not open
│   ├── SealedFileBroken     it is damaged or lies where it was not sealed for
│   └── SealedWithAnotherKey by another key ring than this one
├── ConsentInvalid       a statement of consent that proves nothing
├── RetentionInvalid     periods that contradict each other
├── LedgerInvalid        an entry that cannot be appended, a head that cannot be read
├── SignatureMissing     what should be signed, or the key to check it with, is something else
├── SignatureBroken      a statement is not what was signed
├── SecretTooShort       a key for surrogates that could be guessed
└── CustomTypesInvalid   a company's file of its own types of personal data that cannot be used
"""

from __future__ import annotations

from pathlib import Path


class PrivacyError(Exception):
    """Root; messages never quote personal data."""


class KeyRingInvalid(PrivacyError):
    def __init__(self, path: Path, reason: str, *, remedy: str) -> None:
        super().__init__(f"The key ring at {path} cannot be used: {reason}. {remedy}")


class MasterKeyUnavailable(PrivacyError):
    def __init__(self, keeper: str, reason: str, *, remedy: str) -> None:
        super().__init__(f"{keeper} does not give the master key: {reason}. {remedy}")


class KeyUnavailable(PrivacyError):
    pass


class KeyUnknown(KeyUnavailable):
    def __init__(self) -> None:
        super().__init__(
            "There is no such key for this customer: use the key ring the value was sealed with."
        )


class KeyDestroyed(KeyUnavailable):
    def __init__(self) -> None:
        super().__init__("This customer's key was destroyed: what it sealed cannot be read again.")


class SealBroken(PrivacyError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"A sealed value does not open ({reason}): restore it from a backup.")


class SealedFileInvalid(PrivacyError):
    pass


class SealedFileBroken(SealedFileInvalid):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"The sealed file {place} does not open ({reason}): restore it from a backup or make "
            "it anew."
        )


class SealedWithAnotherKey(SealedFileInvalid):
    def __init__(self, place: str) -> None:
        super().__init__(
            f"The file {place} was sealed with another key ring: restore the key folder (and "
            "KEFU_MASTER_KEY) that it was sealed with."
        )


class ConsentInvalid(PrivacyError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"This consent cannot be recorded: {reason}.")


class RetentionInvalid(PrivacyError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"These retention rules cannot be used: {reason}.")


class SecretTooShort(PrivacyError):
    def __init__(self, least: int) -> None:
        super().__init__(
            f"The key for surrogates has fewer than {least} bytes: take {least} random ones."
        )


class CustomTypesInvalid(PrivacyError):
    def __init__(self, path: Path, key: str, reason: str) -> None:
        super().__init__(f"{path}: {key} {reason}.")


class LedgerInvalid(PrivacyError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The audit ledger cannot be continued: {reason}.")


class SignatureMissing(PrivacyError):
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This cannot be verified ({reason}): give the file as it was issued.")


class SignatureBroken(PrivacyError):
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This is not what was signed ({reason}): do not rely on it.")
