from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.conversation import Language
from chatbot.errors import SettingsInvalid
from chatbot.settings import load_settings

AGE = (
    '{"age_band": {"en": "Age", "zh": "年龄", "values": '
    '{"young": {"en": "young", "zh": "年轻"}, "old": {"en": "old", "zh": "老"}}}}'
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default_and_lives_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    settings = load_settings()
    assert settings.sqlalchemy_url == f"sqlite:///{tmp_path / 'home' / 'kefu.db'}"
    assert settings.models_home.parent == settings.intents_home.parent == tmp_path / "home"


def test_a_password_in_the_database_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DATABASE_URL", "postgresql://kefu:secret@localhost/kefu")
    settings = load_settings()
    assert "secret" not in repr(settings)
    assert "secret" in settings.sqlalchemy_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEFU_PORT", "99999"),
        ("KEFU_ANSWER_SCORE", "2"),
        ("KEFU_ENCODER", "abacus"),
        ("KEFU_ALLOWED_ORIGINS", "https://shop.example"),
        ("KEFU_HOME", "~nobody-of-that-name/x"),
        ("KEFU_AUDIT_ATTRIBUTES", "age_band"),
        ("KEFU_AUDIT_ATTRIBUTES", '{"age_band": ["young", "old"]}'),
        ("KEFU_AUDIT_ATTRIBUTES", AGE.replace("young", "20 - 29")),
        ("KEFU_AUDIT_ATTRIBUTES", AGE.replace("age_band", "language")),
        ("KEFU_AUDIT_ATTRIBUTES", AGE.replace(', "old": {"en": "old", "zh": "老"}', "")),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as raised:
        load_settings()
    assert name.lower().removeprefix("kefu_") in str(raised.value).lower()


def test_an_environment_file_in_another_encoding_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("KEFU_COMPANY_NAME_ZH=枫木".encode("gb18030"))
    with pytest.raises(SettingsInvalid, match="UTF-8"):
        load_settings()


def test_what_customers_may_tell_is_read_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_AUDIT_ATTRIBUTES", AGE)
    age = load_settings().offered_attributes["age_band"]
    assert list(age.values) == ["young", "old"]
    assert age.values["old"].say(Language.ZH_HANT) == "老"
    assert age.say(Language.ZH_HANT) == "年齡"


@pytest.mark.parametrize(
    ("environment", "offered"),
    [({}, ["age_band"]), ({"COLLECTION": "mine"}, []), ({"AUDIT_ATTRIBUTES": "{}"}, [])],
)
def test_only_the_demo_company_asks_without_being_told_to(
    environment: dict[str, str], offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"KEFU_{name}", value)
    assert list(load_settings().offered_attributes) == offered
