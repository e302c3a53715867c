import threading
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from chatbot.adapters.name_model import MANIFEST
from chatbot.errors import NameModelInvalid
from chatbot.lazy_names import NONE, LazyNames
from chatbot.logs import configure_logging
from privacy.custom_types import NO_CUSTOM_TYPES
from privacy.detector import configure
from privacy.redaction import redact


def test_an_installation_without_a_model_says_so_once(tmp_path: Path) -> None:
    names = LazyNames(tmp_path / "names", tmp_path / "e5")
    with capture_logs() as logs:
        assert names.find(["Anna Berg", "张伟"]) == [[], []]
        assert names.find(["Anna Berg"]) == [[]]
    assert [line["event"] for line in logs] == ["no_name_model"]
    assert names.version == NONE


def test_a_log_that_is_masked_by_it_does_not_wait_for_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO")
    configure(NO_CUSTOM_TYPES, LazyNames(tmp_path / "names", tmp_path / "e5"))
    try:
        reader = threading.Thread(target=redact, args=("a text of several words",), daemon=True)
        reader.start()
        reader.join(10)
        assert not reader.is_alive()
    finally:
        configure(NO_CUSTOM_TYPES)
        structlog.reset_defaults()
    assert "kefu train names" in capsys.readouterr().err


def test_a_broken_model_is_not_gone_without(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")
    names = LazyNames(tmp_path, tmp_path / "e5")
    for _ in range(2):
        with pytest.raises(NameModelInvalid):
            names.find(["Anna Berg"])


def test_nothing_is_loaded_before_a_text_is_read(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")
    LazyNames(tmp_path, tmp_path / "e5")
