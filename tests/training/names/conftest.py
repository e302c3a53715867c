"""A tiny encoder and the fillers, made once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tiny_encoder import write_encoder
from training.names.babble import Babble
from training.names.chinese import ChineseFillers
from training.names.filling import Filler
from training.names.latin import LatinFillers


@pytest.fixture(scope="session")
def models_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("models")
    write_encoder(home / "e5")
    return home


@pytest.fixture(scope="session")
def latin() -> LatinFillers:
    return LatinFillers(random.Random(1), locales=("en_US", "de_DE"))


@pytest.fixture
def filler(latin: LatinFillers, models_home: Path) -> Filler:
    draw = random.Random(1)
    babble = Babble(draw, models_home / "e5", names=latin.words())
    return Filler(draw, latin, ChineseFillers(draw), babble)
