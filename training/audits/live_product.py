"""The running product, asked by the probes without leaving a record."""

from __future__ import annotations

from dataclasses import replace

from chatbot.fakes import MemoryStore
from chatbot.language import to_simplified
from chatbot.reception import open_conversation
from chatbot.text import accept_text
from chatbot.turn import Desk, answer_turn
from training.audits.sources import Product

CHANNEL = "audit"


def live_product(desk: Desk) -> Product:
    """Every sentence is the first of a conversation of its own, kept in memory and dropped.

    What a sentence leads to is the action and the articles it names, `answer:returns-1`; a turn
    that broke inside leads to `failed`.
    """

    def decide(text: str) -> str:
        alone = replace(desk, store=MemoryStore())
        opened = open_conversation(alone.store, alone.clock, channel=CHANNEL, collection="audit")
        turn = answer_turn(alone, opened.conversation, text=text, client_message_id="1")
        if turn.error is not None:
            return "failed"
        articles = [citation.document_id for citation in turn.reply.citations]
        return ":".join((turn.reply.action.value, *articles))

    def prepare(text: str) -> str:
        return to_simplified(desk.redact(accept_text(text, limit=desk.text_limit)))

    return Product(desk.models().intents, decide, prepare)
