"""The console's files as they are served: small, without a build step, in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from chatbot.privacy_desk import MESSAGES, OTHERS, PURPOSE_CHARACTERS, accept_purpose
from chatbot.reseal import DESTROYING, SEALING, WAITING
from web.help_pages import STATIC

CONSOLE = STATIC / "console"
FILES = sorted(path for path in CONSOLE.rglob("*") if path.is_file())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
STYLES = [path for path in FILES if path.suffix == ".css"]
FILE_LINES = 400
# The name of a vocabulary, not an address that anybody asks.
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
# Words chosen by a name that the server sends.
CHOSEN = (
    "role state by reason action author foot review model event job audit "
    "scope count deed kept purpose stage life turn part"
).split()


def named(path: Path) -> str:
    return path.relative_to(CONSOLE).as_posix()


def code() -> str:
    return "\n".join(path.read_text("utf-8") for path in SCRIPTS if "words." not in path.name)


def words(language: str) -> dict[str, str]:
    files = [path for path in SCRIPTS if path.name.endswith(f"words.{language}.js")]
    text = "\n".join(path.read_text("utf-8") for path in files)
    found = re.findall(r"^  (\w+): '(.*)',$", text, re.MULTILINE)
    assert len(found) == len(dict(found)), "a word is in two files"
    return dict(found)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= FILE_LINES


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_names_another_server(path: Path) -> None:
    text = path.read_text("utf-8").replace(SVG_NAMESPACE, "")
    assert not re.search(r"(?:https?|wss?)://|[\"'(]//\w|@import|@font-face", text)


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"],
)
def test_no_text_can_become_markup_or_code(sink: str) -> None:
    assert sink not in code()


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    page = (CONSOLE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]


def test_every_file_is_loaded_and_every_loaded_file_is_there() -> None:
    page = (CONSOLE / "index.html").read_text("utf-8")
    loaded = {CONSOLE / name for name in re.findall(r"\"/console/static/([\w.]+)\"", page)}
    for path in SCRIPTS:
        imported = re.findall(r"^import .* from '(\.[\w./]+)';$", path.read_text("utf-8"), re.M)
        loaded |= {(path.parent / name).resolve() for name in imported}
    assert loaded == {*SCRIPTS, *STYLES}


def test_what_is_borrowed_from_the_widget_is_there() -> None:
    borrowed = set(re.findall(r"import \{ (.+) \} from '/widget/dom\.js'", code()))
    given = set(
        re.findall(
            r"^export function (\w+)", (STATIC / "widget" / "dom.js").read_text("utf-8"), re.M
        )
    )
    assert borrowed
    assert {name for names in borrowed for name in names.split(", ")} <= given


def test_both_languages_carry_the_same_words() -> None:
    assert words("en").keys() == words("zh").keys()
    assert all(words("en").values())
    assert all(words("zh").values())


def test_the_languages_are_not_mixed_up() -> None:
    # Each names the other language in that language's own words.
    own = {"otherName", "shortChinese"}
    assert [key for key, text in words("en").items() if re.search("[一-鿿]", text)] == sorted(own)
    foreign = {
        key
        for key, text in words("zh").items()
        if not re.search("[一-鿿]", text) and re.search("[A-Za-z]{4}", text)
    }
    assert foreign <= {"tag", "otherTag", "otherName"}


@pytest.mark.parametrize("name", words("en"))
def test_a_phrase_has_the_same_blanks_in_both_languages(name: str) -> None:
    english, chinese = (sorted(re.findall(r"\{\w+\}", words(one)[name])) for one in ("en", "zh"))
    assert english == chinese


def test_every_word_asked_for_exists_and_every_word_is_used() -> None:
    asked = set(re.findall(r"\bwords\.([A-Za-z]\w+)", code()))
    asked |= set(re.findall(r"'((?:problem|page|metric)[A-Z]\w+)'", code()))
    asked -= {"js", "en", "zh"}
    chosen = {key for key in words("en") if key.partition("_")[0] in CHOSEN and "_" in key}
    assert asked | chosen == words("en").keys()


def test_whatever_kefu_writes_to_the_ledger_has_words() -> None:
    """Those of its own: a purpose that somebody typed is shown as it was typed."""
    source = "\n".join(
        path.read_text("utf-8")
        for package in ("chatbot", "training")
        for path in (STATIC.parents[1] / package).rglob("*.py")
        if "adapters" not in path.parts
    )
    deeds = re.findall(r'\bwrite\([^,]+, [^,]+, "(\w+)"', source)
    deeds += re.findall(r'\baction = "(unseal)" if \w+ else "(\w+)"', source)[0]
    deeds += re.findall(r'\b_BEGUN, _ENDED = "(\w+)", "(\w+)"', source)[0]
    deeds += re.findall(r'\baction = "(\w+_files)" if \w+ else "(\w+_files)"', source)[0]
    found = re.findall(r'(?:purpose|_PURPOSE) ?= ?"([^"]+)"(?: if \w+ else "([^"]+)")?', source)
    # What begins with the product's name is what a signature is bound to.
    said = {purpose for pair in found for purpose in pair if not purpose.startswith("kefu ")}
    purposes = {re.sub(r"\W", "_", purpose) for purpose in said - {""}}
    assert {"seal_files", "reseal_end", "unseal", "erase"} <= set(deeds)
    assert {"key_rotation", "masking_rules", "retention"} <= purposes
    wanted = {f"deed_{one}" for one in deeds} | {f"purpose_{one}" for one in purposes}
    assert wanted <= words("en").keys()


def test_the_stages_of_jobs_on_customers_data_have_words() -> None:
    stages = (SEALING, WAITING, DESTROYING, MESSAGES, OTHERS)
    wanted = {"stage_" + re.sub(r"\W", "_", stage) for stage in stages}
    assert wanted <= words("en").keys()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_server_accepts_every_purpose_that_the_console_offers(language: str) -> None:
    offered = re.findall(r"\bwords\.(purpose(?:Call|Order|Complaint))\b", code())
    assert len(set(offered)) == 3
    assert {accept_purpose(words(language)[name]) for name in offered} == {
        words(language)[name] for name in offered
    }


@pytest.mark.parametrize(
    ("script", "pattern"),
    [
        ("live/unseal.js", r"SHORTEST = (\d+);.*LONGEST = (\d+);"),
        ("pages/privacy_requests.js", r"SHORTEST_PURPOSE = '(\d+)';.*LONGEST_PURPOSE = '(\d+)';"),
    ],
)
def test_a_purpose_may_be_as_short_and_as_long_as_the_server_takes_it(
    script: str, pattern: str
) -> None:
    found = re.search(pattern, (CONSOLE / script).read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert tuple(map(int, found.groups())) == PURPOSE_CHARACTERS


def test_the_page_and_its_files_are_served_under_the_strict_policy(client: TestClient) -> None:
    page = client.get("/console")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    script = client.get("/console/static/console.js")
    assert script.status_code == 200
    assert "javascript" in script.headers["content-type"]
