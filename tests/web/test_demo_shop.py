from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.settings import Settings
from web.demo_shop import PATH, with_demo_shop


def test_the_demo_company_brings_its_order_service(client: TestClient, kefu: Kefu) -> None:
    assert kefu.settings.collection == "demo"
    answer = client.get(f"{PATH}/ME20260101", headers={"Kefu-verifier": "0042"})
    assert answer.json()["status"] == "shipped"
    stranger = client.get(f"{PATH}/ME20260101", headers={"Kefu-verifier": "0000"})
    assert stranger.status_code == 404


def test_a_served_demo_asks_its_own_shop_over_http(tmp_path: Path) -> None:
    demo = Settings.model_validate({"home": tmp_path})
    for host, address in (
        ("127.0.0.1", "http://127.0.0.1:8000/demo/orders"),
        ("0.0.0.0", "http://127.0.0.1:8000/demo/orders"),
        ("::", "http://[::1]:8000/demo/orders"),
    ):
        assert with_demo_shop(demo, host=host, port=8000).orders_url == address
    own = demo.model_copy(update={"orders_url": "http://shop/orders"})
    assert with_demo_shop(own, host="::", port=1) == own
    other = demo.model_copy(update={"collection": "other"})
    assert with_demo_shop(other, host="::", port=1) == other
