"""Chinese postal addresses: found from the house number, then read back to where they begin.

Weakness: an address without any number (深圳市南山区科技园) is left to a trained recogniser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_ESTATE = (
    "小区|花园|公寓|大厦|广场|家园|新村|新苑|苑|园区|工业园|中心|公馆|学校|大学|宿舍|社区"
    "|府|庄|湾|村|屯|座|楼|轩|庭|城"
)
_NUMBER = "(?:[A-Za-z]?[0-9]{1,5}(?:-[0-9]{1,5}){0,3}[A-Za-z]?|[A-Za-z]|附[0-9]{1,3})"
_READ_OUT = "[一二三四五六七八九十百]{1,4}"
_MARK = "(?:号楼|号院|号|號|弄|栋|棟|幢|座|单元|單元|层|樓|楼|室|户|门|组|队)"
# 5号线 is an underground line, 3号码 a size, 2楼盘 a word of its own; 一座 and 一组 only count.
_PIECE = (
    rf"(?:{_NUMBER}[ ]?{_MARK}|{_READ_OUT}(?:号楼|号院|号|號|弄|栋|棟|幢|单元|單元|楼|樓))"
    "(?![码线车型机色款盘风])"
)
_DETAIL = re.compile(
    rf"{_PIECE}(?:[ ,]{{0,2}}(?:[\u4e00-\u9fffA-Za-z]{{1,10}}?(?:{_ESTATE}))?[ ,]{{0,2}}"
    rf"{_PIECE}){{0,5}}"
    rf"(?:[ ]?[0-9]{{3,4}}(?![0-9]))?"
)
_MARKS = re.compile(_MARK)
_LEAD = 36
_LEAD_TAIL = re.compile(rf"[\u4e00-\u9fff ,0-9]{{0,{_LEAD}}}$")
_PROVINCE = re.compile(
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|內蒙古|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|杭州|南京|苏州|成都|武汉|西安|厦门|宁波"
)
# Words that no address contains, and words that stand before one.
_BREAKS = re.compile("[的是了与及在到由]|于(?!洪)|和(?!平|谐|美|顺|兴)")
_STARTS = re.compile(
    "住址|地址|搬去|寄去|寄往|送至|发往|改成|改为|收货|快递|我家|我住|[给往至住把:,]|向(?!阳|东|前|荣|上)"
)
_ADMIN = re.compile(r"[\u4e00-\u9fff](?:省|自治区|市|自治州|州|区|區|县|縣|旗|镇|鎮|乡|鄉|街道)")
_ROAD = re.compile(r"[\u4e00-\u9fff0-9](?:大道|大街|街|路|巷|胡同|街道)$")
_NO_ROAD = re.compile(
    r"(?:线|一|半|套|思|电|网|铁|高|公|弯|顺|走|末|同|问|带|迷|来|这条|那条|哪条|几)路$"
)
_SMALL = re.compile(rf"[\u4e00-\u9fff](?:{_ESTATE}|道|里|弄)$")
_ENDED = re.compile(rf"[\u4e00-\u9fff]{{2,8}}(?:{_ESTATE})$")


def find_chinese_addresses(reading: Reading) -> Iterator[Span]:
    plain = reading.plain
    if plain.isascii() or not (set("号號室栋棟幢弄座楼樓户组") & reading.characters):
        return
    position = 0
    for match in _DETAIL.finditer(plain):
        lead = _LEAD_TAIL.search(plain[max(position, match.start() - _LEAD) : match.start()])
        if lead is None:
            continue
        place = _place(lead.group())
        if place and _is_address(place, match.group()):
            yield Span(
                match.start() - len(place), match.end(), "ADDRESS", "cn_address", 0.85, "grammar"
            )
            position = match.end()


def _place(lead: str) -> str:
    """The end of the lead that belongs to the address."""
    lead = lead[_last_end(_BREAKS, lead) :]
    province = _PROVINCE.search(lead)
    if province:
        return lead[province.start() :]
    return lead[_last_end(_STARTS, lead) :].lstrip(" ,0123456789")


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=0)


def _is_address(place: str, detail: str) -> bool:
    bare = place.rstrip(" ,")
    admin = len(_ADMIN.findall(bare)) + bool(_PROVINCE.match(bare))
    road = bool(_ROAD.search(bare)) and not _NO_ROAD.search(bare)
    pieces = len(_MARKS.findall(detail))
    if road:
        return "号" in detail or "號" in detail or "弄" in detail or pieces > 1
    if admin and _SMALL.search(bare):
        return True
    return admin > 1 or bool(_ENDED.search(bare) and pieces > 1)
