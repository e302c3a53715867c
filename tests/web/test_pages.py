from __future__ import annotations

from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from knowledge_base.collection import Collection
from knowledge_base.passages import DRAFT, Document


def test_a_page_may_only_load_and_call_its_own_server(client: TestClient) -> None:
    for path in ("/", "/widget.js", "/help", "/healthz", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy


def test_the_shop_embeds_the_widget(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "/widget.js" in page.text
    assert client.get("/widget.js").headers["content-type"].startswith("text/javascript")


def test_a_citation_leads_to_its_article_and_markup_in_it_is_text(
    client: TestClient, kefu: Kefu
) -> None:
    document = Document(
        "x-zh", "问？", "答<script>alert(1)</script>", "标题", "/help/x?lang=zh", "zh"
    )
    Collection(kefu.settings.collections_home / "demo").merge([document])
    page = client.get("/help/x?lang=zh")
    assert page.status_code == 200
    assert "标题" in page.text
    assert "&lt;script&gt;alert" in page.text
    assert "/help/x?lang=zh" in client.get("/help?lang=zh").text
    assert client.get("/help/x?lang=en").status_code == 404
    assert client.get("/help/x?lang=fr").status_code == 422


def test_what_may_not_answer_has_no_page(client: TestClient, kefu: Kefu) -> None:
    draft = Document("d", "D?", "Soon.", "D", "/help/d?lang=en", "en", status=DRAFT)
    old = Document("o", "O?", "Was.", "O", "/help/o?lang=en", "en", valid_until="2001-01-31")
    Collection(kefu.settings.collections_home / "demo").merge([draft, old])
    for topic in ("d", "o"):
        assert client.get(f"/help/{topic}?lang=en").status_code == 404
        assert f"/help/{topic}?" not in client.get("/help?lang=en").text
