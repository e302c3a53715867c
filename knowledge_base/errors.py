"""What can go wrong with a company's knowledge.

KnowledgeError
├── SourceError
│   ├── SourceUnreadable       a path given for import cannot be read
│   ├── FormatUnknown          no reader for this kind of file
│   └── DocumentInvalid        a file, or one place in it, cannot become a document
├── CollectionError
│   ├── CollectionNameInvalid
│   ├── CollectionUnknown
│   ├── CollectionEmpty
│   │   └── NothingToServe     there are documents, but none is published and valid
│   ├── DocumentUnknown
│   ├── RevisionUnknown
│   ├── ErasureUnfinished      what is being erased cannot come back before it is gone
│   ├── ErasureUnreadable      the note of an unfinished erasure is damaged
│   └── HistoryCorrupt         a file of the history is missing, cut short or changed
├── IndexingError
│   ├── IndexMissing           nothing was built yet
│   ├── IndexOutdated          built by a version of this program with another layout
│   ├── IndexCorrupt           a file of the index is missing, cut short or changed
│   └── EmbedderMismatch       the index was built with another encoder
├── ReaderUnusable             the process that reads PDF, DOCX, XLSX and HTML does not start
├── EncoderUnusable            a model directory cannot be loaded
│   └── RetrieverMissing       what a training taught is not there, or not all of it
├── GpuUnusable                vectors should be on a GPU, and cannot
└── ScorerInvalid              saved weights do not fit the features of this version
"""

from __future__ import annotations

from pathlib import Path


class KnowledgeError(Exception):
    """Anything this package refuses to do."""


class SourceError(KnowledgeError):
    """Nothing of this file was imported."""


class SourceUnreadable(SourceError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot read {path}: {reason}")
        self.path = path


class FormatUnknown(SourceError):
    def __init__(self, path: Path, known: tuple[str, ...]) -> None:
        super().__init__(f"{path}: no knowledge in a known format here; use {', '.join(known)}")
        self.path = path


class DocumentInvalid(SourceError):
    """`line` counts from 1; 0 where the whole file is meant, or where files have no lines."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{place(path, line)}: {reason}; nothing of it was imported")
        self.path = path
        self.line = line
        self.reason = reason


def place(path: Path, line: int) -> str:
    return f"{path}, line {line}" if line else str(path)


class ReaderUnusable(KnowledgeError):
    def __init__(self) -> None:
        super().__init__(
            "the process that reads PDF, DOCX, XLSX and HTML files does not start; "
            "install Kefu's packages again (make install)"
        )


class CollectionError(KnowledgeError):
    pass


class CollectionNameInvalid(CollectionError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is not a collection name; use 1 to 64 of the characters a-z, 0-9 and -"
        )


class CollectionUnknown(CollectionError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no collection {name!r}; import documents into it first")


class CollectionEmpty(CollectionError):
    def __init__(
        self, reason: str = "there are no documents to build an index from; import some first"
    ) -> None:
        super().__init__(reason)


class NothingToServe(CollectionEmpty):
    """The last index goes on serving."""

    def __init__(self, name: str, documents: int) -> None:
        super().__init__(
            f"{name}: none of {documents} documents is published and valid today, so no index was "
            "built and the last one goes on answering; publish one, or change its validity, first"
        )


class DocumentUnknown(CollectionError):
    def __init__(self, document_id: str, where: str) -> None:
        super().__init__(f"there is no document {document_id!r} {where}")


class RevisionUnknown(CollectionError):
    def __init__(self, number: int, latest: int) -> None:
        known = f"use 1 to {latest}" if latest else "nothing was changed since it keeps a history"
        super().__init__(f"there is no revision {number}; {known}")


class ErasureUnfinished(CollectionError):
    def __init__(self, name: str, document_id: str) -> None:
        super().__init__(
            f"{name}: {document_id!r} is being erased and cannot come back before it is gone; "
            f"run `kefu kb forget --collection {name}` to finish that first"
        )


class ErasureUnreadable(CollectionError):
    def __init__(self, name: str, file: str) -> None:
        super().__init__(
            f"{name}: an erasure is unfinished and {file} cannot be read; delete that file and run "
            "`kefu kb forget` with the ids of the articles again"
        )


class HistoryCorrupt(CollectionError):
    def __init__(self, file: str, reason: str) -> None:
        super().__init__(
            f"the history is damaged: {file} {reason}; bring the folder history back from a backup"
        )


class IndexingError(KnowledgeError):
    pass


class IndexMissing(IndexingError):
    def __init__(self, root: Path) -> None:
        super().__init__(f"{root.name}: no index was built yet; build one first")


class IndexOutdated(IndexingError):
    def __init__(self, *, found: object, expected: int) -> None:
        super().__init__(
            f"the index has layout {found}, this program reads {expected}; build it again"
        )


class IndexCorrupt(IndexingError):
    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"the index is damaged: {file} {reason}; build it again")
        self.file = file
        self.reason = reason


class EmbedderMismatch(IndexingError):
    def __init__(self, *, built_with: str, loaded: str) -> None:
        super().__init__(
            f"the index was built with the encoder {built_with}, but {loaded} is loaded; "
            "build the index again"
        )


class EncoderUnusable(KnowledgeError):
    def __init__(self, directory: Path, reason: str) -> None:
        super().__init__(f"no usable encoder in {directory}: {reason}; pull the model again")
        self.reason = reason


class RetrieverMissing(EncoderUnusable):
    def __init__(self, directory: Path, reason: str) -> None:
        KnowledgeError.__init__(
            self,
            f"no taught retriever in {directory} ({reason}); run `kefu train retriever`, or set "
            "KEFU_RETRIEVER=plain and build the collections again",
        )
        self.reason = reason


class RiskUnknown(KnowledgeError):
    """A risk was stated, and nothing was taught that could say which score it takes."""

    def __init__(self) -> None:
        super().__init__(
            "KEFU_ANSWER_RISK takes a taught retriever, whose exam says what passes; run "
            "`kefu train retriever`, or remove KEFU_ANSWER_RISK"
        )


class ScorerInvalid(KnowledgeError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"the scorer's weights do not fit: {reason}; fit the scorer again")
        self.reason = reason


class GpuUnusable(KnowledgeError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no GPU can search the vectors: {reason}; KEFU_FAISS=auto also takes main memory"
        )
