"""What can go wrong in a conversation, and around it.

KefuError
├── SettingsInvalid          a setting has a value Kefu cannot use
├── InputInvalid             the caller's text or file cannot be used
│   ├── TextEmpty
│   ├── TextTooLong
│   ├── TextUnreadable       NUL bytes or lone surrogates
│   └── FileInvalid          a file the caller named, with the line where it breaks
├── ConversationUnknown
├── ConversationClosed
├── ExtraMissing             a library that only some installations need
├── GeneratorUnavailable     no text can be generated: model, prompt or server
├── ModelDirectoryInvalid    a trained model that is incomplete or was tampered with
└── StoreUnavailable         the database cannot answer
"""

from __future__ import annotations

from pathlib import Path


class KefuError(Exception):
    """Root of everything Kefu raises on purpose; `str()` is safe to show to a user."""


class SettingsInvalid(KefuError):
    pass


class InputInvalid(KefuError):
    pass


class TextEmpty(InputInvalid):
    def __init__(self) -> None:
        super().__init__("The message is empty: write what you would like to know.")


class TextTooLong(InputInvalid):
    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"The message has {length:,} characters, the limit is {limit:,}: shorten it."
        )


class TextUnreadable(InputInvalid):
    def __init__(self, what: str) -> None:
        super().__init__(f"The message contains {what}: send plain Unicode text.")


class FileInvalid(InputInvalid):
    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {reason}")


class ConversationUnknown(KefuError):
    def __init__(self) -> None:
        super().__init__("There is no such conversation: open a new one.")


class ConversationClosed(KefuError):
    def __init__(self) -> None:
        super().__init__("This conversation is closed: open a new one.")


class ExtraMissing(KefuError):
    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra `{extra}`: pip install 'kefu[{extra}]'.")


class GeneratorUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"No answer can be generated: {reason}.")


class ModelDirectoryInvalid(KefuError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not a usable intent model: {reason}.")


class StoreUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The database cannot answer ({reason}).")
