"""The part of the composition root that talks: company systems and the text generator."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

from chatbot.demo.company import COLLECTION
from chatbot.demo.orders import DemoOrders
from chatbot.errors import ExtraMissing, GeneratorUnavailable, SettingsInvalid
from chatbot.flows.clerk import Clerk
from chatbot.flows.form import load_forms
from chatbot.ports import CompanySystem, Generator
from chatbot.settings import Settings
from chatbot.writer import Writer

ORDER_STATUS = "order_status"
OFF = "off"


def open_clerk(settings: Settings) -> Callable[[str], Clerk]:
    """Forms by collection: those whose company system is connected."""
    system: CompanySystem | None = None
    if settings.orders_url is not None:
        from chatbot.adapters.action_http import HttpAction

        system = HttpAction(settings.orders_url, timeout_seconds=settings.orders_seconds)
    elif settings.collection == COLLECTION:
        system = DemoOrders()
    forms = tuple(form for form in load_forms() if form.name == ORDER_STATUS)
    ready = Clerk(forms, {ORDER_STATUS: system}) if system is not None else Clerk()
    # Orders are those of the company that serves by default; another collection is another's.
    return lambda collection: ready if collection == settings.collection else Clerk()


def open_writer(settings: Settings) -> Writer | None:
    """None while `generator` is off. Raises SettingsInvalid for a generator of no known kind."""
    if settings.generator == OFF:
        return None
    kind, _, where = settings.generator.partition(":")
    if kind not in _KINDS or not where:
        raise SettingsInvalid(
            "KEFU_GENERATOR cannot be used: write off, transformers:DIRECTORY, llamacpp:FILE "
            "or openai:URL."
        )
    return Writer(
        generator=_Once(lambda: _KINDS[kind](where, settings)),
        languages=frozenset(settings.generator_languages),
    )


class _Once:
    """The generator, loaded when it is first asked for; a failure is not tried again."""

    def __init__(self, load: Callable[[], Generator]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._value: Generator | None = None
        self._failure: GeneratorUnavailable | ExtraMissing | None = None

    def __call__(self) -> Generator:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._value is None:
                try:
                    self._value = self._load()
                except (GeneratorUnavailable, ExtraMissing) as error:
                    self._failure = error
                    raise
            return self._value


def _transformers(where: str, _settings: Settings) -> Generator:
    try:
        config = json.loads((Path(where) / "config.json").read_bytes())
    except (OSError, ValueError):
        raise GeneratorUnavailable(f"{where} holds no readable config.json") from None
    if config.get("is_encoder_decoder"):
        from chatbot.adapters.generator_seq2seq import Seq2SeqGenerator

        return Seq2SeqGenerator(Path(where))
    from chatbot.adapters.generator_causal import CausalGenerator

    return CausalGenerator(Path(where))


def _llamacpp(where: str, settings: Settings) -> Generator:
    from chatbot.adapters.generator_llamacpp import LlamaCppGenerator

    return LlamaCppGenerator(Path(where), threads=settings.inference_threads)


def _openai(where: str, settings: Settings) -> Generator:
    from chatbot.adapters.generator_openai import OpenAiGenerator

    return OpenAiGenerator(
        where, model=settings.generator_model, api_key=settings.generator_api_key
    )


_KINDS: dict[str, Callable[[str, Settings], Generator]] = {
    "transformers": _transformers,
    "llamacpp": _llamacpp,
    "openai": _openai,
}
