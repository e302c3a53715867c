"""Wire models of the OpenAI-compatible interface, as far as Kefu supports it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chatbot.completions import Transcript
from web.schemas import Customer, Disclosure, ReplyBody

NEW = "new"
# Asking for what happens anyway is no wish for more.
_WITHOUT_EFFECT: dict[str, tuple[object, ...]] = {
    "user": ("",),
    "n": (1,),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


def _text_of(content: object) -> object:
    """The texts of a list of parts, a line each."""
    if not isinstance(content, list):
        return content
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        for part in content
    ]
    if not all(isinstance(text, str) for text in texts):
        raise PydanticCustomError("unsupported_value", "only parts of the type text can be read")
    return "\n".join(str(text) for text in texts)


class ChatMessage(BaseModel):
    """`system` and `developer` messages are ignored, and so is what the `assistant` is said to have
    answered: Kefu speaks from its articles, and remembers its own words."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[
        str | None,
        BeforeValidator(_text_of, json_schema_input_type=str | list[TextPart] | None),
    ] = None

    @model_validator(mode="after")
    def _said(self) -> ChatMessage:
        if self.role == "user" and self.content is None:
            raise PydanticCustomError("missing", "a message of the user needs a text")
        return self


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatMetadata(BaseModel):
    conversation_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = (
        Field(
            default=None,
            description="As an earlier answer gave it in `kefu.conversation_id`, to go on with "
            "that conversation; `new` to begin one that will be gone on with, so that forms may "
            "begin. Everything else in `metadata` is ignored.",
        )
    )


class ChatRequest(BaseModel):
    """Parameters of sampling are accepted without effect: Kefu's answers are not drawn."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="The name of a collection, as `GET /v1/models` lists them."
    )
    messages: Annotated[list[ChatMessage], Field(min_length=1)] = Field(
        description="The last one is the customer's message that is answered."
    )
    stream: bool = False
    stream_options: StreamOptions | None = None
    metadata: ChatMetadata | None = None
    user: Customer | None = Field(
        default=None,
        description="The caller's own reference of this customer: a number rather than an e-mail "
        "address, for it is kept as it comes. Or a conversation's id, from clients that cannot "
        "send `metadata`.",
    )
    temperature: Any = None
    top_p: Any = None
    seed: Any = None
    stop: Any = None
    max_tokens: Any = None
    max_completion_tokens: Any = None
    presence_penalty: Any = None
    frequency_penalty: Any = None
    logit_bias: Any = None
    reasoning_effort: Any = None
    verbosity: Any = None
    service_tier: Any = None
    store: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None
    prompt_cache_retention: Any = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, body: object) -> object:
        """Without what is null and what asks for nothing more."""
        if not isinstance(body, dict):
            return body
        return {
            name: value
            for name, value in body.items()
            if value is not None and value not in _WITHOUT_EFFECT.get(name, ())
        }

    @field_validator("messages")
    @classmethod
    def _asked(cls, messages: list[ChatMessage]) -> list[ChatMessage]:
        if messages[-1].role != "user":
            raise PydanticCustomError("unsupported_value", "the last message must be the user's")
        return messages

    @property
    def transcript(self) -> Transcript:
        told = [message for message in self.messages if message.role in ("user", "assistant")]
        return Transcript(tuple((message.role, message.content or "") for message in told))

    @property
    def conversation_id(self) -> str | None:
        return self.metadata.conversation_id if self.metadata is not None else None

    @property
    def includes_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


class KefuPart(ReplyBody):
    """What a client of OpenAI does not know: the reply as the widget gets it, and where it stands.

    `text` is the bare reply; the message's `content` adds choices and sources for who shows text.
    """

    conversation_id: str
    token: str = Field(
        description="The Bearer token of `/v1/conversations/{conversation_id}/…`: what an agent "
        "says comes by `/events` there, consent is stated at `/consent`."
    )
    handoff: bool = Field(description="A person was asked for, or answers already.")
    disclosure: Disclosure | None = Field(
        default=None,
        description="In a conversation's first answer: what the customer must be shown.",
    )


class CompletionMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    index: int = 0
    message: CompletionMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """In English words and Chinese characters: no model's tokens are counted, and nobody's bill."""

    prompt_tokens: int = Field(description="Of the customer's and the assistant's messages.")
    completion_tokens: int = Field(description="Of the answer's content.")
    total_tokens: int


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    kefu: KefuPart


class ModelBody(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="Not kept.")
    owned_by: str = "kefu"


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelBody]


class OpenAiErrorBody(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAiError(BaseModel):
    error: OpenAiErrorBody
