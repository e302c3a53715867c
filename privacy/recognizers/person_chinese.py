"""Names of people in Chinese sentences, where the words before say that a name follows.

Weakness: a name nobody announces (张伟的订单呢) is left to a trained recogniser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading
from privacy.recognizers.chinese_names import name_end

_FIELDS = (
    "姓名|名字|联系人|聯絡人|收件人|收貨人|收货人|寄件人|发件人|持卡人|投保人|乘客|户名|开户名"
    "|称呼|签收人|订票人|预订人"
)
_ANNOUNCED = re.compile(
    rf"我的?(?:真名|本名|名字|姓名)?(?:叫做?|就叫|是叫)[:「“\"' ]*"
    rf"|我的?(?:名字|姓名|真名)是[:「“\"' ]*"
    rf"|本人(?:姓名)?(?:叫|名叫|是|[:])\s*|(?:{_FIELDS})(?:的?(?:姓名|名字))?\s?"
    rf"(?:[:=]|应该?是|是|为|叫|(?:请|帮我)?(?:改成|改为|写成|写)|就写)[:「“\"' ]*"
)
# Nothing between field and name: believed only where the name ends visibly.
_BARE_FIELD = re.compile(
    "(?:收件人|收货人|收貨人|联系人|聯絡人|寄件人|乘客|姓名) ?(?![:=是为叫改写])"
)
_ENDS = re.compile("$|[^\u3400-\u9fff]|电话|手机|電話|手機|身份证|收$")
_SURNAME = re.compile("(?:我|本人|免贵|敝)姓")
_LATIN = re.compile("[A-Za-z][a-z'’]+(?:[ ·][A-Za-z][a-z'’]+){0,2}(?![A-Za-z0-9@_.])")
_SIGNED = re.compile("(?:此致|敬礼|祝好|顺祝商祺|谢谢|多谢)[!！。,， ]*[\r\n]+\\s*")
_LINE_END = re.compile(r"\s*(?:[\r\n]|$)")


def find_chinese_persons(reading: Reading) -> Iterator[Span]:
    plain = reading.plain
    if plain.isascii():
        return
    for match in _ANNOUNCED.finditer(plain):
        latin = _LATIN.match(plain, match.end())
        end = name_end(plain, match.end()) or (latin and latin.end())
        if end:
            yield Span(match.end(), end, "PERSON", "announced_name", 0.85, "announced")
    for match in _BARE_FIELD.finditer(plain):
        end = name_end(plain, match.end())
        if end and _ENDS.match(plain, end):
            yield Span(match.end(), end, "PERSON", "name_field", 0.85, "announced")
    for match in _SURNAME.finditer(plain):
        end = name_end(plain, match.end(), given_least=0)
        if end:
            yield Span(match.end(), end, "PERSON", "announced_surname", 0.85, "announced")
    for match in _SIGNED.finditer(reading.text):
        end = name_end(plain, match.end())
        if end and _LINE_END.match(reading.text, end):
            yield Span(match.end(), end, "PERSON", "signature", 0.85, "announced")
