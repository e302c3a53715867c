"""What one customer is going to say: a pure function of the seed, the number and the mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from chatbot.policy import OUT_OF_SCOPE, REQUEST_HUMAN
from chatbot.simulate.canaries import Canary, CanaryKind, canary
from chatbot.simulate.mix import Mix, Plot, choose
from chatbot.simulate.phrases import Phrases, Question, Repertoire

COMPLAINT = "complaint"
MOST_QUESTIONS = 3
SMALL_TALK = ("greeting", "small_talk", "thanks", "goodbye")


@dataclass(frozen=True)
class Line:
    text: str
    intent: str | None
    """What the customer means; None for a remark that means nothing by itself."""
    rating: float = 0.0
    """In [0, 1): below the chance of a rating, the customer rates the answer."""


@dataclass(frozen=True)
class Script:
    number: int
    customer: str
    language: str
    channel: str
    plot: Plot
    improve: bool
    audit: bool
    lines: tuple[Line, ...]
    canaries: tuple[Canary, ...]
    presses_button: bool
    """Asks for a person without words, after the last line."""
    last_word: str
    """To a person who answered."""
    unhelpful: str | None
    """Why an answer was no help, or nothing."""
    helpful: str | None
    closes: bool
    tells: float | None = None
    """In [0, 1): where among the values that the company offers this customer's lies; None: does
    not tell."""


def write_script(number: int, *, seed: int, mix: Mix, repertoire: Repertoire) -> Script:
    """The same arguments give the same script, whatever else the run holds."""
    random = Random(f"{seed}:{number}")
    chances = mix.chances
    language = choose(random, mix.languages)
    phrases = repertoire.phrases[language]
    plot = choose(random, mix.plots_of(language))
    button = plot is Plot.PERSON and random.random() < chances.button
    lines = _lines(random, plot, language, repertoire, button=button)
    if plot is not Plot.SMALL_TALK:
        if random.random() < chances.greeting:
            lines = [Line(random.choice(phrases.greeting), "greeting"), *lines]
        if random.random() < chances.thanks:
            lines = [*lines, Line(random.choice(phrases.thanks), None)]
    canaries: tuple[Canary, ...] = ()
    if random.random() < chances.personal_data:
        kinds = random.sample(list(CanaryKind), random.randint(1, 2))
        canaries = tuple(canary(kind, seed=seed, number=number) for kind in kinds)
        lines = _plant(random, lines, canaries, phrases)
    rated = [
        Line(line.text, line.intent, rating=random.random()) if line.intent else line
        for line in lines
    ]
    reason = random.random() < chances.reason
    # Of its own seed: the same numbers say the same things as before customers told anything.
    telling = Random(f"{seed}:{number}:tells")
    return Script(
        number=number,
        customer=f"simulated-{seed}-{number}",
        language=language,
        channel=choose(random, mix.channels),
        plot=plot,
        improve=random.random() < chances.improve,
        audit=random.random() < chances.audit,
        lines=tuple(rated),
        canaries=canaries,
        presses_button=button,
        last_word=random.choice(phrases.agent_answered),
        unhelpful=random.choice(phrases.unhelpful) if reason else None,
        helpful=random.choice(phrases.helpful) if reason else None,
        closes=random.random() < chances.closing,
        tells=telling.random() if telling.random() < chances.attribute else None,
    )


def _lines(
    random: Random, plot: Plot, language: str, repertoire: Repertoire, *, button: bool
) -> list[Line]:
    phrases = repertoire.phrases[language]
    questions = repertoire.questions[language]
    known = repertoire.by_intent[language]
    if plot is Plot.PERSON:
        first = [_ask(random, random.choice(questions), phrases)]
        return first if button else [*first, _say(random, known[REQUEST_HUMAN])]
    if plot is Plot.FOLLOW_UP:
        asked = _ask(random, random.choice(questions), phrases)
        return [asked, Line(random.choice(phrases.follow_up), None)]
    if plot is Plot.OUT_OF_SCOPE:
        return [_say(random, known[OUT_OF_SCOPE])]
    if plot is Plot.ANGRY:
        return [_ask(random, random.choice(questions), phrases), _say(random, known[COMPLAINT])]
    if plot is Plot.SMALL_TALK:
        return [_say(random, known[name]) for name in SMALL_TALK]
    if plot is Plot.EXTRA and repertoire.extra[language]:
        return [_ask(random, random.choice(repertoire.extra[language]), phrases)]
    asked_about = random.sample(questions, random.randint(1, MOST_QUESTIONS))
    return [_ask(random, question, phrases) for question in asked_about]


def _ask(random: Random, question: Question, phrases: Phrases) -> Line:
    opening = random.choice(phrases.opening)
    return Line(opening.replace("{question}", question.text), question.intent)


def _say(random: Random, questions: Sequence[Question]) -> Line:
    chosen = random.choice(questions)
    return Line(chosen.text, chosen.intent)


def _plant(
    random: Random, lines: Sequence[Line], canaries: Sequence[Canary], phrases: Phrases
) -> list[Line]:
    """In the same message or in one of its own, as people do."""
    planted = list(lines)
    for each in canaries:
        said = random.choice(phrases.personal_data[each.kind]).replace("{value}", each.value)
        place = random.randrange(len(planted))
        if random.random() < 0.5:
            line = planted[place]
            planted[place] = Line(f"{line.text} {said}", line.intent)
        else:
            planted.insert(place + 1, Line(said, None))
    return planted
