"""The version of the words that customers read and agree to stands for exactly these words."""

from __future__ import annotations

import hashlib
import re

import pytest

from chatbot.conversation import Language
from chatbot.templates import CONSENT_VERSION, DISCLOSURE_VERSION, load_templates, load_wording

# A statement of consent names only the version: words that change need a new one, and the digest
# of the new words a new line.
KNOWN = {
    "1": "3973ea3fae731c46db79427ef7ee634936423d0c27e9900bff7c19661cc77d70",
    "2": "48cef9f7a5597f2b8dbf55c7e70812b365edd97d79a788520663142f87e908fc",
    "consent-1": "fc3836f099b76face59f1ef160c9179bdd3462c95c7162d4694c2089c7bfff88",
    "consent-2": "b3d29770266a754945289080f28aa83ee68d311017c7967dc6f2e35c66224e4c",
}
COMPANIES = {"en": "Maplewood", "zh": "枫木"}


@pytest.mark.parametrize("version", KNOWN)
def test_the_words_of_a_version_are_what_they_always_were(version: str) -> None:
    wording = load_wording(version, companies={})
    assert wording is not None
    words = [
        f"{name}.{language}={text}"
        for name, by_language in sorted(wording.texts.items())
        for language, text in sorted(by_language.items())
    ]
    assert hashlib.sha256("\n".join(words).encode()).hexdigest() == KNOWN[version]


def test_the_newest_versions_are_those_that_are_shown() -> None:
    assert {DISCLOSURE_VERSION, CONSENT_VERSION} <= KNOWN.keys()
    today = load_templates(companies=COMPANIES)
    for version in (DISCLOSURE_VERSION, CONSENT_VERSION):
        wording = load_wording(version, companies=COMPANIES)
        assert wording is not None
        for name in wording.texts:
            assert wording.render(name, Language.EN) == today.render(name, Language.EN)


def test_a_version_of_the_host_page_s_own_has_no_words_here() -> None:
    assert load_wording("shop-7", companies=COMPANIES) is None


@pytest.mark.parametrize(
    ("language", "named"),
    [
        (Language.EN, "Names, addresses, phone numbers, e-mail addresses, card and identity"),
        (Language.ZH_HANS, "姓名、地址、电话、邮箱、银行卡号和证件号码"),
    ],
)
def test_the_disclosure_names_what_is_masked(language: Language, named: str) -> None:
    said = load_templates(companies=COMPANIES).render("disclosure", language)
    assert named in said
    assert re.search("Maplewood|枫木", said)
