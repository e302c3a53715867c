"""The jobs of the product itself: thin, over use cases, and importing nothing heavy too early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from chatbot.job_kinds import Assignment, JobKind
from chatbot.jobs import Queue

HOUR = 3600


def kinds() -> tuple[JobKind, ...]:
    """Called for the entry point group `kefu.tasks`."""
    return (
        JobKind(
            name="kefu.privacy.anonymise",
            queue=Queue.PRIVACY,
            run=_anonymise,
            limit_seconds=6 * HOUR,
            summary=("Mask stored messages by the newest rules", "按最新规则重新脱敏"),
            arguments=("again",),
        ),
        JobKind(
            name="kefu.privacy.purge",
            queue=Queue.PRIVACY,
            run=_purge,
            limit_seconds=2 * HOUR,
            summary=("Delete what has been kept long enough", "删除已到保存期限的数据"),
        ),
        JobKind(
            name="kefu.privacy.reseal",
            queue=Queue.PRIVACY,
            run=_reseal,
            limit_seconds=24 * HOUR,
            summary=(
                "Seal everything anew under fresh customer keys",
                "为每位客户更换密钥并重新加密全部原文",
            ),
        ),
        JobKind(
            name="kefu.knowledge.build",
            queue=Queue.INTERACTIVE,
            run=_build,
            limit_seconds=4 * HOUR,
            summary=("Let changed knowledge answer", "重建知识库索引"),
            arguments=("collection",),
        ),
        JobKind(
            name="kefu.knowledge.refresh",
            queue=Queue.INTERACTIVE,
            run=_refresh,
            limit_seconds=4 * HOUR,
            summary=(
                "Index articles that became valid or expired",
                "重建有文章生效或过期的知识库",
            ),
        ),
    )


def _shown_by(given: Assignment) -> Callable[[str, int, int], None]:
    """The job's watch hears how much more of a stage is done, where the work tells how much is."""
    seen: dict[str, int] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in seen:
            given.watch.stage(stage, total)
        given.watch.advance(done - seen.get(stage, 0))
        seen[stage] = done

    return show


def _anonymise(given: Assignment) -> Mapping[str, object]:
    from chatbot.privacy_desk import Actor, anonymise_stored
    from chatbot.privacy_home import open_privacy_desk

    # After a worker was killed in the middle, the next one goes on where that one stopped.
    again = given.job.arguments.get("again") is True and not given.job.stage
    desk = open_privacy_desk(given.settings)
    actor = Actor("worker", "worker")
    return asdict(anonymise_stored(desk, actor=actor, again=again, progress=_shown_by(given)))


def _purge(given: Assignment) -> Mapping[str, object]:
    from chatbot.privacy_desk import Actor, purge_expired
    from chatbot.privacy_home import open_privacy_desk

    desk = open_privacy_desk(given.settings)
    given.watch.stage("Deleting", 1)
    counts = purge_expired(
        desk, given.settings.retention, actor=Actor("worker", "worker"), now=desk.clock.now()
    )
    given.watch.advance()
    return dict(counts)


def _reseal(given: Assignment) -> Mapping[str, object]:
    from chatbot.privacy_desk import Actor
    from chatbot.privacy_home import open_privacy_desk
    from chatbot.reseal import reseal_stored

    desk = open_privacy_desk(given.settings)
    return asdict(reseal_stored(desk, actor=Actor("worker", "worker"), progress=_shown_by(given)))


def _build(given: Assignment) -> Mapping[str, object]:
    from chatbot.bootstrap import load_embedder
    from chatbot.knowledge_home import build_knowledge
    from chatbot.vault_home import collection_of

    name = given.text("collection", given.settings.collection)
    collection = collection_of(given.settings, name)
    collection.documents()  # a collection that is not there is said before any model loads
    stages: dict[str, int] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in stages:
            given.watch.stage(stage, total)
        given.watch.advance(done - stages.get(stage, 0))
        stages[stage] = done

    version = build_knowledge(
        given.settings, collection, load_embedder(given.settings), progress=_shown_by(given)
    )
    return {"collection": name, "version": version}


def _refresh(given: Assignment) -> Mapping[str, object]:
    from chatbot.bootstrap import load_embedder
    from chatbot.clock import SystemClock
    from chatbot.refresh import outdated_collections, rebuild

    found = outdated_collections(given.settings, SystemClock().now().date())
    # On most days there is nothing to do, and no model to load for it.
    embedder = load_embedder(given.settings) if found else None
    built: dict[str, str] = {}
    if embedder:
        built = rebuild(given.settings, found, embedder, progress=lambda: _shown_by(given))
    return {"built": len(built), "versions": built}
