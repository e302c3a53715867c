"""Accounts on WeChat, QQ, Telegram and others, only behind the name of the service.

WeChat ids: a letter and 5 to 19 letters, digits, `_` or `-` (Tencent); QQ: 5 to 11 digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_LINK = r"(?:[ :=]|号码?|账号|帐号|賬號|id\b|是|为|的|叫|我|搜索?|加|找)"
_CHAT = re.compile(
    # Atomic: having read `wx` as the service's name, the search does not take it back for an id.
    rf"(?>(?:(?:微信|薇信|威信|wechat|weixin|加[vw](?![a-z])|v信|(?<![a-z])wx(?=[ :=号]|1[3-9])"
    r"|(?<![a-z])v[x号](?=[ :=号是a-z]))"
    rf"{_LINK}{{0,6}}){{1,3}})([a-z][a-z0-9_\-]{{5,19}})(?![a-z0-9_\-@]|\.[a-z])"
)
_QQ = re.compile(
    rf"(?<![a-z])(?:qq|扣扣|企鹅)群?{_LINK}{{0,6}}([1-9][0-9]{{4,10}})(?![0-9a-z]|[.][0-9])"
)
_SERVICES = (
    r"telegram|whatsapp|instagram|insta|twitter|snapchat|facebook|messenger|tiktok|signal|discord"
    r"|skype|line|kakao|linkedin|weibo|alipay|dingtalk|支付宝|支付寶|钉钉|飞书|陌陌|闲鱼|知乎|电报|微博|抖音|小红书|推特|快手|b站"
)
_HANDLE = re.compile(
    rf"(?<![a-z])(?:{_SERVICES})(?![a-z])"
    r"(?:[ :=]|号码?|账号|帐号|用户名|昵称|id\b|是|为|叫|account|handle|username|name|is\b|my\b"
    r"|me\b|at\b|on\b|contact\b|add\b|as\b){0,8}"
    r"(@?)([a-z0-9][a-z0-9_.]{2,29}[a-z0-9_])(?![a-z0-9_@]|\.[a-z])"
)
_SAID = re.compile(r"[:=是为叫搜]|号|id\b|(?<![a-z])vx")
_HINTS = re.compile(rf"微信|薇信|威信|wechat|weixin|wx|加[vw]|v[信x号]|qq|扣扣|企鹅|{_SERVICES}")
_SAID_HANDLE = re.compile(r"[:=是为叫@]|号|id\b|is\b|account|handle|name")
# 微信Android14闪退: the device the service runs on.
_DEVICE = re.compile(
    "wechat|weixin|alipay|i?phone|ipad|ios|android|harmony|windows|win[0-9]|mac|huawei|xiaomi|redmi"
    "|honor|oppo|vivo|samsung|galaxy|mate[0-9]|version|support|service"
)


def find_social_accounts(reading: Reading) -> Iterator[Span]:
    lower = reading.lower
    if not _HINTS.search(lower):
        return
    for match in _CHAT.finditer(lower):
        name = match.group(1)
        said = _SAID.search(lower[match.start() : match.start(1)])
        if not _DEVICE.match(name) and (said or re.search("[0-9_]", name)):
            yield Span(
                match.start(1), match.end(1), "SOCIAL_ACCOUNT", "wechat", 0.85, "context:wechat"
            )
    for match in _QQ.finditer(lower):
        yield Span(match.start(1), match.end(1), "SOCIAL_ACCOUNT", "qq", 0.85, "context:qq")
    for match in _HANDLE.finditer(lower):
        at, name = match.groups()
        told = at or "_" in name or _SAID_HANDLE.search(lower[match.start() : match.start(1)])
        # A plain word behind the service's name is part of the sentence.
        handle = at or (re.search("[a-z]", name) and re.search("[0-9_]", name))
        if told and handle and not _DEVICE.match(name):
            yield Span(
                match.start(1), match.end(2), "SOCIAL_ACCOUNT", "handle", 0.8, "context:service"
            )
