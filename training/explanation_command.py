"""`kefu explain "text"`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from training.printing import LanguageOption
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.audits.wording import Wording
    from training.explanation import Explanation, Word

_STRONGEST = 8
_GREEN, _RED = (26, 127, 55), (179, 38, 30)
_PALE, _STRONG = 0.15, 0.5
"""Shares of the strongest word's score: below the first a word is left as it is."""


def explain(
    text: Annotated[str, typer.Argument(help="What a customer would write.")],
    model: Annotated[Path, typer.Option(help="Directory written by `kefu train intent`.")],
    intent: Annotated[
        str | None, typer.Option(help="Explain this intent instead of the one on top.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Show which words make the model read a text as an intent."""
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from chatbot.vault_home import open_vault
    from training.evaluation.sentences import evaluation_wording
    from training.explanation import Explainer

    with open_vault(load_settings()).opened(model) as directory:
        explanation = Explainer(directory).explain(text, intent)
    if as_json:
        typer.echo(json.dumps(explanation.figures(), ensure_ascii=False, allow_nan=False))
        return
    wording, console = evaluation_wording(language.value), Console()
    console.print(Text(_reading(explanation, wording)))
    console.print(Text("  ").append_text(coloured(explanation, shades=_has_shades(console))))
    console.print(_strongest(explanation, wording))
    console.print(Text(_legend(explanation, wording), style="dim"))


def _has_shades(console: Console) -> bool:
    return console.color_system in ("256", "truecolor")


def coloured(explanation: Explanation, *, shades: bool = True) -> Text:
    """The text, green where words speak for the intent and red where they speak against it.

    Without `shades`, for a terminal of sixteen colours, there are two strengths only.
    """
    shown = Text(explanation.text)
    most = max((abs(word.score) for word in explanation.words), default=0.0)
    for word in explanation.words:
        strength = word.score / most if most else 0.0
        if abs(strength) >= _PALE:
            style = _shade(strength) if shades else _plain(strength)
            shown.stylize(style, word.start, word.end)
    return shown


def _shade(strength: float) -> str:
    colour = _GREEN if strength > 0 else _RED
    red, green, blue = (round(255 + (tone - 255) * abs(strength)) for tone in colour)
    ink = "white" if abs(strength) > _STRONG else "black"
    return f"{ink} on rgb({red},{green},{blue})"


def _plain(strength: float) -> str:
    name = "green" if strength > 0 else "red"
    return f"bold reverse {name}" if abs(strength) > _STRONG else name


def _reading(explanation: Explanation, wording: Wording) -> str:
    understood = explanation.understanding
    best = understood.ranking[0][0]
    if explanation.intent != best:
        return wording.say(
            "explain", "asked", intent=explanation.intent, predicted=understood.intent
        )
    if understood.intent != best:
        return wording.say("explain", "out_of_scope", intent=best)
    sure = wording.percent(understood.confidence)
    return wording.say("explain", "reading", intent=best, confidence=sure)


def _strongest(explanation: Explanation, wording: Wording) -> Table:
    table = Table(*(wording.say("explain", name) for name in ("token", "score")))
    for word in _by_strength(explanation)[:_STRONGEST]:
        table.add_row(Text(word.token), f"{word.score:+.3f}")
    return table


def _by_strength(explanation: Explanation) -> list[Word]:
    return sorted(explanation.words, key=lambda word: -abs(word.score))


def _legend(explanation: Explanation, wording: Wording) -> str:
    legend = wording.say(
        "explain",
        "legend",
        baseline=f"{explanation.baseline:+.2f}",
        score=f"{explanation.score:+.2f}",
        gap=f"{abs(explanation.gap):.4f}",
    )
    if explanation.lexical:
        legend += "\n" + wording.say("explain", "lexical")
    if explanation.text[explanation.read_to :].strip():
        how = "cut_network" if explanation.lexical else "cut"
        legend += "\n" + wording.say("explain", how, count=f"{explanation.read_to:,}")
    return legend
