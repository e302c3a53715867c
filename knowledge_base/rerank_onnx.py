"""The reranker in ONNX Runtime, from a folder that `export_reranker` wrote."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import TextTokenizer
from knowledge_base.encoder_onnx import onnx_session
from knowledge_base.errors import EncoderUnusable
from knowledge_base.passages import Passage
from knowledge_base.rerank_graph import MEANS, PASSAGE_MASK, QUERY_MASK, STATES
from knowledge_base.storage import sha256_of

ALONE = "alone.int8.onnx"
TOGETHER = "together.int8.onnx"
HEAD = "head.npz"
MANIFEST = "reranker.json"
FORMAT = 1
PARTS = (ALONE, TOGETHER, HEAD)

QUERY = "query: "
PASSAGE = "passage: "
LONGEST_TOKENS = 200
"""Of either text; what comes after is not read."""
_KEPT = 256
"""Passages whose first layers are remembered, about 90 kB each."""

States = NDArray[np.float16]
"""`(t, d)`"""


class RerankerOnnx:
    """Threads may share it. A query costs the first layers once, and the others for each passage;
    a passage's first layers are computed when it is first read and remembered for a while."""

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        hashes = _checked(directory)
        self.fingerprint = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
        self.name = f"reranker-{self.fingerprint[:8]}"
        self._tokenizer = TextTokenizer(directory, limit=LONGEST_TOKENS)
        self._alone = onnx_session(directory / ALONE, threads)
        self._together = onnx_session(directory / TOGETHER, threads)
        with np.load(directory / HEAD, allow_pickle=False) as head:
            self._segments = head["segments"]
            self._inner, self._inner_bias = head["inner"], head["inner_bias"]
            self._outer, self._outer_bias = head["outer"], head["outer_bias"]
        self._kept: OrderedDict[str, States] = OrderedDict()
        self._one_keeps = threading.Lock()

    def logits(self, query: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        if not passages:
            return np.empty(0, dtype=np.float32)
        asked = self._read([f"{QUERY}{query}"])[0]
        return self._judge(asked, self._passages([text_of(passage) for passage in passages]))

    def _passages(self, texts: Sequence[str]) -> list[States]:
        with self._one_keeps:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= dict(zip(missing, self._read(missing), strict=True))
        with self._one_keeps:
            for text in texts:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return [known[text] for text in texts]

    def _read(self, texts: Sequence[str]) -> list[States]:
        encodings = self._tokenizer.encode(texts)
        batch = self._tokenizer.batch(encodings)
        feeds = {"input_ids": batch.ids, "attention_mask": batch.mask}
        states = self._alone.run([STATES], feeds)[0].astype(np.float16)
        return [row[: len(one.ids)] for row, one in zip(states, encodings, strict=True)]

    def _judge(self, asked: States, passages: Sequence[States]) -> NDArray[np.float32]:
        longest = max(len(each) for each in passages)
        shape = (len(passages), len(asked) + longest)
        states = np.zeros((*shape, asked.shape[1]), dtype=np.float32)
        masks = {name: np.zeros(shape, dtype=np.int64) for name in (QUERY_MASK, PASSAGE_MASK)}
        states[:, : len(asked)] = asked + self._segments[0]
        masks[QUERY_MASK][:, : len(asked)] = 1
        for row, each in enumerate(passages):
            place = slice(len(asked), len(asked) + len(each))
            states[row, place] = each + self._segments[1]
            masks[PASSAGE_MASK][row, place] = 1
        means = self._together.run(list(MEANS), {STATES: states, **masks})
        inner = np.concatenate(means, axis=1) @ self._inner.T + self._inner_bias
        logits: NDArray[np.float32] = np.tanh(inner) @ self._outer + self._outer_bias
        return logits


def text_of(passage: Passage) -> str:
    """What the reranker reads of it."""
    head = passage.questions[0] if passage.questions else passage.title
    return f"{PASSAGE}{head}\n{passage.text}"


def _checked(directory: Path) -> list[str]:
    """The hashes of its parts. Raises EncoderUnusable."""
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        found = [sha256_of(directory / name) for name in PARTS]
        whole = manifest["format"] == FORMAT and manifest["files"] == dict(
            zip(PARTS, found, strict=True)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnusable(directory, f"no exported reranker ({error})") from None
    if not whole:
        raise EncoderUnusable(directory, "the reranker's files are not those that were exported")
    return found
