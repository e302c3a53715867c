"""Answers from a GGUF file through llama.cpp."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatbot.errors import ExtraMissing, GeneratorUnavailable
from chatbot.generation import (
    ChatMessage,
    GenerationOptions,
    Pieces,
    until_stop,
    weights_version,
)

try:
    import xllamacpp
except ModuleNotFoundError:
    raise ExtraMissing("llama.cpp", "generate") from None

SILENT = -1
STOP_SECONDS = 2.0


class LlamaCppGenerator:
    """Several conversations may ask at once; they are answered one after the other.

    `threads` is what one answer computes with, `context_tokens` holds prompt and answer. Raises
    GeneratorUnavailable where the file is not a model. The library also listens on a port of
    127.0.0.1: a key that nobody knows keeps that closed.
    """

    def __init__(self, file: Path, *, threads: int = 1, context_tokens: int = 4096) -> None:
        if not file.is_file():
            raise GeneratorUnavailable(f"{file} is missing")
        try:
            self._server = xllamacpp.Server(_parameters(file, threads, context_tokens))
        except RuntimeError:
            raise GeneratorUnavailable(f"{file} is not a GGUF model that loads") from None
        self._version = weights_version(file.stem, [file])

    @property
    def version(self) -> str:
        return self._version

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        request = {
            "messages": [{"role": each.role.value, "content": each.text} for each in messages],
            "max_tokens": options.max_tokens,
            "temperature": max(options.temperature, 0.0),
            "seed": options.seed,
            "stream": True,
        }
        yield from until_stop(self._pieces(request), options.stop)

    def _pieces(self, request: Mapping[str, object]) -> Pieces:
        # The library calls back, an iterator is asked: a thread and a queue stand between them.
        arrived: queue.SimpleQueue[object] = queue.SimpleQueue()
        cancelled = threading.Event()

        def take(chunk: object) -> bool:
            arrived.put(chunk)
            return cancelled.is_set()

        def work() -> None:
            try:
                self._server.handle_chat_completions(request, take)
                arrived.put(None)
            except (RuntimeError, ValueError) as error:
                arrived.put({"error": {"type": type(error).__name__}})

        worker = threading.Thread(target=work, name="llama.cpp")
        worker.start()
        try:
            while (chunk := arrived.get()) is not None:
                if text := _text(chunk):
                    yield text
        finally:
            cancelled.set()
            # It notices at its next token; while it still reads a long prompt, later than this.
            worker.join(STOP_SECONDS)


def _text(chunk: Any) -> str:
    if "error" in chunk:
        raise GeneratorUnavailable(f"llama.cpp says {chunk['error'].get('type', 'error')}")
    choices = chunk.get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


def _parameters(file: Path, threads: int, context_tokens: int) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.n_ctx = context_tokens
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.verbosity = SILENT
    parameters.warmup = False
    parameters.ui = False
    parameters.api_keys = [secrets.token_urlsafe(32)]
    # Else it keeps the prompts of earlier customers, up to 8 GiB of them.
    parameters.cache_ram_mib = 0
    return parameters
