"""A key service behind a program of the company's: any KMS that a few lines of script can reach.

The program is started anew for each call, gets one JSON object on standard input and answers with
one on standard output:

    {"operation": "wrap", "secret": BASE64}                      → {"key_id": …, "wrapped": BASE64}
    {"operation": "unwrap", "key_id": …, "wrapped": BASE64}      → {"secret": BASE64}

An exit status other than 0 is a refusal. What it writes to standard error reaches the operator.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence

from privacy.errors import MasterKeyUnavailable
from privacy.master_source import WrappedSecret

_BY_HAND = "Run the program by hand to see why."


class CommandMasterKey:
    def __init__(self, command: Sequence[str], *, name: str, limit_seconds: float = 10.0) -> None:
        self.name = name
        self._command = tuple(command)
        self._limit_seconds = limit_seconds

    def wrap(self, secret: bytes) -> WrappedSecret:
        answer = self._ask({"operation": "wrap", "secret": base64.b64encode(secret).decode()})
        key_id = answer.get("key_id")
        if not isinstance(key_id, str) or not key_id:
            raise self._refused("its answer names no key_id")
        return WrappedSecret(key_id, self._bytes(answer, "wrapped"))

    def unwrap(self, wrapped: WrappedSecret) -> bytes:
        data = base64.b64encode(wrapped.data).decode()
        question = {"operation": "unwrap", "key_id": wrapped.key_id, "wrapped": data}
        return self._bytes(self._ask(question), "secret")

    def _ask(self, question: Mapping[str, str]) -> Mapping[str, object]:
        try:
            done = subprocess.run(
                self._command,
                input=json.dumps(question).encode(),
                stdout=subprocess.PIPE,
                timeout=self._limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._refused(f"no answer came within {self._limit_seconds:g} seconds") from None
        except OSError as error:
            raise self._refused(f"the program cannot be started ({error.strerror})") from None
        if done.returncode != 0:
            raise self._refused(f"the program ended with the status {done.returncode}")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._refused("its answer is no JSON object")
        return answer

    def _bytes(self, answer: Mapping[str, object], field: str) -> bytes:
        try:
            return base64.b64decode(str(answer[field]), validate=True)
        except (KeyError, ValueError):
            raise self._refused(f"its answer has no base64 under {field!r}") from None

    def _refused(self, reason: str) -> MasterKeyUnavailable:
        return MasterKeyUnavailable(self.name, reason, remedy=_BY_HAND)
