"""`python -m chatbot.child SIGNAL PARENT COMMAND…`: a command that does not outlive its parent.

The kernel remembers the wish across exec, so the command itself needs to know nothing of it.
Elsewhere than on Linux the parent's own clean-up has to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> None:
    """The kernel sends `how` when the thread that started this process ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, how.value)


def command(*arguments: str, how: signal.Signals) -> list[str]:
    """The command line that runs `arguments` as such a child of this process."""
    return [sys.executable, "-m", __name__, how.name, str(os.getpid()), *arguments]


def main() -> None:
    how, parent, *arguments = sys.argv[1:]
    die_with_parent(signal.Signals[how])
    if os.getppid() != int(parent):
        # It died before the wish was known.
        sys.exit(1)
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main()
