"""`make bench-turns`: latency and throughput of a turn over HTTP, beside a bare health call.

The client runs on the same two cores as the server, so the figures are what is left for both.
"""

from __future__ import annotations

import asyncio
import csv
import random
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chatbot.demo.company import UTTERANCES
from chatbot.settings import load_settings
from tests.conftest import start_server

WARM_UP = 20
ONE_BY_ONE = 300
CONVERSATIONS = 32
TURNS_EACH = 30


def _questions(count: int) -> list[str]:
    texts = [
        row["text"]
        for path in UTTERANCES
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""))
    ]
    return random.Random(7).sample(texts, count)


async def _open(client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    opened = (await client.post("/v1/conversations", json={"collection": "demo"})).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    return f"/v1/conversations/{opened['conversation_id']}/messages", headers


async def _turns(client: httpx.AsyncClient, texts: list[str]) -> list[float]:
    """Milliseconds of each turn, one after the other, in one conversation."""
    path, headers = await _open(client)
    times = []
    for number, text in enumerate(texts):
        started = time.perf_counter()
        response = await client.post(
            path, json={"text": text, "client_message_id": str(number)}, headers=headers
        )
        times.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, response.text
    return times


async def _streamed(client: httpx.AsyncClient, texts: list[str]) -> list[float]:
    """Milliseconds until the last event of each turn."""
    path, headers = await _open(client)
    times = []
    for number, text in enumerate(texts):
        started = time.perf_counter()
        response = await client.post(
            path,
            json={"text": text, "client_message_id": str(number)},
            headers={**headers, "Accept": "text/event-stream"},
        )
        times.append((time.perf_counter() - started) * 1000)
        assert "event: done" in response.text, response.text
    return times


async def _health(client: httpx.AsyncClient) -> list[float]:
    times = []
    for _ in range(ONE_BY_ONE):
        started = time.perf_counter()
        await client.get("/healthz")
        times.append((time.perf_counter() - started) * 1000)
    return times


async def _measure(url: str, progress: Progress) -> dict[str, str]:
    limits = httpx.Limits(max_connections=CONVERSATIONS)
    task = progress.add_task("turns", total=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        await _turns(client, _questions(WARM_UP))
        alone = await _turns(client, _questions(ONE_BY_ONE))
        streamed = await _streamed(client, _questions(ONE_BY_ONE))
        bare = await _health(client)
        texts = _questions(CONVERSATIONS * TURNS_EACH)
        started = time.perf_counter()
        crowd = await asyncio.gather(
            *(
                _turns(client, texts[start : start + TURNS_EACH])
                for start in range(0, len(texts), TURNS_EACH)
            )
        )
        seconds = time.perf_counter() - started
    progress.update(task, completed=1, total=1)
    together = [value for times in crowd for value in times]
    return {
        "one turn, p50 ms": f"{median(alone):.1f}",
        "one turn, p95 ms": f"{quantiles(alone, n=20)[-1]:.1f}",
        "one turn as server-sent events, p50 ms": f"{median(streamed):.1f}",
        "p50 as a multiple of /healthz": f"{median(alone) / median(bare):.1f}",
        f"{CONVERSATIONS} at once, turns/s": f"{len(together) / seconds:.0f}",
        f"{CONVERSATIONS} at once, p95 ms": f"{quantiles(together, n=20)[-1]:.0f}",
        "failed turns": "0",
    }


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        database = f"sqlite:///{folder}/bench.db"
        server = start_server(load_settings().home, KEFU_DATABASE_URL=database)
        try:
            rows = asyncio.run(_measure(server.url, progress))
            rows["resident memory of the server, MB"] = (
                f"{_resident_megabytes(server.process.pid):.0f}"
            )
        finally:
            server.stop()
    table = Table("what", "measured", title="Turns over HTTP, demo knowledge base")
    for name, value in rows.items():
        table.add_row(name, value)
    Console().print(table)


if __name__ == "__main__":
    main()
