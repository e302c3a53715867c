"""What an evaluation says in sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from training.audits.wording import Wording, load_wording

if TYPE_CHECKING:
    # They take seconds to import, and `kefu evaluate pii` needs none of them.
    from training.evaluation.coverage import Coverage
    from training.evaluation.intent import Report
    from training.evaluation.rivalry import Rivalry
    from training.evaluation.significance import PairedTest

_FOLDER = Path(__file__).parent / "wording"
_SMALLEST_P = 0.001


def evaluation_wording(language: str) -> Wording:
    return load_wording(language, folder=_FOLDER)


def summarise(figures: Report, wording: Wording) -> str:
    parts = [
        ("rows", {"n": f"{figures['n']:,}", "accuracy": figures["accuracy"]}),
        ("in_scope", {"accuracy": figures["in_scope_accuracy"]}),
        ("out_of_scope", {"recall": figures["oos_recall"]}),
        ("sure", {"ece": figures["ece"]}),
    ]
    return _spaced(
        [
            wording.say("summary", key, **{k: _shown(v, wording) for k, v in values.items()})
            for key, values in parts
            if None not in values.values()
        ],
        wording,
    )


def say_rivalry(rivalry: Rivalry, wording: Wording) -> str:
    test = rivalry.test
    sentences = [
        wording.say(
            "against",
            _verdict(test),
            n=f"{test.n:,}",
            other=rivalry.version,
            difference=wording.signed_points(test.difference),
            low=wording.signed_points(test.interval.low),
            high=wording.signed_points(test.interval.high),
            changed=f"{test.won + test.lost:,}",
            won=f"{test.won:,}",
            p=say_p(test.p_value),
        )
    ]
    if rivalry.left_out:
        sentences.append(wording.say("against", "left_out", count=f"{rivalry.left_out:,}"))
    return _spaced(sentences, wording)


def say_p(value: float) -> str:
    return f"< {_SMALLEST_P}" if value < _SMALLEST_P else f"= {value:.3f}"


def say_coverage(coverage: Coverage, wording: Wording) -> str:
    if coverage.threshold is None:
        how = wording.say("coverage", "never", risk=wording.percent(coverage.risk))
    else:
        how = wording.say(
            "coverage",
            "shipped",
            threshold=f"{coverage.threshold:.3f}",
            coverage=wording.percent(coverage.coverage),
            risk=wording.percent(coverage.risk),
        )
    rejected = wording.say(
        "coverage",
        "rejected",
        rejected=wording.percent(coverage.in_scope_rejected),
        answered=wording.percent(coverage.out_of_scope_answered),
    )
    return _spaced([how, rejected], wording)


def say_keys(keys: Mapping[str, str], wording: Wording) -> str:
    """What short names in a picture stand for; empty where every label could be drawn."""
    if not keys:
        return ""
    shown = "; ".join(f"{short} = {label}" for short, label in keys.items())
    return wording.say("notes", "key", keys=shown)


def _verdict(test: PairedTest) -> str:
    if not test.significant:
        return "even"
    return "better" if test.won > test.lost else "worse"


def _shown(value: float | str | None, wording: Wording) -> str:
    return value if isinstance(value, str) else wording.percent(value)


def _spaced(sentences: list[str], wording: Wording) -> str:
    return ("" if wording.language == "zh" else " ").join(sentences)
