"""Answers from any server that speaks OpenAI's chat completions: vLLM, llama.cpp, a cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import httpx
from pydantic import SecretStr

from chatbot.errors import GeneratorUnavailable
from chatbot.generation import ChatMessage, GenerationOptions, Pieces, until_stop

CONNECT_SECONDS = 5.0
DATA = "data:"
DONE = "[DONE]"


class OpenAiGenerator:
    """`url` ends where the paths begin, as in `http://127.0.0.1:8080/v1`.

    `timeout_seconds` is the longest silence between two pieces. Nothing is tried twice: the
    caller has a curated answer. What the server says of an error is never repeated, because it
    may quote the customer. Raises GeneratorUnavailable.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        api_key: SecretStr | None = None,
        timeout_seconds: float = 30.0,
    ) -> None:
        headers = {"Accept": "text/event-stream"}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key.get_secret_value()}"
        self._model = model
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._client = httpx.Client(
            headers=headers, timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS)
        )

    @property
    def version(self) -> str:
        return f"openai:{self._model}"

    def close(self) -> None:
        self._client.close()

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        yield from until_stop(self._pieces(messages, options), options.stop)

    def _pieces(self, messages: Sequence[ChatMessage], options: GenerationOptions) -> Pieces:
        body: dict[str, object] = {
            "model": self._model,
            "messages": [{"role": each.role.value, "content": each.text} for each in messages],
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "seed": options.seed,
            "stream": True,
        }
        if options.stop:
            body["stop"] = list(options.stop)
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code != httpx.codes.OK:
                    raise GeneratorUnavailable(f"the server answered {response.status_code}")
                yield from _texts(response.iter_lines())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GeneratorUnavailable(f"the server failed ({type(error).__name__})") from None


def _texts(lines: Iterator[str]) -> Iterator[str]:
    finished = False
    for line in lines:
        if not line.startswith(DATA):
            continue
        data = line.removeprefix(DATA).strip()
        if data == DONE:
            return
        text, ended = _read(data)
        finished = finished or ended
        if text:
            yield text
    if not finished:
        raise GeneratorUnavailable("the server broke off")


def _read(data: str) -> tuple[str, bool]:
    """The text of one event and whether it is the last."""
    try:
        event = json.loads(data)
        if "error" in event:
            raise GeneratorUnavailable("the server reported an error on the way")
        if not event["choices"]:  # the event with the token counts
            return "", False
        choice = event["choices"][0]
        text = choice.get("delta", {}).get("content") or ""
        return str(text), choice.get("finish_reason") is not None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise GeneratorUnavailable("the server sent something that is no completion") from None
