"""The report's running text: what is not met, the summary, method and limits, in one language."""

from __future__ import annotations

from training.audits.conclusions import Audit, Conclusions, Statement
from training.audits.metrics import Limits
from training.audits.wording import Wording


def say_unmet(conclusions: Conclusions, wording: Wording) -> list[str]:
    """One sentence each; says so when there is nothing to say."""
    said = [_statement(statement, wording) for statement in conclusions.unmet]
    said += [
        wording.say("unmet", "unmeasured", part=wording.label("parts", part))
        for part in conclusions.unmeasured
    ]
    return said if conclusions.unmet else [wording.say("unmet", "none"), *said]


def summarise(audit: Audit, conclusions: Conclusions, wording: Wording) -> str:
    """One paragraph without a technical term."""
    sentences = [
        *_fairness_sentences(audit, wording),
        *_probe_sentences(audit, wording),
        *_privacy_sentences(audit, conclusions, wording),
    ]
    if conclusions.unmeasured:
        sentences.append(wording.say("summary", "unmeasured", count=len(conclusions.unmeasured)))
    return ("" if wording.language == "zh" else " ").join(sentences)


def explain_method(audit: Audit, wording: Wording) -> list[str]:
    limits = audit.fairness.limits if audit.fairness else Limits()
    return [
        item.format(
            rounds=f"{limits.rounds:,}",
            seed=limits.seed,
            error=wording.percent(1 - limits.family_confidence, digits=0),
            gap=f"{100 * limits.practical_gap:.0f}",
            smallest=limits.smallest_group,
            customers=limits.smallest_customers,
        )
        for item in wording.lists["method"]
    ]


def admit_limits(audit: Audit, wording: Wording) -> list[str]:
    pairs = f"{_pairs(audit):,}"
    items = wording.lists["limits"]
    return [item.format(pairs=pairs) for item in items if audit.probes or "{pairs}" not in item]


def _statement(statement: Statement, wording: Wording) -> str:
    values = {name: _value(name, value, wording) for name, value in statement.values.items()}
    if "dimension" in statement.values:
        dimension = str(statement.values["dimension"])
        values["dimension"] = wording.dimension(dimension)
        for name in ("group", "reference"):
            values[name] = wording.group(dimension, str(statement.values[name]))
    return wording.say("unmet", statement.rule, **values)


def _value(name: str, value: str | float, wording: Wording) -> str:
    tables = {
        "outcome": "outcomes",
        "language": "groups",
        "probe": "probes",
    }
    if name in tables:
        return wording.label(tables[name], str(value))
    if isinstance(value, float):
        signed = name in ("difference", "low", "high")
        return wording.signed_points(value) if signed else wording.percent(value)
    return str(value)


def _fairness_sentences(audit: Audit, wording: Wording) -> list[str]:
    result = audit.fairness
    if result is None:
        return [wording.say("summary", "no_scope")]
    since, until = wording.day(audit.period.since), wording.day(audit.period.until)
    gap = f"{100 * result.limits.practical_gap:.0f}"
    said = [
        wording.say(
            "summary",
            "scope",
            since=since,
            until=until,
            conversations=f"{result.conversations:,}",
            customers=f"{result.customers:,}",
        )
    ]
    verdict = "unfair" if result.flags else "fair"
    # Without a comparison there is no verdict: an empty log is not a fair one.
    if result.comparisons:
        said.append(wording.say("summary", verdict, count=len(result.flags), gap=gap))
    hidden = {
        (report.dimension, one.group)
        for report in result.dimensions
        for table in report.tables
        if table.outcome == "handed_off"
        for one in table.suppressed
    }
    if hidden:
        said.append(wording.say("summary", "hidden", count=len(hidden)))
    return said


def _probe_sentences(audit: Audit, wording: Wording) -> list[str]:
    if audit.probes is None:
        return []
    flips = sum(figure.action.flips for figure in audit.probes.figures)
    verdict = "probes_flipped" if flips else "probes_fine"
    return [wording.say("summary", verdict, pairs=f"{_pairs(audit):,}", flips=f"{flips:,}")]


def _privacy_sentences(audit: Audit, conclusions: Conclusions, wording: Wording) -> list[str]:
    if audit.privacy is None:
        return []
    count = sum(one.rule not in ("flag", "flips") for one in conclusions.unmet)
    return [wording.say("summary", "privacy_found" if count else "privacy_fine", count=count)]


def _pairs(audit: Audit) -> int:
    return sum(figure.action.pairs for figure in audit.probes.figures) if audit.probes else 0
