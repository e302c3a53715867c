"""What one generator promises beyond the contract."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from safetensors.torch import load_file, save_file

from chatbot.adapters import generator_steps
from chatbot.adapters.generator_causal import CausalGenerator
from chatbot.adapters.generator_openai import OpenAiGenerator
from chatbot.adapters.generator_seq2seq import Seq2SeqGenerator
from chatbot.errors import ExtraMissing, GeneratorUnavailable
from chatbot.generation import ChatMessage, ChatRole, GenerationOptions
from chatbot.ports import Generator
from tests.contracts.tiny_generators import (
    ANSWER,
    API_KEY,
    CompletionServer,
    serving,
    write_gpt,
    write_t5,
)

TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.fixture
def server() -> Iterator[tuple[CompletionServer, str]]:
    one = CompletionServer()
    with serving(one) as url:
        yield one, url


def _say(generator: Generator, text: str, options: GenerationOptions | None = None) -> str:
    messages = [ChatMessage(ChatRole.USER, text)]
    return "".join(generator.stream(messages, options=options or GenerationOptions()))


@contextmanager
def _client(url: str, key: str = API_KEY) -> Iterator[OpenAiGenerator]:
    client = OpenAiGenerator(url, model="m", api_key=SecretStr(key), timeout_seconds=10.0)
    yield client
    client.close()


def test_a_chat_template_is_used_where_there_is_one(tmp_path: Path) -> None:
    write_gpt(tmp_path / "plain")
    write_gpt(tmp_path / "chat", chat_template=TEMPLATE)
    plain, chat = CausalGenerator(tmp_path / "plain"), CausalGenerator(tmp_path / "chat")
    messages = [ChatMessage(ChatRole.USER, "hi")]
    assert plain._tokenizer.decode(plain._prompt(messages)[0]) == "user: hi\n\nassistant:"
    assert chat._tokenizer.decode(chat._prompt(messages)[0]) == "<user>hi<assistant>"


def test_a_prompt_longer_than_the_model_is_refused_and_an_answer_never_leaves_it(
    tmp_path: Path,
) -> None:
    generator = CausalGenerator(write_gpt(tmp_path / "gpt"))
    with pytest.raises(GeneratorUnavailable, match="the model takes 512"):
        _say(generator, "x" * 600)
    close_to_the_end = _say(generator, "x" * 480, GenerationOptions(max_tokens=100))
    assert 0 < len(close_to_the_end) < 32


@pytest.mark.parametrize("kind", [CausalGenerator, Seq2SeqGenerator])
def test_a_folder_that_is_no_model_is_named(
    kind: type[CausalGenerator | Seq2SeqGenerator], tmp_path: Path
) -> None:
    with pytest.raises(GeneratorUnavailable, match="holds no model"):
        kind(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(GeneratorUnavailable, match="does not load"):
        kind(tmp_path)


def test_pickled_weights_are_not_loaded(tmp_path: Path) -> None:
    folder = write_t5(tmp_path / "t5")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(GeneratorUnavailable, match="does not load"):
        Seq2SeqGenerator(folder)


def test_the_version_follows_the_weights(tmp_path: Path) -> None:
    folder = write_gpt(tmp_path / "gpt")
    before = CausalGenerator(folder).version
    assert before.startswith("gpt@")
    assert CausalGenerator(folder).version == before
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights["transformer.ln_f.bias"] += 1
    save_file(weights, file, metadata={"format": "pt"})
    assert CausalGenerator(folder).version != before


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("overload", "answered 503"),
        ("garbage", "no completion"),
        ("break off", "broke off"),
    ],
)
def test_what_goes_wrong_at_the_server_is_told_without_the_customers_words(
    server: tuple[CompletionServer, str], question: str, reason: str
) -> None:
    with _client(server[1]) as client, pytest.raises(GeneratorUnavailable, match=reason) as caught:
        _say(client, f"secret words: {question}")
    assert "secret words" not in str(caught.value)


def test_a_wrong_key_is_refused_and_no_key_is_ever_shown(
    server: tuple[CompletionServer, str],
) -> None:
    refused = pytest.raises(GeneratorUnavailable, match="answered 401")
    with _client(server[1], key="wrong-key") as client, refused as caught:
        _say(client, "hi")
    assert "wrong-key" not in f"{caught.value} {client.version}"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    refused = pytest.raises(GeneratorUnavailable, match="ConnectError")
    with _client("http://127.0.0.1:9/v1") as client, refused:
        _say(client, "hi")


@pytest.mark.parametrize("url", ["not an address", "http://[bad/v1", ""])
def test_an_address_that_is_none_is_unavailable(url: str) -> None:
    with _client(url) as client, pytest.raises(GeneratorUnavailable):
        _say(client, "hi")


def test_the_server_sees_a_customer_who_left(server: tuple[CompletionServer, str]) -> None:
    messages = [ChatMessage(ChatRole.USER, "endless")]
    options = GenerationOptions(max_tokens=50_000)
    with _client(server[1]) as client:
        stream = client.stream(messages, options=options)
        assert next(stream) == ANSWER[0]
        stream.close()
        assert server[0].left_early.wait(10)


def test_a_tokenizer_that_needs_sentencepiece_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_t5(tmp_path / "t5")
    (folder / "tokenizer.json").rename(folder / "spiece.model")
    monkeypatch.setattr(generator_steps, "find_spec", lambda _name: None)
    with pytest.raises(ExtraMissing, match=r"pip install 'kefu\[generate\]'"):
        Seq2SeqGenerator(folder)


def test_llama_cpp_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.delitem(sys.modules, "chatbot.adapters.generator_llamacpp", raising=False)
    with pytest.raises(ExtraMissing, match=r"pip install 'kefu\[generate\]'"):
        importlib.import_module("chatbot.adapters.generator_llamacpp")


def test_llama_cpp_names_a_file_that_is_missing_or_no_model(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    from chatbot.adapters.generator_llamacpp import LlamaCppGenerator

    with pytest.raises(GeneratorUnavailable, match="is missing"):
        LlamaCppGenerator(tmp_path / "none.gguf")
    wrong = tmp_path / "wrong.gguf"
    wrong.write_text("no weights")
    with pytest.raises(GeneratorUnavailable, match="not a GGUF model"):
        LlamaCppGenerator(wrong)
