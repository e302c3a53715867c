"""Thirty files of each format, no two alike, each with the facts that have to come out of it."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable

from tests.knowledge_base.made_office import Block, Cell, docx_file, xlsx_file, zip_file
from tests.knowledge_base.made_pdf import Letters, pdf

COUNT = 30

Facts = list[tuple[str, str]]
"""Pairs of heading, or question, and the sentence under it."""

_GOODS = ("lamp", "kettle", "desk", "router", "ticket", "policy", "lens")
_WARES = ("台灯", "水壶", "书桌", "路由器", "车票", "保单", "镜片")
_CITIES = ("Leeds", "Boston", "Perth", "Cork", "Dover")
_TOWNS = ("北京", "上海", "成都", "广州", "西安")


def is_chinese(number: int) -> bool:
    return number % 2 == 1


def facts(number: int) -> Facts:
    """Between one and five, in the language of the file."""
    found = []
    for place in range(1 + number % 5):
        price, where = 100 * number + place + 7, (number + place) % 5
        if is_chinese(number):
            ware = _WARES[(number + place) % 7]
            sentence = f"寄往{_TOWNS[where]}的{ware}运费是{price}元，三天内送达。"
            found.append((f"{ware}的运费是多少（{price}）？", sentence))
        else:
            good = _GOODS[(number + place) % 7]
            sentence = f"Sending a {good} to {_CITIES[where]} costs {price} dollars & takes a week."
            found.append((f"What does a {good} cost to send ({price})?", sentence))
    return found


def _csv(number: int) -> bytes:
    header = ("问题", "答案") if is_chinese(number) else ("Question", "Answer")
    rows: list[tuple[str, ...]] = [header, *facts(number)]
    if number % 3 == 0:
        named = [(f"f{number}-{place}", *pair) for place, pair in enumerate(facts(number))]
        rows = [("id", "question", "answer"), *named]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n" if number % 4 == 0 else "\n").writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if number % 5 == 0 else "utf-8")


def _jsonl(number: int) -> bytes:
    rows: list[dict[str, object]] = []
    for place, (question, answer) in enumerate(facts(number)):
        if number % 3 == 0:
            said = (("system", "Be brief."), ("user", question), ("assistant", answer))
            rows.append({"messages": [{"role": role, "content": text} for role, text in said]})
        else:
            rows.append({"id": f"j{number}-{place}", "question": question, "answer": answer})
    return "\n".join(json.dumps(row, ensure_ascii=number % 2 == 0) for row in rows).encode()


def _markdown(number: int) -> bytes:
    front = f"---\nid: m{number}\ntitle: Guide {number}\n---\n" if number % 3 else ""
    body = "".join(f"## {heading}\n\n*{text}*\n\n" for heading, text in facts(number))
    return f"{front}# Guide {number}\n\n{body}".encode()


def _txt(number: int) -> bytes:
    pairs = facts(number)
    if number % 3 == 0:
        asks, answers = ("问", "答") if is_chinese(number) else ("Q", "A")
        text = "".join(f"{asks}：{question}\n{answers}：{text}\n\n" for question, text in pairs)
    elif number % 3 == 1:
        text = "".join(f"{n}. Part\n\n{text}\n\n" for n, (_, text) in enumerate(pairs, start=1))
    else:
        text = "\n\n".join(text for _, text in pairs)
    return text.encode(("utf-8", "gb18030", "utf-16", "utf-8-sig")[number % 4])


def _html(number: int) -> bytes:
    pairs = [(html.escape(question), html.escape(text)) for question, text in facts(number)]
    kind = number % 5
    if kind == 0:
        body = "".join(f"<h2 id=s{n}>{q}</h2><p>{a}</p>" for n, (q, a) in enumerate(pairs))
    elif kind == 1:
        body = "<dl>" + "".join(f"<dt>{q}</dt><dd>{a}</dd>" for q, a in pairs) + "</dl>"
    elif kind == 2:
        body = "".join(f"<details><summary>{q}</summary><p>{a}</p></details>" for q, a in pairs)
    elif kind == 3:
        rows = "".join(f"<tr><td>{q}</td><td>{a}</td></tr>" for q, a in pairs)
        body = f"<h2>Table</h2><table>{rows}</table>"
    else:
        body = f'<script type="application/ld+json">{json.dumps(_faq_page(number))}</script>'
    encoding = ("utf-8", "gb18030", "utf-16")[number % 3]
    shell = "<nav>Home</nav><main>{}</main><footer>Imprint</footer>" if number % 2 else "{}"
    page = f'<html><head><meta charset="{encoding}"><title>Help {number}</title></head><body>'
    return (page + shell.format(body) + "</body></html>").encode(encoding)


def _faq_page(number: int) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": [
            {"@type": "Question", "name": q, "acceptedAnswer": {"@type": "Answer", "text": a}}
            for q, a in facts(number)
        ],
    }


def _pdf(number: int) -> bytes:
    pairs = facts(number)
    written = (Letters.MAPPED, Letters.UNICODE, Letters.GBK)[number // 2 % 3]
    return pdf(
        [[heading, text] for heading, text in pairs],
        letters=written if is_chinese(number) else Letters.LATIN,
        title=f"手册 {number}" if number % 3 else "",
        outline=[(q, page) for page, (q, _) in enumerate(pairs, start=1)] if number % 4 else (),
        packed=number % 2 == 0,
        picture=number % 5 == 0,
    )


def _docx(number: int) -> bytes:
    blocks: list[Block] = [("Title", f"手册 {number}")] if number % 2 else []
    for place, (heading, text) in enumerate(facts(number)):
        kind = (number + place) % 4
        if kind == 0:
            blocks += [("Heading 1", heading), ("Normal", text)]
        elif kind == 1:
            blocks += [("Heading 2", heading), ("List Bullet", text)]
        elif kind == 2:
            blocks.append([["区", "说明"] if is_chinese(number) else ["A", "B"], ["C", text]])
        else:
            blocks.append([["问题", "答案"], [heading, text]])
    return docx_file(blocks, title=f"Guide {number}", keywords="fees")


def _xlsx(number: int) -> bytes:
    pairs = facts(number)
    rows: list[list[Cell]]
    if number % 4 == 0:
        rows = [["question", "answer", "id"]]
        rows += [[q, a, f"x{number}-{n}"] for n, (q, a) in enumerate(pairs)]
    elif number % 4 == 1:
        rows = [
            ["分段标题（选填）", "分段内容（必填，问题答案）", "问题（选填，单元格内一行一个）"]
        ]
        rows += [["运费", answer, f"{question}\n另一种问法？"] for question, answer in pairs]
    elif number % 4 == 2:
        rows = [["Question", "Answer"], *([q, a] for q, a in pairs)]
    else:
        rows = [["名称", "说明", "件数"], *([q, a, n] for n, (q, a) in enumerate(pairs))]
    return xlsx_file({"费用" if is_chinese(number) else "Fees": rows, "Notes": []})


def _zip(number: int) -> bytes:
    makers = list(FILES.items())
    suffix, make = makers[number % (len(makers) - 1)]
    return zip_file(
        {
            f"文件夹 {number}/资料{suffix}": make(number),
            "readme.png": b"\x89PNG",
            "__MACOSX/._x.csv": b"\0",
        }
    )


FILES: dict[str, Callable[[int], bytes]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".md": _markdown,
    ".txt": _txt,
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".zip": _zip,
}
