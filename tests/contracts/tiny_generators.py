"""Random models of a few thousand weights, and a server that speaks chat completions."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

END, PADDING = "<end>", "<pad>"
ANSWER = "Seven days, 七天内可以退货。"
API_KEY = "not-a-real-key"


def write_tokenizer(directory: Path, *, chat_template: str | None = None) -> int:
    """One token a byte; returns the size of the vocabulary."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {name: number for number, name in enumerate([PADDING, END, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PADDING, eos_token=END)
    fast.chat_template = chat_template
    fast.save_pretrained(directory)
    return len(vocabulary)


def write_gpt(directory: Path, *, chat_template: str | None = None) -> Path:
    size = write_tokenizer(directory, chat_template=chat_template)
    torch.manual_seed(1)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=size,
            n_positions=512,
            n_embd=32,
            n_layer=2,
            n_head=2,
            bos_token_id=1,
            eos_token_id=1,
            pad_token_id=0,
        )
    )
    _talk_plain_text(model.transformer.wte.weight, spread=0.3)
    model.save_pretrained(directory)
    return directory


def write_t5(directory: Path) -> Path:
    size = write_tokenizer(directory)
    torch.manual_seed(2)
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=size,
            d_model=32,
            d_kv=16,
            d_ff=64,
            num_layers=2,
            num_heads=2,
            decoder_start_token_id=0,
            pad_token_id=0,
            eos_token_id=1,
        )
    )
    _talk_plain_text(model.shared.weight, spread=1.0)
    model.save_pretrained(directory)
    return directory


@torch.no_grad()
def _talk_plain_text(embedding: torch.Tensor, *, spread: float) -> None:
    """Neither the end nor a byte beyond ASCII is ever the likeliest: its logit is 0."""
    letters = [2 + number for number in range(93)]
    rows = torch.zeros_like(embedding)
    rows[letters] = torch.randn(len(letters), embedding.shape[1]) * spread
    # What the model reads has to differ, too: bytes of Chinese get very small vectors.
    rows[95:] = torch.randn(embedding.shape[0] - 95, embedding.shape[1]) * 1e-3
    embedding.copy_(rows)


class CompletionServer:
    """Says ANSWER, a character a token; some words in the question make it misbehave."""

    def __init__(self) -> None:
        self.left_early = threading.Event()
        self.app = Starlette(
            routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])]
        )

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        question = body["messages"][-1]["content"]
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return JSONResponse({"error": {"message": "who are you"}}, status_code=401)
        if "overload" in question:
            return JSONResponse({"error": {"message": question}}, status_code=503)
        return StreamingResponse(
            self._events(question, body["max_tokens"]), media_type="text/event-stream"
        )

    async def _events(self, question: str, max_tokens: int) -> AsyncIterator[str]:
        answer = ANSWER * 2000 if "endless" in question else ANSWER
        finished = False
        try:
            for letter in answer[:max_tokens]:
                yield _event({"choices": [{"index": 0, "delta": {"content": letter}}]})
                if "endless" in question:
                    await asyncio.sleep(0.001)
            finished = True
            if "garbage" in question:
                yield "data: {not json\n\n"
            if "break off" in question:
                return
            yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            yield _event({"choices": [], "usage": {"completion_tokens": 1}})
            yield "data: [DONE]\n\n"
        finally:
            if not finished:
                self.left_early.set()


def _event(value: object) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


@contextmanager
def serving(server: CompletionServer) -> Iterator[str]:
    """The address below which the paths begin."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        running = uvicorn.Server(uvicorn.Config(server.app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}/v1"
        running.should_exit = True
        thread.join(10)
