"""The steps of the day. Each returns the figures that the summary quotes, or raises StepFailed."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatbot.adapters.broker_address import broker_address
from chatbot.demo.company import COLLECTION
from chatbot.settings import Settings
from training.audits.log import audits_home
from training.cycle_run import Outcome
from training.demo_day import new_intent
from training.demo_day.erasure import prove_erasure
from training.demo_day.kefu_process import Terminal
from training.demo_day.leaks import Detector, scan_broker, scan_files, scan_tables, together
from training.demo_day.new_intent import Answered, ask_check_questions, label_reviews
from training.errors import StepFailed

Figures = Mapping[str, object]

EXTRA_SHARE = 0.4
"""Of the simulated conversations: asks about what the shipped model does not know."""
LEAST_LABELS = 10
SENTENCES_TO_REVIEW = 200
"""Enough for all that is asked about the new intent: the held-out fifth of it must be more than a
handful, or the gate tosses coins."""
LEAST_RECOGNISED = 0.6
"""Share of the check questions whose intent the new model must name."""
LEAST_GAINED = 0.25
"""Share of the check questions without an answer before that must have one after. A model taught
some twenty sentences is often not sure enough to answer at once."""
LEAST_HELPED = 0.5
"""Share of the check questions that must be answered, or answered by one click."""
SWAP_SECONDS = 30.0
ROLES = ("admin", "agent", "auditor")
PROMOTED = Outcome.PROMOTED.value


@dataclass(frozen=True)
class DayOrder:
    out: Path
    conversations: int
    seed: int
    source: Path | None
    """A KEFU_HOME whose weights and demo company are taken over; trained anew without it."""
    epochs: int | None = None


@dataclass
class Day:
    """What the steps leave for each other."""

    order: DayOrder
    stack: ExitStack
    terminal: Terminal
    url: str = ""
    agent: str | None = None
    password_file: Path | None = None
    before: Sequence[Answered] = ()
    simulation: dict[str, Any] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.order.out / "home"

    @property
    def settings(self) -> Settings:
        # The home's own, whatever the operator's are.
        return Settings.model_construct(home=self.home.resolve())

    @property
    def logs(self) -> Path:
        return self.order.out / "logs"

    @property
    def evidence(self) -> Path:
        return self.order.out / "evidence"

    @property
    def database(self) -> Path:
        return self.home / "kefu.db"


def begin(order: DayOrder, stack: ExitStack) -> Day:
    for folder in ("home", "logs", "evidence"):
        (order.out / folder).mkdir(parents=True, exist_ok=True)
    terminal = Terminal(order.out / "home", order.out / "logs" / "commands.log")
    return Day(order, stack, terminal)


def open_company(day: Day) -> Figures:
    source = day.order.source
    if source is not None:
        for name in ("collections", "intents", "names", "demo"):
            if (source / name).is_dir():
                shutil.copytree(source / name, day.home / name)
        if (source / "models").is_dir():
            (day.home / "models").symlink_to((source / "models").resolve())
    day.terminal.run("demo")
    day.terminal.run("kb", "import", new_intent.KNOWLEDGE, "--collection", COLLECTION)
    day.terminal.run("kb", "build", "--collection", COLLECTION)
    return {"intent": new_intent.INTENT}


def serve(day: Day) -> Figures:
    day.url = day.stack.enter_context(day.terminal.serving(day.logs / "serve.log"))
    return {"url": day.url}


def add_accounts(day: Day) -> Figures:
    secret = Path(day.stack.enter_context(tempfile.TemporaryDirectory())) / "password"
    secret.touch(0o600)
    password = secrets.token_urlsafe(18)
    secret.write_text(password + "\n", encoding="utf-8")
    for role in ROLES:
        address = f"{role}@demo-day.example"
        day.terminal.run("users", "add", address, "--role", role, typed=f"{password}\n")
    day.agent, day.password_file = "agent@demo-day.example", secret
    return {"roles": ", ".join(ROLES)}


def ask_before(day: Day) -> Figures:
    day.before = ask_check_questions(day.url)
    if any(each.recognised for each in day.before):
        raise StepFailed(f"the shipped model knows {new_intent.INTENT} already")
    return _standing(day.before)


def simulate(day: Day) -> Figures:
    questions, report = day.evidence / "asked.csv", day.evidence / "simulation.json"
    new_intent.write_questions(questions)
    staff: list[str | Path] = []
    if day.agent is not None and day.password_file is not None:
        staff = ["--agent", day.agent, "--password-file", day.password_file]
    day.terminal.run(
        *("simulate", "--url", day.url, "--conversations", str(day.order.conversations)),
        *("--seed", str(day.order.seed), "--mix", new_intent.MIX, "--questions", questions),
        *("--extra", str(EXTRA_SHARE), "--report", report, *staff),
    )
    found = day.simulation = json.loads(report.read_text(encoding="utf-8"))
    return {
        "conversations": found["conversations"],
        "messages": found["messages"],
        "p95": found["latency_ms"]["p95"],
        "taken": found["agents"]["taken"],
        "canaries": len(found["canaries"]),
        "failures": len(found["failures"]),
    }


def anonymise(day: Day) -> Figures:
    return {"said": day.terminal.run("privacy", "anonymise").strip()}


def review(day: Day) -> Figures:
    """Collect by the worker, label in a spreadsheet, take the labels over."""
    arguments = (f"collection={COLLECTION}", f"limit={SENTENCES_TO_REVIEW}", "--wait")
    day.terminal.run("jobs", "run", "kefu.training.collect", *arguments)
    sheet = day.evidence / "review.csv"
    day.terminal.run("retrain", "export", sheet, "--collection", COLLECTION)
    labelled = label_reviews(sheet)
    if labelled < LEAST_LABELS:
        raise StepFailed(
            f"only {labelled} sentences about {new_intent.INTENT} came up for review, "
            f"at least {LEAST_LABELS} are needed to teach it: simulate more conversations"
        )
    reviewer = ("--new-intents", "--by", "scripted reviewer")
    day.terminal.run("retrain", "import", sheet, "--collection", COLLECTION, *reviewer)
    return {"labelled": labelled}


def retrain(day: Day) -> Figures:
    """By the worker, beside the server that goes on answering."""
    epochs = [] if day.order.epochs is None else [f"epochs={day.order.epochs}"]
    arguments = ("kefu.training.retrain", f"collection={COLLECTION}", *epochs, "--wait")
    said = day.terminal.run("jobs", "run", *arguments).strip().splitlines()[-1]
    if f"outcome={PROMOTED}" not in said.split(", "):
        raise StepFailed(f"the new model does not serve ({said}); see `kefu retrain status`")
    return {"said": said}


def ask_after(day: Day) -> Figures:
    started = time.monotonic()
    served = {each.model for each in day.before}
    while ask_check_questions(day.url, at_most=1)[0].model in served:
        if time.monotonic() - started > SWAP_SECONDS:
            raise StepFailed(f"the old model still answers {SWAP_SECONDS:.0f} s after promotion")
        time.sleep(1)
    return _gain(day.before, ask_check_questions(day.url))


def audit(day: Day) -> Figures:
    """By the worker, so that the console lists the report; a copy lies with the evidence."""
    arguments = ("kefu.audit.report", "kind=compliance", "--wait")
    said = day.terminal.run("jobs", "run", *arguments).strip().splitlines()[-1]
    found = re.search(r"report=([\w-]+)", said)
    if found is None:
        raise StepFailed(f"the report has no name ({said})")
    out = day.evidence / "audit"
    shutil.copytree(audits_home(day.settings) / found[1], out)
    return {"report": out / "report.en.html"}


def scan(day: Day) -> Figures:
    detector = Detector(day.simulation["canaries"])
    settings = day.settings
    found = together(
        [
            scan_files(
                detector,
                [day.home, day.logs, day.evidence],
                without=[day.evidence / "simulation.json"],
            ),
            scan_tables(detector, day.database),
            scan_broker(detector, broker_address(settings).redis),
        ]
    )
    if found.leaks:
        places = sorted({f"{leak.kind} in {leak.place}" for leak in found.leaks})
        raise StepFailed(f"{len(found.leaks)} leaks: {'; '.join(places[:5])}")
    planted = len(day.simulation["canaries"])
    return {
        "canaries": planted,
        "files": found.files,
        "tables": found.tables,
        "keys": found.keys,
    }


def erase(day: Day) -> Figures:
    return prove_erasure(
        day.terminal,
        canaries=day.simulation["canaries"],
        database=day.database,
        copy=day.evidence / "before-erasure.db",
        certificate=day.evidence / "erasure.json",
    )


def verify_ledger(day: Day) -> Figures:
    return {"said": day.terminal.run("ledger", "verify").strip().splitlines()[0]}


def _standing(answers: Sequence[Answered]) -> Figures:
    return {
        "questions": len(answers),
        "recognised": sum(each.recognised for each in answers),
        "right": sum(each.right for each in answers),
    }


def _gain(before: Sequence[Answered], after: Sequence[Answered]) -> Figures:
    pairs = list(zip(before, after, strict=True))
    open_before = [now for then, now in pairs if not then.right]
    gained = sum(now.right for now in open_before)
    recognised = sum(each.recognised for each in after)
    helped = sum(each.helped for each in after)
    figures = {**_standing(after), "open": len(open_before), "gained": gained, "helped": helped}
    if recognised < LEAST_RECOGNISED * len(after):
        raise StepFailed(f"the new model names {recognised} of {len(after)} check questions")
    if gained < LEAST_GAINED * len(open_before):
        raise StepFailed(f"of {len(open_before)} open check questions {gained} have an answer now")
    if helped < LEAST_HELPED * len(after):
        raise StepFailed(f"{helped} of {len(after)} check questions are answered or one click away")
    return figures


@dataclass(frozen=True)
class Step:
    name: str
    """Of its words."""
    do: Callable[[Day], Figures]
    vital: bool = False
    """Nothing sensible can follow without it."""


STEPS = (
    Step("company", open_company, vital=True),
    Step("serve", serve, vital=True),
    Step("accounts", add_accounts),
    Step("before", ask_before, vital=True),
    Step("simulate", simulate, vital=True),
    Step("anonymise", anonymise),
    Step("review", review),
    Step("retrain", retrain),
    Step("after", ask_after),
    Step("audit", audit),
    Step("scan", scan),
    Step("erase", erase),
    Step("ledger", verify_ledger),
)
