"""The version of the words that customers agree to stands for exactly these words."""

from __future__ import annotations

import hashlib

from chatbot.templates import CONSENT_VERSION, load_templates

# A statement of consent names only the version: words that change need a new one, and the digest
# of the new words a new line.
KNOWN = {"consent-1": "fc3836f099b76face59f1ef160c9179bdd3462c95c7162d4694c2089c7bfff88"}


def test_the_words_of_consent_are_those_of_their_version() -> None:
    texts = load_templates(companies={}).texts
    words = [
        f"{name}.{language}={text}"
        for name, by_language in sorted(texts.items())
        if name.startswith("consent_")
        for language, text in sorted(by_language.items())
    ]
    assert len(words) == 8
    assert hashlib.sha256("\n".join(words).encode()).hexdigest() == KNOWN[CONSENT_VERSION]
