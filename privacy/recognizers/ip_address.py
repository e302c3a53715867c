"""IPv4 and IPv6 addresses (RFC 4291), but not version numbers or times."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"(?<![0-9A-Za-z.])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z]|\.[0-9])")
_V6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f:]{6,39}(?![0-9A-Za-z:])")
_VERSION_BEFORE = re.compile(
    r"(?:版本号?|固件|系统|驱动|补丁|客户端|升级|更新|版|version|firmware|release|build|driver|patch"
    r"|\b(?:sdk|api|app|os|update|upgrade|v|ver\.?))[ :是为到至成了]{0,3}(?:to )?v?$"
)


def find_ip_addresses(reading: Reading) -> Iterator[Span]:
    if "." in reading.characters and reading.digits >= 4:
        for match in _V4.finditer(reading.plain):
            # 3.1.4.2 numbers a paragraph.
            if len(match.group()) > len("1.2.3.4") and not _VERSION_BEFORE.search(
                reading.lower[max(0, match.start() - 16) : match.start()]
            ):
                yield Span(match.start(), match.end(), "IP_ADDRESS", "ipv4", 0.85, "format")
    if ":" in reading.characters and reading.plain.count(":") >= 2:
        for match in _V6.finditer(reading.plain):
            if _is_v6(match.group()):
                yield Span(match.start(), match.end(), "IP_ADDRESS", "ipv6", 0.9, "format")


def _is_v6(text: str) -> bool:
    try:
        return not ipaddress.IPv6Address(text).is_unspecified
    except ValueError:
        return False
