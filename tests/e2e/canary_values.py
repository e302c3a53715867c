"""Two hundred identifiers that nobody owns: every type, valid by its checksum, each one unique."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from chatbot.simulate.canaries import CanaryKind, canary, luhn_digit
from privacy.checksums import USCC_ALPHABET, iban_valid, uscc_valid

Maker = Callable[[int], tuple[str, str]]
"""By number, the sentence and the identifier in it."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙朱"
_FIRST = (
    "James Maria Robert Linda Michael Susan David Karen Thomas Nancy Daniel Sandra Paul".split()
)


def _simulated(kind: CanaryKind, sentence: str) -> Maker:
    def make(number: int) -> tuple[str, str]:
        value = canary(kind, seed=20260304, number=number).value
        return sentence.format(value), value

    return make


def _visa(number: int) -> tuple[str, str]:
    digits = f"45391{number:03d}4876543"
    value = digits + luhn_digit(digits)
    return f"please refund to {value}", value


def _iban(number: int) -> tuple[str, str]:
    body = f"{370400440532013000 + number}"
    value = next(v for check in range(2, 99) if iban_valid(v := f"DE{check:02}{body}"))
    return f"my account is {value}, thanks", value


def _uscc(number: int) -> tuple[str, str]:
    body = f"91110108MA0{number:03d}BCD"
    value = next(body + last for last in USCC_ALPHABET if uscc_valid(body + last))
    return f"发票抬头的统一社会信用代码{value}", value


def _filled(sentence: str, value: Callable[[int], str]) -> Maker:
    return lambda number: (sentence.format(value(number)), value(number))


MAKERS: dict[str, Maker] = {
    "mobile": _simulated(CanaryKind.PHONE, "几天内可以退货？我的手机是{}，谢谢"),
    "email": _simulated(CanaryKind.EMAIL, "how long may I return it? write to {} please"),
    "card": _simulated(CanaryKind.CARD, "卡号{}退款没到"),
    "resident": _simulated(CanaryKind.RESIDENT_ID, "身份证{}要核对吗"),
    "visa": _visa,
    "iban": _iban,
    "uscc": _uscc,
    "landline": _filled("请打010-6{}找我", lambda n: f"23{n:03d}78"),
    "foreign": _filled("call me on {}", lambda n: f"+44 7911 1{n:05d}"),
    "plate": _filled("车牌{}停在门口", lambda n: f"京A·7{n:03d}9"),
    "passport": _filled("我的护照号是{}谢谢", lambda n: f"E1284{n:04d}"),
    "ssn": _filled("my social security number is {}", lambda n: f"219-0{1 + n % 9}-4{n:03d}"),
    "address_of_a_machine": _filled("IP是{}请查", lambda n: f"223.104.{n}.17"),
    "social": _filled("加我微信号 {}", lambda n: f"wxid_zq{n:03d}kf"),
    "birthday": _filled("出生日期{}", lambda n: f"1971年{1 + n % 12}月{10 + n}日"),
    "person": _filled("我叫{}，退货几天到账", lambda n: f"{_SURNAMES[n]}志{'强伟明刚勇军'[n % 6]}"),
    "english_person": _filled("my name is {}", lambda n: f"{_FIRST[n]} Harrington"),
    "home": _filled("地址是北京市朝阳区建国路{}", lambda n: f"{88 + n}号{1 + n}单元{501 + n}室"),
}


def planted(count: int) -> list[tuple[str, str, str]]:
    """Type, sentence, identifier; the types take turns."""
    kinds = list(MAKERS.items())
    rounds = ((number, kind, make) for number in range(count) for kind, make in kinds)
    return [(kind, *make(number)) for number, kind, make in islice(rounds, count)]
