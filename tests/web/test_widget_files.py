"""What the widget and the demo shop promise about their files, without a browser."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import web

STATIC = Path(web.__file__).parent / "static"
WIDGET = STATIC / "widget"
SHOP = STATIC / "shop"
BEFORE_THE_FIRST_CLICK = ("widget.js", "dom.js", "state.js", "strings.js", "launcher.css")
# A name that parsers compare, never an address that anybody asks.
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def widget_files() -> list[Path]:
    return sorted(path for path in WIDGET.iterdir() if path.suffix in {".js", ".css"})


def gzip_size(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in paths)


def scripts() -> str:
    return "\n".join(path.read_text("utf-8") for path in widget_files() if path.suffix == ".js")


def strings(language: str) -> dict[str, str]:
    text = (WIDGET / "strings.js").read_text("utf-8")
    block = re.search(rf"^  {language}: {{$(.*?)^  }},$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    return dict(re.findall(r"^    (\w+): '(.*)',$", block[1], re.MULTILINE))


def test_everything_the_widget_loads_fits_in_25_kilobytes() -> None:
    assert gzip_size(widget_files()) <= 25_000


@pytest.mark.parametrize("path", widget_files(), ids=lambda p: p.name)
def test_a_file_is_no_longer_than_one_noun_needs(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= 400


def test_a_page_pays_under_10_kilobytes_before_the_first_click() -> None:
    assert gzip_size([WIDGET / name for name in BEFORE_THE_FIRST_CLICK]) <= 10_000


def test_the_entry_imports_only_what_is_needed_before_the_first_click() -> None:
    entry = (WIDGET / "widget.js").read_text("utf-8")
    imported = re.findall(r"^import .* from '\./widget/(.+)';$", entry, re.MULTILINE)
    assert set(imported) <= set(BEFORE_THE_FIRST_CLICK)


def test_every_file_in_the_folder_is_loaded_and_every_loaded_file_is_there() -> None:
    named = re.findall(r"(?:from '\./|import\('\./|stylesheet\(')(?:widget/)?([\w.]+)'", scripts())
    assert {*named, "widget.js"} == {path.name for path in widget_files()}


@pytest.mark.parametrize("path", [*widget_files(), *sorted(SHOP.iterdir())], ids=lambda p: p.name)
def test_no_file_names_another_server(path: Path) -> None:
    text = path.read_text("utf-8").replace(SVG_NAMESPACE, "")
    assert not re.search(r"(?:https?|wss?)://|[\"'(]//\w|@import|@font-face", text)


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"],
)
def test_no_text_can_become_markup_or_code(sink: str) -> None:
    assert sink not in scripts()


def test_both_languages_carry_the_same_words() -> None:
    assert strings("en").keys() == strings("zh").keys()
    assert all(strings("en").values())
    assert all(strings("zh").values())


@pytest.mark.parametrize("name", strings("en"))
def test_a_phrase_has_the_same_blanks_in_both_languages(name: str) -> None:
    blanks = [sorted(re.findall(r"\{\w+\}", strings(language)[name])) for language in ("en", "zh")]
    assert blanks[0] == blanks[1]


def test_every_word_asked_for_exists_and_every_word_is_used() -> None:
    code = scripts().replace((WIDGET / "strings.js").read_text("utf-8"), "")
    named = set(re.findall(r"\bwords\.(\w+)|\{ ((?:\w+, )*\w+) \} = this\.words", code))
    asked = {name for names in named for part in names for name in part.split(", ") if name}
    # The rest are chosen by a name held in a variable: a key like `failedOffline` in quotes.
    asked |= set(re.findall(r"'((?:failed|reason)[A-Z]\w+)'", code))
    assert asked == strings("en").keys()


def test_the_panel_covers_the_page_at_one_width_in_script_and_style() -> None:
    width = r"\(max-width: (\d+)px\)"
    view = set(re.findall(width, (WIDGET / "view.js").read_text("utf-8")))
    assert view == set(re.findall(width, (WIDGET / "style.css").read_text("utf-8")))


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inline: list[str] = []
        self.open: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {"en": [], "zh": []}
        self.feed((SHOP / "index.html").read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        language = attributes.get("class", "")
        if language in self.texts:
            self.texts[language].append("")
        if tag not in {"meta", "link", "br", "path", "rect", "circle", "ellipse", "stop"}:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] in {"script", "style"} and data.strip():
            self.inline.append(data)
        for _, language in self.open:
            if language in self.texts:
                self.texts[language][-1] += data


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


def test_the_shop_has_no_inline_script_or_style(page: Page) -> None:
    assert page.inline == []
    assert not [tag for tag, attributes in page.elements if "style" in attributes]
    assert not [n for _, attributes in page.elements for n in attributes if n.startswith("on")]


def test_the_shop_says_everything_in_both_languages(page: Page) -> None:
    assert len(page.texts["en"]) == len(page.texts["zh"]) > 0
    assert all(text.strip() for text in page.texts["en"] + page.texts["zh"])
    assert not [text for text in page.texts["en"] if re.search(r"[一-鿿]", text)]
    chinese = [text for text in page.texts["zh"] if not re.search(r"[一-鿿]", text)]
    assert chinese == []


def test_the_shop_asks_the_same_number_of_questions_in_both_languages(page: Page) -> None:
    (widget,) = [a for tag, a in page.elements if tag == "script" and "data-collection" in a]
    english, chinese = widget["data-questions-en"], widget["data-questions-zh"]
    assert len(english.split("|")) == len(chinese.split("|"))


def test_the_shop_links_only_to_itself_and_its_help(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    others = {link for link in links if not link.startswith("#")}
    assert others == {"/", "/help", "?lang=en", "?lang=zh"}
