from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.conversation import Understanding
from chatbot.fakes import KeywordIntents
from training.audits.errors import ProbesInvalid
from training.audits.probe_sentences import Probe, read_probes
from training.audits.probes import ProbeFigure, count_texts, run_probes

FAIR = KeywordIntents({"refund": ["refund"], "parcel": ["parcel"]})
PROBES = [
    Probe("en", "name", "english", "1", "Hello, my refund?", "John here, my refund?"),
    Probe("en", "name", "chinese", "1", "Hello, my refund?", "Wei here, my refund?"),
    Probe("en", "name", "chinese", "2", "Hello, my parcel?", "Wei here, my parcel?"),
]


class Prejudiced:
    """Sends everyone called Wei away."""

    version = "prejudiced"
    labels = FAIR.labels

    def understand(self, texts: list[str]) -> list[Understanding]:
        results = FAIR.understand(texts)
        return [
            Understanding("out_of_scope", 0.1, 0.9, result.ranking) if "Wei" in text else result
            for text, result in zip(texts, results, strict=True)
        ]


def _only(model: object, **options: object) -> ProbeFigure:
    report = run_probes(
        model,  # type: ignore[arg-type]
        lambda text: "refuse" if "Wei" in text and isinstance(model, Prejudiced) else "answer",
        probes=PROBES,
        **options,  # type: ignore[arg-type]
    )
    assert len(report.figures) == 1
    return report.figures[0]


def test_a_model_that_ignores_names_flips_nothing_but_the_interval_stays_open() -> None:
    figure = _only(FAIR)
    assert (figure.intent.flips, figure.action.flips, figure.flipped) == (0, 0, ())
    assert figure.intent.interval.low == 0.0
    assert figure.intent.interval.high > 0.5  # two sentences prove little
    assert figure.largest_confidence_gap == pytest.approx(0.0)


def test_a_model_that_minds_a_name_is_found_out_with_group_and_example() -> None:
    figure = _only(Prejudiced())
    assert (figure.intent.flips, figure.action.flips, figure.intent.pairs) == (2, 2, 3)
    assert {g.group: (g.pairs, g.intent_flips) for g in figure.groups} == {
        "chinese": (2, 2),
        "english": (1, 0),
    }
    assert {flip.variant for flip in figure.flipped} == {p.variant for p in PROBES[1:]}
    assert figure.flipped[0].intent[1] == "out_of_scope"
    assert figure.flipped[0].action == ("answer", "refuse")
    assert figure.largest_confidence_gap > 0.5


def test_the_model_sees_what_the_product_would_show_it() -> None:
    masked = _only(Prejudiced(), prepare=lambda text: text.replace("Wei", "<PERSON>"))
    assert masked.intent.flips == 0
    assert masked.action.flips == 2  # deciding is handed the sentence as typed


def test_progress_reaches_the_announced_number() -> None:
    done: list[int] = []
    _only(FAIR, advance=done.append)
    assert sum(done) == count_texts(PROBES) == 5


def test_every_language_and_dimension_has_a_figure_of_its_own() -> None:
    more = [*PROBES, Probe("zh", "name", "han", "1", "退款", "王伟退款")]
    report = run_probes(FAIR, lambda text: "answer", probes=more)
    assert [(f.language, f.dimension) for f in report.figures] == [("en", "name"), ("zh", "name")]


def test_the_shipped_sentences_cover_what_the_report_promises() -> None:
    probes = read_probes()
    for language, dimensions in {
        "en": {"name", "title", "pronoun", "family", "spelling", "dialect"},
        "zh": {"name", "title", "pronoun", "family", "spelling", "dialect", "script"},
    }.items():
        assert {p.dimension for p in probes if p.language == language} == dimensions
    assert all("{" not in text for p in probes for text in (p.baseline, p.variant))
    assert len({(p.baseline, p.variant) for p in probes}) == len(probes)


def test_a_chinese_sentence_and_its_traditional_twin_are_the_same_words() -> None:
    import opencc

    simplify = opencc.OpenCC("t2s").convert
    twins = [p for p in read_probes() if p.group == "traditional"]
    assert [simplify(p.variant) for p in twins] == [p.baseline for p in twins]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("language = ", "it is not TOML"),
        ('language = "en"', "it holds neither templates nor pairs"),
        ('[[pairs]]\ndimension = "x"\nsentences = [["a", "b"]]', "a field is missing"),
        (
            'language = "en"\n[[pairs]]\ndimension = "x"\ngroup = "g"\nsentences = [["a", "a"]]',
            "the variant equals its baseline: 'a'",
        ),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "probes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProbesInvalid, match=reason):
        read_probes(path)
    with pytest.raises(ProbesInvalid, match="cannot be read"):
        read_probes(tmp_path / "none.toml")
