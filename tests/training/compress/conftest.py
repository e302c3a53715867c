from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.compress.tiny_source import train_source


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained tiny model; read only."""
    return train_source(tmp_path_factory.mktemp("compress"))
