"""What can go wrong in a conversation, and around it.

KefuError
├── AccountInvalid           an account cannot be made or changed like this
├── AttributeRefused         an attribute for audits without consent to audits
├── SettingsInvalid          a setting has a value Kefu cannot use
├── InputInvalid             the caller's text or file cannot be used
│   ├── ApiKeyInvalid        a key cannot be issued like this
│   ├── AttributeUnknown     an attribute or value that the company does not ask for
│   ├── TextEmpty
│   ├── TextTooLong
│   ├── TextUnreadable       NUL bytes or lone surrogates
│   ├── PurposeMissing       personal data is opened or ended for a stated reason only
│   └── FileInvalid          a file the caller named, with the line where it breaks
├── ConversationUnknown
├── ConversationClosed
├── CustomerMissing          the host page did not say whose conversation it is
├── CustomerUnknown          nothing is kept under this reference
├── ExtraMissing             a library that only some installations need
├── BrokerUnavailable        nobody carries messages to the workers
├── BrokerTaken              another process runs the broker of this KEFU_HOME
├── JobKindUnknown
├── JobUnknown
├── JobArgumentUnknown       a job was given what it does not know, or not what it needs
├── JobTooLong               a job was stopped at its time limit
├── ActionUnavailable        a company system cannot be asked, or answers nonsense
├── GeneratorUnavailable     no text can be generated: model, prompt or server
├── HandoffRefused           somebody else has the conversation, or it is over
│   └── TakenOver            an agent came while the bot looked for its answer
├── KnowledgeServerUnavailable  the Milvus server cannot be asked, or refuses
├── MemoryHomeUnusable       no room in main memory for what lies sealed on disk
├── ModelDirectoryInvalid    a trained model that is incomplete or was tampered with
├── NameModelInvalid         the same of the model that finds names and addresses
├── NotFound                 what the console asked for is not there
├── OriginalGone             a message whose original was erased, expired or never sealed
├── PlaintextRefused        something readable was to be stored where sealed values stand
├── SignInRefused
├── SignInThrottled          too many tries
├── StoreUnavailable         the database cannot answer
└── UnsealRefused            this role may not open this original
"""

from __future__ import annotations

from pathlib import Path


class KefuError(Exception):
    """Root of everything Kefu raises on purpose; `str()` is safe to show to a user."""


class SettingsInvalid(KefuError):
    pass


class InputInvalid(KefuError):
    pass


class ApiKeyInvalid(InputInvalid):
    pass


class AttributeUnknown(InputInvalid):
    def __init__(self, what: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no such {what}; there are {', '.join(known) or 'none'}.")


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


class PurposeMissing(InputInvalid):
    def __init__(self, shortest: int) -> None:
        super().__init__(
            f"Say what it is needed for, in at least {shortest} characters: "
            "the purpose is written to the audit ledger."
        )


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


class BrokerUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No broker carries jobs to a worker ({reason}): start `kefu serve`, "
            "or set KEFU_REDIS_URL."
        )


class BrokerTaken(KefuError):
    def __init__(self, home: Path, process: str) -> None:
        super().__init__(
            f"Another `kefu serve` (process {process}) runs the workers of {home}: stop it, "
            "choose another KEFU_HOME, or add --no-workers."
        )


class JobKindUnknown(KefuError):
    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no job {name!r}; there are {', '.join(known) or 'none'}.")


class JobUnknown(KefuError):
    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job with the id {job_id!r}: `kefu jobs list` shows them.")


class JobArgumentUnknown(KefuError):
    def __init__(
        self, name: str, argument: str, known: tuple[str, ...], *, missing: bool = False
    ) -> None:
        what = f"needs {argument!r}" if missing else f"knows no {argument!r}"
        super().__init__(f"The job {name} {what}; it takes {', '.join(known) or 'nothing'}.")


class JobTooLong(KefuError):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"It was stopped: it took longer than {seconds} seconds.")


class ActionUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The company system cannot be asked: {reason}.")


class GeneratorUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"No answer can be generated: {reason}.")


class AccountInvalid(KefuError):
    pass


class HandoffRefused(KefuError):
    pass


class TakenOver(HandoffRefused):
    """The customer's message is kept, the bot's answer is not."""

    def __init__(self) -> None:
        super().__init__("An agent has this conversation now: the agent answers.")


class NotFound(KefuError):
    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class SignInRefused(KefuError):
    def __init__(self) -> None:
        super().__init__("The e-mail address and the password do not belong together.")


class SignInThrottled(KefuError):
    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            f"Too many tries: wait {max(1, wait_seconds // 60)} minutes and sign in again."
        )
        self.wait_seconds = wait_seconds


class KnowledgeServerUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The Milvus server cannot be asked ({reason}): start it, or check KEFU_MILVUS_URI "
            "and KEFU_MILVUS_TOKEN."
        )


class MemoryHomeUnusable(KefuError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Sealed files cannot be opened in {path}: {reason}; let KEFU_MEMORY_HOME name a tmpfs "
            "with enough room (for a container: --shm-size)."
        )


class ModelDirectoryInvalid(KefuError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not a usable intent model: {reason}.")


class NameModelInvalid(KefuError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} is not a usable name model: {reason}; make it anew: kefu train names."
        )


class StoreUnavailable(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The database cannot answer ({reason}).")


class CustomerUnknown(KefuError):
    def __init__(self) -> None:
        super().__init__("Nothing is kept under this reference: check how the host page writes it.")


class CustomerMissing(KefuError):
    def __init__(self) -> None:
        super().__init__(
            "This conversation belongs to nobody by name: open one with `customer`, the host "
            "page's own reference."
        )


class AttributeRefused(KefuError):
    def __init__(self) -> None:
        super().__init__(
            "Attributes are kept only while the customer agrees to audits: state that consent "
            "first."
        )


class OriginalGone(KefuError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"There is no original to open: {reason}.")


class PlaintextRefused(KefuError):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"A column for sealed values was given {what}, and nothing was stored: seal it with "
            "the customer's key first."
        )


class UnsealRefused(KefuError):
    def __init__(self, role: str) -> None:
        super().__init__(
            f"The role {role} may not open this original: "
            "an agent takes the conversation first, administrators and auditors may always."
        )
