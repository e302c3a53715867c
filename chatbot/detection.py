"""The installation's settings, made known to what finds personal data."""

from __future__ import annotations

from chatbot.lazy_names import LazyNames
from chatbot.settings import Settings
from privacy.custom_types import NO_CUSTOM_TYPES, load_custom_types
from privacy.detector import TYPES, configure


def configure_detection(settings: Settings) -> None:
    """Once in each process, before any text. Raises CustomTypesInvalid."""
    path = settings.pii_types
    configure(
        NO_CUSTOM_TYPES if path is None else load_custom_types(path, taken=TYPES),
        LazyNames(settings.names_home, settings.encoder_home),
    )
