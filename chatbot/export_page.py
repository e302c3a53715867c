"""A customer's export as one page to read: nothing in it runs, and nothing is fetched.

What a machine wrote is marked on every such message, and in the page's metadata, as China's
measures for labelling synthetic content of 2025 ask and article 50 of the EU's AI Act.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any

from chatbot.conversation import Action, Author

Words = Mapping[str, str]
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b}
body{max-width:48rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #ccc}
article{border-left:4px solid #8a8a8a;margin:1rem 0;padding:.2rem 1rem}
article.bot{border-color:#1f5fbf}article.agent{border-color:#2c7a3f}
.badge{font-weight:600}.label{background:#eef;border:1px solid #99b;padding:0 .4rem}
.words{white-space:pre-wrap;overflow-wrap:anywhere}small,time{color:#555}
"""


def render_export(export: Mapping[str, Any], language: str) -> str:
    """`export` as `export_customer` gives it; any language but `zh` gets English."""
    chosen = "zh" if language.startswith("zh") else "en"
    words: Words = _load()[chosen]
    intro = words["intro"].format(at=_moment(export["exported_at"]))
    parts = [
        f"<h1>{words['title']}</h1>",
        f"<p>{escape(intro)}</p>",
        f"<p>{words['reference']} <strong>{escape(export['customer'])}</strong></p>",
        f'<p class="label">{words["label"]}</p>',
        _section(words["conversations"], _conversations(export["conversations"], words), words),
        _section(words["consents"], _consents(export["consents"], words), words),
        _section(words["attributes"], _attributes(export["attributes"], words), words),
        _section(words["review"], _review(export["review_items"], words), words),
        _section(words["looks"], _looks(export["looked_at_by"], words), words),
    ]
    tag = "zh-Hans" if chosen == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tag}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        '<meta name="generated-content" content="kefu">'
        f"<title>{words['title']}</title><style>{_STYLE}</style></head>\n"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _section(heading: str, body: str, words: Words) -> str:
    nothing = f"<p>{words['nothing']}</p>"
    return f"<section><h2>{heading}</h2>{body or nothing}</section>\n"


def _conversations(conversations: Sequence[Mapping[str, Any]], words: Words) -> str:
    return "".join(
        f"<h3>{escape(words['conversation'].format(at=_moment(one['opened_at'])))}</h3>"
        + "".join(_message(message, words) for message in one["messages"])
        for one in conversations
    )


def _message(message: Mapping[str, Any], words: Words) -> str:
    author = str(message["author"])
    badge = f'<span class="badge">{words[author]}</span>'
    label = _label(message, words)
    lines = [
        f"{badge} {label} <time>{_moment(message['at'])}</time>",
        f'<div class="words">{escape(message["original"] or message["text"])}</div>',
        *_masked(message, words),
        *_sources(message, words),
        *_rating(message, words),
    ]
    return f'<article class="{author}">{"".join(lines)}</article>\n'


def _label(message: Mapping[str, Any], words: Words) -> str:
    if message["author"] != Author.BOT.value:
        return ""
    decision = message["decision"] or {}
    answered = decision.get("action") == Action.ANSWER.value
    how = "generated" if decision.get("generated") else "curated" if answered else "machine"
    return f'<span class="label">{words[how]}</span>'


def _masked(message: Mapping[str, Any], words: Words) -> Iterable[str]:
    if message.get("original_missing"):
        yield f"<small>{words['missing']}</small>"
    elif message["original"] not in (None, message["text"]):
        yield f"<small>{words['masked']} {escape(message['text'])}</small>"


def _sources(message: Mapping[str, Any], words: Words) -> Iterable[str]:
    citations = (message["decision"] or {}).get("citations") or ()
    titles = [str(one.get("title") or one.get("document_id") or "") for one in citations]
    if titles:
        yield f"<div><small>{words['sources']} {escape(', '.join(titles))}</small></div>"


def _rating(message: Mapping[str, Any], words: Words) -> Iterable[str]:
    feedback = message["feedback"]
    if feedback is not None:
        said = words["helpful" if feedback["helpful"] else "unhelpful"]
        reason = f" {words['rating']} {escape(feedback['reason'])}" if feedback["reason"] else ""
        yield f"<div><small>{said}{reason}</small></div>"


def _consents(consents: Sequence[Mapping[str, Any]], words: Words) -> str:
    rows = [
        (
            _moment(one["at"]),
            _named("scope", one["scope"], words),
            words["agreed" if one["granted"] else "refused"],
            one["wording_version"],
        )
        for one in consents
    ]
    return _table([words[name] for name in ("at", "scope", "statement", "wording")], rows)


def _attributes(attributes: Sequence[Mapping[str, Any]], words: Words) -> str:
    rows = [(_moment(one["at"]), one["name"], one["value"] or "") for one in attributes]
    return _table([words[name] for name in ("at", "name", "value")], rows)


def _review(items: Sequence[Mapping[str, Any]], words: Words) -> str:
    rows = [
        (_moment(one["at"]), one["text"], _named("state", one["state"], words)) for one in items
    ]
    return _table([words[name] for name in ("at", "text", "state")], rows)


def _looks(looks: Sequence[Mapping[str, Any]], words: Words) -> str:
    rows = [
        (
            _moment(one["at"]),
            *(_named(name, one[name], words) for name in ("role", "action", "purpose")),
        )
        for one in looks
    ]
    return _table([words[name] for name in ("at", "role", "action", "purpose")], rows)


def _named(kind: str, value: str, words: Words) -> str:
    """In the page's language; what a person wrote, as a purpose may be, stays as it is."""
    return words.get(f"{kind}_{value}".replace(" ", "_"), value)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _moment(text: str) -> str:
    return escape(str(text)[:19].replace("T", " "))


def _load() -> Mapping[str, Words]:
    source = resources.files("chatbot").joinpath("export_page.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
