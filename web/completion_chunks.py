"""A reply in the shapes of OpenAI: one object, or `data: {...}` chunks that end with `[DONE]`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.conversation import Author, Reply
from chatbot.templates import Templates
from web.schemas_completions import (
    ChatCompletion,
    Choice,
    CompletionMessage,
    KefuPart,
    Usage,
)
from web.streaming import tokens_of


def spoken(reply: Reply, templates: Templates) -> str:
    """The reply for a screen that shows text alone: what the widget has as buttons and links
    stands below it, a line each."""
    text = reply.text
    if reply.author is Author.AGENT and not text:
        text = templates.render("agent_answers", reply.language)
    blocks = [text, "\n".join(f"- {suggestion.text}" for suggestion in reply.suggestions)]
    if reply.citations:
        heading = templates.render("sources", reply.language)
        named = (
            " ".join(part for part in (f"[{number}]", cited.title, cited.url) if part)
            for number, cited in enumerate(reply.citations, start=1)
        )
        blocks.append("\n".join((heading, *named)))
    return "\n\n".join(block for block in blocks if block)


@dataclass(frozen=True)
class Completion:
    """One answer, before it takes its shape."""

    id: str
    created: int
    model: str
    content: str
    prompt_tokens: int
    kefu: KefuPart

    @property
    def usage(self) -> Usage:
        answered = len(tokens_of(self.content))
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=answered,
            total_tokens=self.prompt_tokens + answered,
        )

    def whole(self) -> ChatCompletion:
        return ChatCompletion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[Choice(message=CompletionMessage(content=self.content))],
            usage=self.usage,
            kefu=self.kefu,
        )

    async def chunks(self, *, include_usage: bool) -> AsyncIterator[str]:
        """The role first; the `kefu` part comes with the reason why it ends."""
        yield self._chunk(_choice({"role": "assistant", "content": ""}))
        for token in tokens_of(self.content):
            yield self._chunk(_choice({"content": token}))
        kefu = self.kefu.model_dump(mode="json")
        yield self._chunk(_choice({}, finish_reason="stop"), kefu=kefu)
        if include_usage:
            yield self._chunk([], usage=self.usage.model_dump())
        yield "data: [DONE]\n\n"

    def _chunk(self, choices: list[Mapping[str, Any]], **more: object) -> str:
        chunk = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
            **more,
        }
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _choice(
    delta: Mapping[str, str], *, finish_reason: str | None = None
) -> list[Mapping[str, Any]]:
    return [{"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}]
