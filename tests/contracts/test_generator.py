"""Every Generator keeps the same promises: the fake, T5, GPT, GGUF and a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from chatbot.adapters.generator_causal import CausalGenerator
from chatbot.adapters.generator_openai import OpenAiGenerator
from chatbot.adapters.generator_seq2seq import Seq2SeqGenerator
from chatbot.fakes import ScriptedGenerator
from chatbot.generation import ChatMessage, ChatRole, GenerationOptions
from chatbot.models.installed import State, installed, require
from chatbot.ports import Generator
from tests.conftest import cache_home
from tests.contracts.tiny_generators import (
    ANSWER,
    API_KEY,
    CompletionServer,
    serving,
    write_gpt,
    write_t5,
)

MESSAGES = (
    ChatMessage(ChatRole.SYSTEM, "Answer briefly."),
    ChatMessage(ChatRole.USER, "几天内可以退货？ How many days?"),
)
SHORT = GenerationOptions(max_tokens=24)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_gpt(folder / "gpt")
    write_t5(folder / "t5")
    return folder


@pytest.fixture(
    params=[
        "scripted",
        "t5",
        "gpt",
        "openai",
        pytest.param("gguf", marks=pytest.mark.models),
    ]
)
def generator(request: pytest.FixtureRequest, tiny: Path) -> Iterator[Generator]:
    if request.param == "scripted":
        yield ScriptedGenerator(ANSWER)
    elif request.param == "t5":
        yield Seq2SeqGenerator(tiny / "t5")
    elif request.param == "gpt":
        yield CausalGenerator(tiny / "gpt")
    elif request.param == "gguf":
        yield request.getfixturevalue("qwen")
    else:
        with serving(CompletionServer()) as url:
            client = OpenAiGenerator(url, model="tiny", api_key=SecretStr(API_KEY))
            yield client
            client.close()


@pytest.fixture(scope="module")
def qwen() -> Generator:
    states = {model.name: model.state for model in installed(home=cache_home())}
    if states["qwen"] is not State.READY:
        pytest.skip("the model qwen is not pulled: kefu models pull qwen")
    pytest.importorskip("xllamacpp")
    from chatbot.adapters.generator_llamacpp import LlamaCppGenerator

    return LlamaCppGenerator(next(require("qwen", home=cache_home()).glob("*.gguf")))


def _say(generator: Generator, options: GenerationOptions = SHORT) -> str:
    return "".join(generator.stream(MESSAGES, options=options))


def test_an_answer_comes_in_pieces_that_are_never_empty(generator: Generator) -> None:
    pieces = list(generator.stream(MESSAGES, options=SHORT))
    assert len(pieces) > 1
    assert all(pieces)
    assert generator.version


def test_the_likeliest_answer_is_the_same_every_time(generator: Generator) -> None:
    assert _say(generator) == _say(generator)


def test_a_seed_repeats_what_chance_chose(generator: Generator) -> None:
    lively = GenerationOptions(max_tokens=16, temperature=0.8, seed=7)
    assert _say(generator, lively) == _say(generator, lively)


def test_fewer_tokens_give_the_beginning_of_the_same_answer(generator: Generator) -> None:
    whole = _say(generator)
    beginning = _say(generator, GenerationOptions(max_tokens=6))
    assert whole.startswith(beginning)
    assert 0 < len(beginning) < len(whole)


def test_the_answer_ends_before_a_stop_text(generator: Generator) -> None:
    # Tiny models say one letter again and again unless chance has a say.
    whole = _say(generator, GenerationOptions(max_tokens=24, temperature=1.0, seed=7))
    stop = whole[len(whole) // 2 :][:3]
    expected = whole.split(stop)[0]
    assert expected
    options = GenerationOptions(max_tokens=24, temperature=1.0, seed=7, stop=("\x00", stop))
    assert _say(generator, options) == expected


def test_closing_ends_the_work_and_leaves_the_generator_usable(generator: Generator) -> None:
    expected = _say(generator)
    threads = threading.active_count()
    stream = generator.stream(MESSAGES, options=GenerationOptions(max_tokens=400))
    next(stream)
    stream.close()
    assert threading.active_count() <= threads
    assert list(stream) == []
    assert _say(generator) == expected


def test_several_conversations_may_ask_at_once(generator: Generator) -> None:
    expected = _say(generator)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(_say(generator))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 3
