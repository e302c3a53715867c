"""What customers tell for audits is kept while they agree to it, by the fake and both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from chatbot.adapters.store_attributes import SqlAttributes
from chatbot.adapters.store_consents import SqlConsents
from chatbot.adapters.tables import attributes as table
from chatbot.attributes import Attribute, Label, give_attribute
from chatbot.customer_export import export_customer
from chatbot.errors import AttributeRefused, AttributeUnknown, StoreUnavailable
from chatbot.fakes import MemoryAttributes, MemoryConsents
from chatbot.privacy_desk import erase_customer, record_consents
from chatbot.privacy_ports import Attributes, Consents
from privacy.consent import Scope, permits
from privacy.errors import KeyUnknown
from privacy.keyring_memory import MemoryKeyRing
from tests.contracts.private_rooms import ADMIN, make_room
from tests.databases import fresh_database

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
OFFER = {
    "age_band": Attribute(
        "Age", "年龄", {"young": Label("young", "年轻"), "old": Label("old", "老")}
    ),
    "region": Attribute("Region", "地区", {"n": Label("north", "北"), "s": Label("south", "南")}),
}


@dataclass
class Counter:
    """Where customers say yes, no, and how old they are."""

    attributes: Attributes
    consents: Consents

    def say(self, agreed: bool, customer: str = "甲", *, second: int = 0) -> None:
        record_consents(
            self.consents,
            {Scope.AUDIT: agreed},
            attributes=self.attributes,
            customer=customer,
            at=NOW + timedelta(seconds=second),
            wording_version="1",
            language="en",
        )

    def tell(self, name: str, value: str, customer: str = "甲", *, second: int = 0) -> None:
        give_attribute(
            self.attributes,
            self.consents,
            offer=OFFER,
            customer=customer,
            name=name,
            value=value,
            at=NOW + timedelta(seconds=second),
        )

    def told(self, *customers: str) -> list[tuple[str, str, str | None]]:
        found = self.attributes.told_by(customers or ("甲",))
        return [(one.customer, one.name, one.value) for one in found]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    if request.param == "memory":
        yield Counter(MemoryAttributes(), MemoryConsents())
        return
    with fresh_database(request, tmp_path) as engine:
        yield Counter(SqlAttributes(engine, MemoryKeyRing()), SqlConsents(engine))


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request, tmp_path) as engine:
        yield engine


def test_the_last_value_under_a_name_is_kept(counter: Counter) -> None:
    counter.say(True)
    counter.tell("region", "n")
    counter.tell("age_band", "young")
    counter.tell("age_band", "old", second=5)
    assert counter.told() == [("甲", "age_band", "old"), ("甲", "region", "n")]
    assert next(counter.attributes.told_by(["甲"])).at == NOW + timedelta(seconds=5)


def test_one_attribute_is_taken_back_alone_and_of_one_customer(counter: Counter) -> None:
    for customer in ("甲", "b"):
        counter.say(True, customer)
        counter.tell("age_band", "young", customer)
        counter.tell("region", "n", customer)
    assert counter.attributes.take_back("b", name="region") == 1
    assert counter.attributes.take_back("b", name="region") == 0
    assert counter.told("甲", "b", "nobody") == [
        ("b", "age_band", "young"),
        ("甲", "age_band", "young"),
        ("甲", "region", "n"),
    ]
    assert counter.told("nobody") == []


def test_whoever_takes_the_consent_back_takes_the_attributes_back(counter: Counter) -> None:
    for customer in ("甲", "b"):
        counter.say(True, customer)
        counter.tell("age_band", "young", customer)
    counter.say(False, second=1)
    assert counter.told("甲", "b") == [("b", "age_band", "young")]
    with pytest.raises(AttributeRefused):
        counter.tell("age_band", "young", second=2)
    assert counter.told() == []


def test_silence_is_no_consent_to_keep_anything(counter: Counter) -> None:
    with pytest.raises(AttributeRefused):
        counter.tell("age_band", "young")
    assert counter.told() == []


@pytest.mark.parametrize(("name", "value"), [("age_band", "n"), ("shoes", "young"), ("", "")])
def test_what_is_not_offered_is_not_kept(counter: Counter, name: str, value: str) -> None:
    counter.say(True)
    with pytest.raises(AttributeUnknown):
        counter.tell(name, value)
    assert counter.told() == []


def test_more_customers_than_one_query_takes_are_all_read(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.adapters.store_attributes._BATCH", 2)
    customers = [f"c{number}" for number in range(5)]
    for customer in customers:
        counter.attributes.give(customer, "region", value="s", at=NOW)
    assert counter.told(*customers) == [(customer, "region", "s") for customer in customers]


def test_first_values_told_at_once_leave_one_of_them(counter: Counter) -> None:
    together = Barrier(4)

    def tell(value: str) -> None:
        together.wait()
        counter.attributes.give("甲", "region", value=value, at=NOW)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tell, ["n", "s", "n", "s"]))
    ((_, name, value),) = counter.told()
    assert name == "region"
    assert value in ("n", "s")


class Withdrawing(MemoryAttributes):
    """The customer says no elsewhere while the value is on its way: nothing is there to delete."""

    def __init__(self, consents: MemoryConsents) -> None:
        super().__init__()
        self._consents = consents

    def give(self, customer: str, name: str, *, value: str, at: datetime) -> None:
        Counter(self, self._consents).say(False, customer, second=9)
        super().give(customer, name, value=value, at=at)


def test_a_consent_withdrawn_while_a_value_is_on_its_way_leaves_nothing() -> None:
    consents = MemoryConsents()
    counter = Counter(Withdrawing(consents), consents)
    counter.say(True)
    with pytest.raises(AttributeRefused):
        counter.tell("age_band", "young")
    assert counter.told() == []


STEPS = st.one_of(
    st.tuples(st.just("say"), st.booleans()),
    st.tuples(st.just("tell"), st.sampled_from([("age_band", "old"), ("region", "n")])),
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), STEPS), max_size=30))
def test_no_attribute_is_ever_kept_without_a_standing_consent(
    steps: list[tuple[str, tuple[str, object]]],
) -> None:
    counter = Counter(MemoryAttributes(), MemoryConsents())
    for second, (customer, (kind, what)) in enumerate(steps):
        history = counter.consents.history(customer)
        now = NOW + timedelta(seconds=second)
        agreed = permits(history, customer, scope=Scope.AUDIT, now=now)
        if kind == "say":
            counter.say(bool(what), customer, second=second)
        elif agreed:
            counter.tell(*what, customer, second=second)  # type: ignore[misc]
        else:
            with pytest.raises(AttributeRefused):
                counter.tell(*what, customer, second=second)  # type: ignore[misc]
        for one in ("a", "b"):
            stands = permits(counter.consents.history(one), one, scope=Scope.AUDIT, now=now)
            assert stands or counter.told(one) == []


# Sealed where they lie


def test_a_sealed_value_shows_neither_itself_nor_its_length(engine: Engine) -> None:
    attributes = SqlAttributes(engine, MemoryKeyRing())
    for customer, value in (("a", "n"), ("b", "a_very_long_value_of_32_letters_")):
        attributes.give(customer, "region", value=value, at=NOW)
    with engine.connect() as connection:
        one, other = connection.execute(select(table.c.sealed)).scalars()
    assert len(one) == len(other)
    assert b"letters" not in other


def test_a_value_moved_to_another_customer_does_not_open(engine: Engine) -> None:
    attributes = SqlAttributes(engine, MemoryKeyRing())
    attributes.give("a", "region", value="n", at=NOW)
    with engine.begin() as connection:
        connection.execute(update(table).values(customer="b"))
    (moved,) = attributes.told_by(["b"])
    assert moved.value is None


class BrokenKeys(MemoryKeyRing):
    def data_key(self, customer: str) -> object:  # type: ignore[override]
        raise KeyUnknown


def test_without_a_key_nothing_is_kept_in_the_open(engine: Engine) -> None:
    attributes = SqlAttributes(engine, BrokenKeys())
    with pytest.raises(StoreUnavailable):
        attributes.give("a", "region", value="n", at=NOW)
    assert list(attributes.told_by(["a"])) == []


def test_an_export_holds_what_was_told_and_an_erasure_ends_it(
    engine: Engine, tmp_path: Path
) -> None:
    room = make_room(engine, tmp_path)
    counter = Counter(room.desk.attributes, room.desk.consents)
    counter.say(True, "c1")
    counter.tell("age_band", "old", "c1")
    export = export_customer(room.desk, ADMIN, customer="c1", purpose="asked for a copy")
    assert export["attributes"] == [{"name": "age_band", "value": "old", "at": NOW.isoformat()}]
    certificate = erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    assert certificate["counts"]["attributes"] == 1  # type: ignore[index]
    assert counter.told("c1") == []
