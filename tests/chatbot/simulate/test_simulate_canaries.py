from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.simulate.canaries import CanaryKind, canary
from chatbot.simulate.phrases import load_repertoire
from privacy.checksums import luhn_valid, resident_id_valid
from privacy.redaction import redact

SEEDS = st.integers(0, 10**6)
NUMBERS = st.integers(0, 10**7 - 1)
REPERTOIRE = load_repertoire()


@given(seed=SEEDS, kind=st.sampled_from(CanaryKind), pair=st.tuples(NUMBERS, NUMBERS))
def test_no_two_conversations_share_a_canary(
    seed: int, kind: CanaryKind, pair: tuple[int, int]
) -> None:
    one, two = (canary(kind, seed=seed, number=number).value for number in pair)
    assert (one == two) == (pair[0] == pair[1])


@given(seed=SEEDS, number=NUMBERS)
def test_cards_and_identity_numbers_pass_their_checksums(seed: int, number: int) -> None:
    assert luhn_valid(canary(CanaryKind.CARD, seed=seed, number=number).value)
    assert resident_id_valid(canary(CanaryKind.RESIDENT_ID, seed=seed, number=number).value)


# A busy machine needs longer than the default for its first example.
@settings(deadline=None)
@given(
    seed=SEEDS,
    number=NUMBERS,
    kind=st.sampled_from(CanaryKind),
    language=st.sampled_from("en zh".split()),
)
def test_masking_leaves_nothing_of_a_planted_value(
    seed: int, number: int, kind: CanaryKind, language: str
) -> None:
    planted = canary(kind, seed=seed, number=number)
    for phrase in REPERTOIRE.phrases[language].personal_data[kind]:
        assert planted.value not in redact(phrase.replace("{value}", planted.value))
