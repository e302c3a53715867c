"""A Milvus server of the test's own, in this process: milvus-lite behind its network address."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from milvus_lite.adapter.grpc.server import start_server_in_thread

_PAUSE_SECONDS = 2.5


class MilvusLite:
    """Keeps its port and its data over a stop and a start."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = 0
        self._server: Any = None
        self._data: Any = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start_again(self) -> None:
        """And wait until clients would try to connect: after a failure they pause for a second."""
        self.start()
        time.sleep(_PAUSE_SECONDS)

    def start(self) -> None:
        self._server, self._data, self._port = start_server_in_thread(
            data_dir=str(self._home), host="127.0.0.1", port=self._port
        )

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(None).wait()
            self._data.close()
            self._server = None
