"""`python -m tests.chatbot.swapping_server HOME`: answers turns until told to stop, and says after
each which model version it was answered with."""

from __future__ import annotations

import sys
from pathlib import Path

from chatbot.bootstrap import Kefu, build
from chatbot.conversation import Turn
from chatbot.fakes import MemoryStore, OverlapRetriever
from chatbot.logs import configure_logging
from chatbot.reception import open_conversation
from chatbot.settings import Settings
from chatbot.turn import answer_turn
from knowledge_base.passages import Document

DOCUMENTS = (Document("parcel", "Where is my parcel?", "On its way.", "Parcels", language="en"),)


def serve(home: Path) -> Kefu:
    """The real way from the pointer to the loaded model; only knowledge and memory are fakes."""
    return build(
        Settings(home=home, _env_file=None),
        store=MemoryStore(),
        retriever=lambda _name: OverlapRetriever(DOCUMENTS),
    )


def ask(kefu: Kefu) -> Turn:
    opened = open_conversation(kefu.store, kefu.clock, channel="web", collection="demo")
    return answer_turn(
        kefu.desk("demo"), opened.conversation, text="where is my parcel", client_message_id="1"
    )


def main() -> None:
    # Standard output is for the answers alone.
    configure_logging("WARNING")
    kefu = serve(Path(sys.argv[1]))
    for _ in sys.stdin:
        turn = ask(kefu)
        print(turn.error or turn.reply.versions["intents"], flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
