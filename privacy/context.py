"""What the words around a number say it is.

Two mistakes are possible where a number may be a person's or an order's, and they are not equal:
an order number that is masked costs the customer one question, a person's number that is kept
stays in the records. So a word lowers a number only where

1. it stands directly before the number and says that a *number* follows: 订单号, 运单, order no.,
   tracking; 订单 or order alone does not, for people look their orders up by telephone; or the
   number carries a courier's letters (SF, YT, JD …) or a unit of money;
2. the number is bare: nobody writes an order number in the groups of a telephone or card number;
3. the same clause does not speak of a telephone, a card or an identity card; and
4. no check digit makes the number certain. Certain are a resident identity number with province,
   date and check character (about 1 random number in 3,000 has them), an IBAN, and a card number
   with its network's prefix, its length and Luhn (1 in 40). Luhn alone is no proof: one order
   number in ten has it.
"""

from __future__ import annotations

import re

_REACH = 30
_LINK = (
    r"(?:[ :#.,=(\[\"'「【]|号码?|號碼?|编号|后面|是|为|為|叫"
    r"|(?<![a-z])(?:number|no|is|the|my|was)(?![a-z]))"
)
_PHONE = (
    r"电话|電話|手机|手機|座机|固话|热线|联系方式|联系我|联系人|微信|短信|拨打|致电|本机|号码是"
    r"|(?<![a-z])(?:phone|mobile|cell|tel|telephone|whatsapp|sms|call|text|reach|contact)(?![a-z])"
)
_CARD = (
    r"(?<!会员)(?<!礼品)(?<!购物)(?<!电话)(?:卡号|卡號)|银行卡|銀行卡|信用卡|储蓄卡|借记卡|银行账号|银行帐号|银联"
    r"|(?<!gift )(?<!loyalty )(?<!membership )(?<!sim )(?<!store )(?<![a-z])"
    r"(?:card|credit|debit|visa|mastercard|amex|unionpay)(?![a-z])"
)
_IDENTITY = (
    r"身份证|身份證|身分證|身分证|证件|證件|居民证|居住证|居住證|居留证|居留證"
    r"|(?<![a-z])(?:id ?cards?|identity|identification|id (?:number|no)|national id"
    r"|residence permit|hkid|hk id|mo id|bir)(?![a-z])"
)
_ORDER = (
    r"订单编?号|訂單編?號|订单号码|单号|單號|运单|運單|快递单|物流单|流水号|批次号|工单"
    r"|(?<![a-z])(?:tracking|waybill|awb|invoice|sku|(?:order|ticket|parcel|shipment|reference|ref"
    r"|case|serial|part|batch) ?(?:number|num|no|id|ref|#))(?![a-z])"
)
_PHONE_BEFORE = re.compile(rf"({_PHONE})[^0-9,;!。]{{0,16}}$")
_CARD_BEFORE = re.compile(rf"({_CARD})[^0-9,;!。]{{0,16}}$")
# A1234563是我的身份证号
_IDENTITY_AFTER = re.compile(rf"[ ,]?(?:是|为|為|is)[^0-9,;!。]{{0,8}}?({_IDENTITY})")
_IDENTITY_BEFORE = re.compile(rf"({_IDENTITY})[^0-9,;!。]{{0,16}}$")
_ORDER_BEFORE = re.compile(rf"({_ORDER}){_LINK}{{0,6}}$")
_COURIER_BEFORE = re.compile(
    r"(?<![a-z])(?:sf|yt|yd|jd[a-z]{0,2}|jt|zto|sto|zt|st|ems|dpk|dpl|kye?|lp|db|htky|best)"
    r"[ :\-]?$"
)
_GOODS_BEFORE = re.compile(
    r"(?:\b(?:item|part|model|sku|serial|article|product|order|case|lot)|货号|型号|编号|批号|批次|零件号?"
    r"|产品号?)(?: ?(?:no|num|number|code))?[ .:#是为]{0,4}$"
)
_MONEY_BEFORE = re.compile("[¥$€£][ ]?$")
_MONEY_AFTER = re.compile("[ ]?(?:[元圆块%]|yuan|rmb|usd|eur|dollars)", re.IGNORECASE)


def phone_word(text: str, start: int) -> str:
    """The word near before that speaks of a telephone; empty if there is none."""
    return _word(_PHONE_BEFORE, text, start)


def card_word(text: str, start: int) -> str:
    return _word(_CARD_BEFORE, text, start)


def identity_word(text: str, start: int) -> str:
    return _word(_IDENTITY_BEFORE, text, start)


def identity_word_after(text: str, end: int) -> str:
    """The word behind a number that calls it an identity card's, in `text` in lower case."""
    found = _IDENTITY_AFTER.match(text, end)
    return found.group(1) if found else ""


def says_goods(text: str, start: int) -> bool:
    """Whether a word for parts and goods, which are numbered in groups too, stands before."""
    return _GOODS_BEFORE.search(text[max(0, start - _REACH) : start].lower()) is not None


def says_otherwise(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is announced as an order or tracking number, or is an amount."""
    before = text[max(0, start - _REACH) : start].lower()
    return bool(
        _ORDER_BEFORE.search(before)
        or _COURIER_BEFORE.search(before)
        or _MONEY_BEFORE.search(before)
        or _MONEY_AFTER.match(text, end)
    )


def _word(words: re.Pattern[str], text: str, start: int) -> str:
    found = words.search(text[max(0, start - _REACH) : start].lower())
    return found.group(1) if found else ""
