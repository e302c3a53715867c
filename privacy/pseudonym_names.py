"""Names and addresses that are nobody's in particular, in the script of the one they replace.

Surnames and given names are among the most frequent of their language (Ministry of Public
Security's name reports; US Census Bureau and Social Security Administration): what many bear tells
of nobody.
"""

from __future__ import annotations

import re

from privacy.keyed_draw import KeyedDraw
from privacy.recognizers.chinese_names import COMPOUND

_HAN = re.compile("[\u3400-\u9fff]")
_SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹")
_LONG_SURNAMES = tuple(sorted(COMPOUND))
_GIVEN = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚英华玉梅鹏辉婷雪琳欣")
_GIVEN_TWO = tuple(
    "秀英 桂英 建国 建华 志强 志明 晓明 晓燕 海燕 丽娟 "
    "文静 雨欣 子涵 浩然 子轩 一诺 思远 嘉怡 俊杰 佳琪".split()
)
_TRANSLITERATED = tuple("阿里 艾山 买买提 玉山 吐尔逊 古丽 阿依 热依汗 巴图 卓玛 扎西 达瓦".split())
_FIRST = tuple(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara "
    "Richard Susan Joseph Jessica Thomas Karen Daniel Sarah Paul Nancy Mark Lisa "
    "George Sandra".split()
)
_LAST = tuple(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Wilson Anderson Thomas Taylor Moore "
    "Jackson Martin Lee Thompson White Harris Clark Lewis Walker Young Hall Allen King".split()
)
_PLACES = tuple(
    "北京市海淀区 上海市徐汇区 广州市天河区 深圳市福田区 杭州市拱墅区 "
    "南京市鼓楼区 成都市武侯区 武汉市江汉区 西安市雁塔区 重庆市渝中区 "
    "天津市南开区 苏州市姑苏区 青岛市市南区 长沙市岳麓区 厦门市思明区".split()
)
_ROADS = tuple("人民路 中山路 解放路 建设路 和平路 新华路 文化路 青年路 胜利路 光明路".split())
_STREETS = tuple("Oak Maple Cedar Pine Elm Washington Lake Hill Park Main Church River".split())
_TOWNS = (
    ("Springfield", "IL", "627"),
    ("Madison", "WI", "537"),
    ("Salem", "OR", "973"),
    ("Dayton", "OH", "454"),
    ("Albany", "NY", "122"),
    ("Austin", "TX", "787"),
)
_UNITS = re.compile(
    "([0-9]{1,5})(号楼|号院|号|號|弄|栋|棟|幢|座|单元|單元|层|樓|楼|室|户|门|组)|([0-9]{3,4})$"
)
_KIND = re.compile(
    r"(?<![A-Za-z])(Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place)"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_APARTMENT = re.compile(r",? ?(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room)\.? ?[0-9A-Za-z-]+", re.I)
_ZIP = re.compile("[0-9]{5}(?:-[0-9]{4})?$")


def invented_name(written: str, draw: KeyedDraw) -> str:
    """Of as many characters or words; upper, lower or title case as before."""
    if not _HAN.search(written):
        return _latin_name(written, draw)
    if "·" in written or "•" in written:
        mark = "·" if "·" in written else "•"
        return mark.join(draw.choice(_TRANSLITERATED) for _ in written.split(mark))
    compound = written[:2] in COMPOUND
    surname = draw.choice(_LONG_SURNAMES if compound else _SURNAMES)
    given = len(written) - len(surname)
    if given == 2:
        return surname + draw.choice(_GIVEN_TWO)
    return surname + draw.text(_GIVEN, given)


def _latin_name(written: str, draw: KeyedDraw) -> str:
    words = written.split() or [written]
    made = [draw.choice(_FIRST) for _ in words[:-1]] + [
        draw.choice(_LAST if len(words) > 1 else _FIRST)
    ]
    return " ".join(_cased(old, new) for old, new in zip(words, made, strict=True))


def _cased(old: str, new: str) -> str:
    if re.fullmatch(r"\w\.?", old):
        new = new[0] + old[1:]
    if old.islower():
        return new.lower()
    return new.upper() if old.isupper() and len(old) > 1 else new


def invented_address(written: str, draw: KeyedDraw) -> str:
    """District, road and numbers all invented; of the old one only which numbers it has."""
    if not _HAN.search(written):
        return _latin_address(written, draw)
    numbers = [
        _number(len(match.group(1) or match.group(3)), draw) + (match.group(2) or "")
        for match in _UNITS.finditer(written)
    ]
    tail = "".join(numbers) or f"{_number(2, draw)}号"
    return draw.choice(_PLACES) + draw.choice(_ROADS) + tail


def _number(width: int, draw: KeyedDraw) -> str:
    return draw.choice("123456789") + draw.text("0123456789", width - 1)


def _latin_address(written: str, draw: KeyedDraw) -> str:
    if re.match("p\\.?o", written, re.IGNORECASE):
        return f"PO Box {_number(4, draw)}"
    kind = _KIND.search(written)
    leading = re.match("[0-9]+", written)
    width = min(4, len(leading.group())) if leading else 2
    made = f"{_number(width, draw)} {draw.choice(_STREETS)} {kind.group() if kind else 'Street'}"
    if _APARTMENT.search(written):
        made += f", Apt {_number(2, draw)}"
    if _ZIP.search(written):
        town, state, area = _TOWNS[draw.below(len(_TOWNS))]
        made += f", {town}, {state} {area}{draw.text('0123456789', 2)}"
    return made
