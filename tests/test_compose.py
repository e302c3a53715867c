"""docker-compose.yml and the Dockerfile, checked without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatbot.settings import Settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "api", "worker", "beat")
ONE_SHOT = {name for name, service in SERVICES.items() if service.get("restart") == "no"}


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", *OURS}
    assert {"migrate"} == ONE_SHOT


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_a_service_that_stays_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_foreign_images_are_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?-[a-z]+", SERVICES[name]["image"])


def test_our_image_begins_with_a_pinned_one_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "web" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"FROM python:3\.11\.\d+-slim-[a-z]+", lines[0])
    assert "USER kefu" in lines
    copied = {line.split()[1] for line in lines if line.startswith("COPY")}
    packages = {"chatbot", "knowledge_base", "privacy", "training", "web"}
    assert packages <= copied


def test_no_secret_has_a_default() -> None:
    named = re.findall(r"\$\{(\w+)(:?[-?][^}]*)?\}", TEXT)
    assert named
    for name, rule in named:
        if "PASSWORD" in name:
            assert rule.startswith(":?"), name
    assert not re.search(r"(?i)(password|secret|token)\w*: *[\"']?\w", TEXT)


def test_only_who_seals_and_opens_has_the_keys() -> None:
    def mounts(name: str) -> set[str]:
        return {volume.partition(":")[0] for volume in SERVICES[name].get("volumes", [])}

    holders = {name for name in SERVICES if "keys" in mounts(name)}
    assert holders == {"api", "worker"}
    assert mounts("postgres") == {"postgres"}
    assert "kefu" not in mounts("beat") | mounts("redis")
    keys = [volume for volume in SERVICES["api"]["volumes"] if volume.startswith("keys:")]
    home = Settings(home=Path("/data"), _env_file=None)
    assert keys == [f"keys:{home.keys_home}"]


def test_every_volume_and_network_that_is_named_is_declared() -> None:
    volumes = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert volumes == set(COMPOSE["volumes"])
    networks = {name for service in SERVICES.values() for name in service["networks"]}
    assert networks == set(COMPOSE["networks"])


def test_the_database_and_the_broker_cannot_be_reached_from_outside() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])


@pytest.mark.parametrize("name", OURS)
def test_our_services_wait_for_what_they_need(name: str) -> None:
    needed = SERVICES[name]["depends_on"]
    if name == "migrate":
        assert needed == {"postgres": {"condition": "service_healthy"}}
    else:
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_settings_that_are_handed_over_exist(name: str) -> None:
    given = {key.removeprefix("KEFU_").lower() for key in SERVICES[name]["environment"]}
    assert given <= set(Settings.model_fields)


def test_only_one_process_brings_workers() -> None:
    assert "--no-workers" in SERVICES["api"]["command"][-1]
    assert SERVICES["worker"]["command"] == ["kefu", "worker"]
    assert SERVICES["beat"]["command"] == ["kefu", "beat"]
