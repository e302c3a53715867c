"""Personal data that a customer types is found nowhere but in sealed values."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, select
from structlog.testing import capture_logs

from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import metadata
from chatbot.conversation import Understanding
from chatbot.customer_export import export_customer
from chatbot.fakes import FixedClock, KeywordIntents, OverlapRetriever
from chatbot.policy import Thresholds
from chatbot.privacy_desk import Actor, anonymise_stored, erase_customer
from chatbot.privacy_home import make_privacy_desk
from chatbot.reception import open_conversation
from chatbot.templates import load_templates
from chatbot.turn import Desk, Models, answer_turn
from knowledge_base.passages import Document
from privacy.keyring_file import FileKeyRing
from privacy.redaction import redact
from tests.databases import sqlite_database

ADMIN = Actor("u-admin", "admin")
SENTENCES = (
    "how long for a return? my {what} is {value}",
    "几天内可以退货？我的{what}是{value}，谢谢",
    "{value}",
    "please ask {value}。我是老顾客",
)
digits = st.integers(0, 99_999_999).map("{:08d}".format)


def _luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return body + str(-total % 10)


def _resident_id(serial: str) -> str:
    body = f"110105{1950 + int(serial[:2]) % 50}03{int(serial[2:4]) % 28 + 1:02d}{serial[4:7]}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    remainder = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
    return body + "10X98765432"[remainder]


canaries = st.one_of(
    digits.map(lambda n: ("手机", f"138{n}")),
    digits.map(lambda n: ("mail", f"zq{n}@mail.example.com")),
    digits.map(lambda n: ("card", _luhn(f"62148305{n[:7]}"))),
    digits.map(lambda n: ("身份证号", _resident_id(n))),
    digits.map(lambda n: ("phone", f"+44 7911 1{n[:2]} {n[2:5]}")),
)


class Company:
    """The product on a database and keys in one folder, without trained models."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FixedClock()
        self.engine = sqlite_database(folder / "kefu.db")
        keys = FileKeyRing(folder / "keys")
        self.privacy = make_privacy_desk(self.engine, keys, clock=self.clock)
        documents = (
            Document("en", "How long for a return?", "15 days.", language="en", tags=("return",)),
            Document("zh", "几天内可以退货？", "15天。", language="zh", tags=("return",)),
        )
        intents = KeywordIntents({"return": ["return", "退"]})
        self.desk = Desk(
            models=lambda: Models(intents, OverlapRetriever(documents)),
            store=SqlStore(self.engine, keys),
            clock=self.clock,
            templates=load_templates(companies={"en": "Maplewood", "zh": "枫木"}),
            thresholds=Thresholds(answer=0.5, clarify=0.2, out_of_scope=0.9, generic=0.6),
            redact=redact,
            text_limit=4000,
        )

    def in_the_clear(self) -> str:
        """Every value of every table outside sealed columns."""
        values: list[object] = []
        with self.engine.begin() as connection:
            for table in metadata.sorted_tables:
                open_ = [one for one in table.columns if not isinstance(one.type, LargeBinary)]
                values += [tuple(row) for row in connection.execute(select(*open_))]
        return json.dumps(values, ensure_ascii=False, default=str)

    def in_files(self) -> bytes:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"\n".join(path.read_bytes() for path in files)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(planted=st.lists(st.tuples(canaries, st.sampled_from(SENTENCES)), min_size=1, max_size=4))
def test_no_canary_is_left_in_tables_files_or_logs(
    planted: list[tuple[tuple[str, str], str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, capture_logs() as logs:
        company = Company(Path(folder))
        conversation = open_conversation(
            company.desk.store, company.clock, channel="web", collection="demo", customer="c1"
        ).conversation
        originals = [sentence.format(what=what, value=value) for (what, value), sentence in planted]
        replies = [
            answer_turn(company.desk, conversation, text=text, client_message_id=str(number))
            for number, text in enumerate(originals)
        ]
        anonymise_stored(company.privacy, actor=ADMIN)
        export = export_customer(company.privacy, ADMIN, customer="c1", purpose="a test of export")
        seen = "\n".join([company.in_the_clear(), json.dumps(logs, default=str), repr(replies)])
        for (_, value), _ in planted:
            assert value not in seen
            assert value.encode() not in company.in_files()
        # Nothing was lost either: the customer gets every word back.
        messages = export["conversations"][0]["messages"]
        kept = [one["original"] for one in messages if one["author"] == "customer"]
        assert kept == originals
        erase_customer(company.privacy, ADMIN, customer="c1", purpose="a test of erasure")
        assert company.privacy.ledger.verify().intact
        company.engine.dispose()


def test_a_turn_that_breaks_inside_is_sealed_all_the_same(tmp_path: Path) -> None:
    company = Company(tmp_path)

    class Broken:
        version, labels = "broken", ()

        def understand(self, texts: list[str]) -> list[Understanding]:
            raise RuntimeError(f"cannot read {texts}")

    conversation = open_conversation(
        company.desk.store, company.clock, channel="web", collection="demo"
    ).conversation
    with pytest.MonkeyPatch.context() as broken, capture_logs() as logs:
        models = Models(Broken(), OverlapRetriever(()))
        broken.setitem(company.desk.__dict__, "models", lambda: models)
        turn = answer_turn(
            company.desk, conversation, text="call 13800138000 please", client_message_id="1"
        )
    assert turn.error == "RuntimeError"
    assert "13800138000" not in company.in_the_clear() + json.dumps(logs, default=str)
    export = export_customer(
        company.privacy, ADMIN, customer=conversation.id, purpose="a test of export"
    )
    assert export["conversations"][0]["messages"][0]["original"] == "call 13800138000 please"
    company.engine.dispose()
