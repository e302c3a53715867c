"""The sentences Kefu says itself, as data: polite, short, in every language it speaks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from chatbot.conversation import Language
from chatbot.language import to_traditional

DISCLOSURE_VERSION = "1"
CONSENT_VERSION = "consent-1"
"""Of the `consent_…` sentences: a change of their words needs a new one."""


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
    source = resources.files("chatbot").joinpath("templates.toml").read_text(encoding="utf-8")
    return Templates(tomllib.loads(source), companies)
