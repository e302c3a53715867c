from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.training.evaluation.sample_evaluation import sample_dossier
from training.evaluation.page import render_page
from training.evaluation.sentences import evaluation_wording


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request: pytest.FixtureRequest) -> str:
    return render_page(sample_dossier(), evaluation_wording(request.param))


def test_a_page_asks_for_nothing_from_elsewhere(page: str) -> None:
    without_own = re.sub(r'(src="data:image/png;base64,[A-Za-z0-9+/=]+"|href="#[\w-]+")', "", page)
    assert not re.search(r'(src|href)="', without_own)
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert "<script" not in page


def test_sentences_and_names_are_escaped(page: str) -> None:
    assert "&lt;b&gt;sentence 2&lt;/b&gt; &amp; more" in page
    assert "<b>" not in page
    assert "test &lt;1&gt;.csv" in page


def test_ids_are_unique_and_table_heads_have_scopes(page: str) -> None:
    ids = re.findall(r'<[^>]*\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 10
    assert all("scope=" in head for head in re.findall(r"<th[\s>][^>]*", page))


def test_the_chinese_page_is_chinese() -> None:
    page = render_page(sample_dossier(), evaluation_wording("zh"))
    body = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page[page.index("<main>") :], flags=re.DOTALL)
    assert not re.search(r"\b(the|of|and|by|model|confidence)\b", body)


def test_the_weakest_intent_stands_on_top() -> None:
    page = render_page(sample_dossier(), evaluation_wording("en"))
    table = page[page.index('id="intents"') :]
    names = re.findall(r'<th scope="row">([^<]+)</th>', table)
    assert names == ["退款查询", "refund", "out_of_scope"]


def test_without_another_model_there_is_no_comparison() -> None:
    lonely = render_page(replace(sample_dossier(), rivalry=None), evaluation_wording("en"))
    assert 'id="against"' not in lonely
    assert 'id="against"' in render_page(sample_dossier(), evaluation_wording("en"))
