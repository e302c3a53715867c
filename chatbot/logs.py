"""Logging: one JSON object a line on stderr, never a customer's words."""

from __future__ import annotations

import logging
import sys

import structlog

from chatbot.log_masking import mask_event, mask_library_logs


def configure_logging(level: str) -> None:
    mask_library_logs()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            mask_event,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_on_stderr,
        cache_logger_on_first_use=False,
    )


def _on_stderr(*_: object) -> structlog.PrintLogger:
    # Looked up for each line: whoever runs this code may have put another stream there.
    return structlog.PrintLogger(sys.stderr)
