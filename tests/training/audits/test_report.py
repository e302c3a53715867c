from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.training.audits.sample_audit import NOW, sample_audit, sample_evidence
from training.audits.conclusions import Audit, conclude
from training.audits.fairness import measure_fairness
from training.audits.privacy_evidence import PrivacyEvidence
from training.audits.report import write_report
from training.audits.sentences import say_unmet, summarise
from training.audits.signing import verify_report
from training.audits.wording import load_wording

KEY = Ed25519PrivateKey.generate()
VOID = {"meta", "br", "path", "use", "line", "rect"}


@pytest.fixture(scope="module")
def audit() -> Audit:
    return sample_audit()


@pytest.fixture(scope="module")
def folder(audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "report"
    write_report(audit, folder, key=KEY)
    return folder


class Page(HTMLParser):
    """Collects tags with their attributes and checks that they close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.getpos())


@pytest.fixture(scope="module", params=["en", "zh"])
def page(folder: Path, request: pytest.FixtureRequest) -> str:
    return (folder / f"report.{request.param}.html").read_text(encoding="utf-8")


def test_the_folder_holds_the_report_and_its_signature(folder: Path) -> None:
    names = {"report.json", "report.en.html", "report.zh.html", "signature.json"}
    assert {path.name for path in folder.iterdir()} == names
    assert verify_report(folder, KEY.public_key()).signed_at == NOW.isoformat()


def test_a_page_asks_for_nothing_from_elsewhere(page: str) -> None:
    assert not re.search(r"(src|href)=\"(?!#)", page.replace('xlink:href="#', 'href="#'))
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert "<script" not in page
    assert "@import" not in page


def test_a_page_is_well_formed_and_its_ids_are_unique(page: str) -> None:
    parsed = Page(page)
    assert parsed.open == []
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_page_can_be_read_aloud(page: str) -> None:
    parsed = Page(page)
    attributes = dict(parsed.tags[0][1])
    assert attributes["lang"] in {"en", "zh-Hans"}
    headings = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    charts = [attributes for tag, attributes in parsed.tags if tag == "svg"]
    assert len(charts) == 5
    assert all(f'id="{chart["aria-labelledby"]}"' in page for chart in charts)
    assert all(a.get("scope") for tag, a in parsed.tags if tag == "th")


def test_what_the_operator_typed_is_escaped(page: str) -> None:
    assert "Maplewood &amp; Sons &lt;枫木&gt;" in page
    assert "<枫木>" not in page


def test_the_chinese_page_is_chinese(folder: Path) -> None:
    text = (folder / "report.zh.html").read_text(encoding="utf-8")
    body = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", text[text.index("<main>") :], flags=re.DOTALL)
    assert not re.search(r"\b(the|of|and|difference|conversations)\b", body)


def test_the_json_holds_the_numbers_of_the_page(folder: Path, audit: Audit) -> None:
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    fairness = document["audit"]["fairness"]
    assert fairness["conversations"] == 300
    flagged = [one for one in fairness["comparisons"] if one["flagged"]]
    assert [(one["dimension"], one["outcome"]) for one in flagged] == [("language", "handed_off")]
    page = (folder / "report.en.html").read_text(encoding="utf-8")
    assert f"{100 * flagged[0]['value']:.1f}%" in page
    assert document["audit"]["privacy"]["keys"][0]["data_keys"] == 298
    assert {one["rule"] for one in document["conclusions"]["unmet"]} == {
        one.rule for one in conclude(audit).unmet
    }


def test_the_same_audit_gives_the_same_bytes(folder: Path, audit: Audit, tmp_path: Path) -> None:
    write_report(audit, tmp_path, key=KEY)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_what_is_not_met_is_said_in_both_languages(audit: Audit) -> None:
    conclusions = conclude(audit)
    english = say_unmet(conclusions, load_wording("en"))
    assert any("Handed to a person" in sentence for sentence in english)
    assert any("after their deadline: 1" in sentence for sentence in english)
    assert any("mk-2 is 400 days old" in sentence for sentence in english)
    assert len(say_unmet(conclusions, load_wording("zh"))) == len(english)


def test_what_was_not_measured_is_never_passed_off_as_fine(audit: Audit, tmp_path: Path) -> None:
    bare = replace(audit, fairness=None, probes=None, privacy=PrivacyEvidence(erasures=()))
    conclusions = write_report(bare, tmp_path, key=KEY)
    assert {"fairness", "probes", "privacy_ledger"} <= set(conclusions.unmeasured)
    assert "privacy_erasures" not in conclusions.unmeasured
    page = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert "Not measured: outcomes by group." in page
    assert "Nothing that was measured is short of its promise." in page


def test_an_empty_log_is_not_called_fair(audit: Audit, tmp_path: Path) -> None:
    empty = replace(audit, fairness=measure_fairness([]))
    summary = summarise(empty, conclude(empty), load_wording("en"))
    assert "0 conversations" in summary
    assert "No difference" not in summary
    write_report(empty, tmp_path, key=KEY)
    assert "No group is known." in (tmp_path / "report.en.html").read_text(encoding="utf-8")


def test_the_page_tells_who_read_conversations_and_what_for(page: str) -> None:
    text = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    read = text[text.index("1042") :]
    numbers = re.findall(r'class="number">(\d+)<', read)
    assert numbers[:2] == ["310", "7"]
    assert re.search("to serve the customer|服务客户", text)
    [chart] = [svg for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL) if "1,352" in svg]
    assert re.search("Agent: to serve the customer|客服: 服务客户", chart)


def test_reads_that_nobody_counted_are_not_called_none(audit: Audit, tmp_path: Path) -> None:
    for reads, said in ((None, "Not measured in this audit."), ((), "Nothing was reported")):
        evidence = replace(sample_evidence(), reads=reads)
        folder = tmp_path / str(reads)
        conclusions = write_report(replace(audit, privacy=evidence), folder, key=KEY)
        assert ("privacy_reads" in conclusions.unmeasured) == (reads is None)
        page = (folder / "report.en.html").read_text(encoding="utf-8")
        assert said in page[page.index("Reading of conversations") :][:120]
