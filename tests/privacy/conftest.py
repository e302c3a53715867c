"""Detection by rules alone, whatever another test of this process has configured."""

from __future__ import annotations

import pytest

from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure


@pytest.fixture(autouse=True)
def _rules_alone() -> None:
    configure(NO_CUSTOM_TYPES)
