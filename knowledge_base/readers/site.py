"""A saved web site: its sitemap tells under which address customers read each of its pages.

A page is looked for where its address says, with and without `.html`, `index.html` and a first
folder named after the host, which is how browsers and mirroring programs save sites.
Source: sitemaps.org, protocol 0.9.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from knowledge_base.errors import SourceError
from knowledge_base.readers.discovery import Found, is_sitemap
from knowledge_base.readers.xml_guard import XmlRefused, walk_xml

_ENDINGS = ("", ".html", ".htm", "/index.html", "/index.htm")


def with_addresses(found: Sequence[Found | SourceError]) -> list[Found | SourceError]:
    """The same files without the sitemaps; one that cannot be read is refused in its place."""
    addresses: dict[str, str] = {}
    kept: list[Found | SourceError] = []
    for item in found:
        if isinstance(item, Found) and is_sitemap(item.name):
            try:
                addresses |= _addresses(item)
            except SourceError as error:
                kept.append(error)
        else:
            kept.append(item)
    return [
        replace(item, url=addresses.get(item.name, "")) if isinstance(item, Found) else item
        for item in kept
    ]


def _addresses(sitemap: Found) -> dict[str, str]:
    """By the name that a file below the sitemap's folder would have."""
    folder = PurePosixPath(sitemap.name).parent
    named: dict[str, str] = {}
    for address in _locations(sitemap):
        for path in _paths(address):
            named.setdefault((folder / path).as_posix(), address)
    return named


def _locations(sitemap: Found) -> list[str]:
    source = sitemap.source()
    locations: list[str] = []

    def seen(name: str, text: str) -> None:
        if name == "loc":
            locations.append(text.strip())

    try:
        walk_xml(io.BytesIO(source.data), seen)
    except XmlRefused as error:
        raise source.refusal(f"{error}; save the sitemap again") from None
    return locations


def _paths(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    if parts.scheme not in ("http", "https"):
        return
    path = unquote(parts.path).strip("/")
    for place in (path, f"{parts.netloc}/{path}".rstrip("/")):
        yield from (f"{place}{ending}".lstrip("/") for ending in _ENDINGS if place or ending)
