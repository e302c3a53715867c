"""The sentences Kefu says itself, as data: polite, short, in every language it speaks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from chatbot.conversation import Language
from chatbot.language import to_traditional

DISCLOSURE_VERSION = "2"
CONSENT_VERSION = "consent-2"
"""Of the `consent_…` sentences: a change of their words needs a new one."""
DISCLOSURE, CONSENT = "disclosure", "consent_"


@dataclass(frozen=True)
class Templates:
    """`texts[name][base language]`, with `{company}` and the like still in."""

    texts: Mapping[str, Mapping[str, str]]
    companies: Mapping[str, str]
    """Company name by base language."""

    def says(self, name: str, text: str) -> bool:
        """Whether `text` is this template, in any language: a quick reply that was clicked."""
        said = text.strip().casefold()
        return any(self.render(name, language).casefold() == said for language in Language)

    def render(self, name: str, language: Language, *, choices: Sequence[str] = ()) -> str:
        """`choices` fill `{first}` and `{second}`; a template without them passes them over."""
        text = self.texts[name][language.base]
        first, second = (*choices, "…", "…")[:2]
        company = self.companies[language.base]
        filled = text.format(company=company, first=first, second=second)
        return to_traditional(filled) if language is Language.ZH_HANT else filled


def load_templates(*, companies: Mapping[str, str]) -> Templates:
    return Templates(_read("templates.toml"), companies)


def load_wording(version: str, *, companies: Mapping[str, str]) -> Templates | None:
    """The words that a customer read under `version`, of the disclosure or of the consent; None for
    one that was never Kefu's: a host page numbers its own."""
    today = _read("templates.toml")
    versions = {
        **_read("former_words.toml"),
        DISCLOSURE_VERSION: {DISCLOSURE: today[DISCLOSURE]},
        CONSENT_VERSION: {name: today[name] for name in today if name.startswith(CONSENT)},
    }
    words = versions.get(version)
    return None if words is None else Templates(words, companies)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("chatbot").joinpath(name).read_text(encoding="utf-8"))
