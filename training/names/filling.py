"""Sentences with slots, and what fills a slot that is no name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.han import has_han
from privacy.entities import Span
from training.names.babble import Babble
from training.names.chinese import CITIES, ChineseFillers
from training.names.latin import LatinFillers

FOLDER = Path(__file__).parent / "carriers"
_SLOT = re.compile(r"\{([a-z_]+)\}")
# The parts of one name.
_WHOLE = re.compile(
    r"\{given\}(?: \{given\})*(?: \{surname\})?|\{surname\},? ?\{given\}(?: \{given\})*"
)
_CHINESE = ("zh", "mixed")
_MASKED = 0.04
"""Of the names: masked before the model reads them, so nothing is to be found there."""


@dataclass(frozen=True)
class Carrier:
    text: str
    chinese: bool


@dataclass(frozen=True)
class Labelled:
    text: str
    spans: tuple[Span, ...] = ()


def read_carriers(folder: Path = FOLDER) -> list[Carrier]:
    found = []
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                text = line.strip().replace("\\n", "\n")
                found.append(Carrier(text, path.name.startswith(_CHINESE)))
    return found


class Filler:
    """Puts names, addresses and whatever else into the slots of a carrier."""

    def __init__(
        self, draw: random.Random, latin: LatinFillers, chinese: ChineseFillers, babble: Babble
    ) -> None:
        self._draw, self._latin, self._chinese, self.babble = draw, latin, chinese, babble
        both: Mapping[str, Callable[[bool], str]] = {
            "person": lambda zh: chinese.full_name() if zh else latin.full_name(),
            "surname": lambda zh: chinese.surname() if zh else latin.person().family,
            "given": lambda zh: chinese.given() if zh else latin.person().given,
            "latin_person": lambda _: self._latin_person(),
            "address": lambda zh: chinese.address() if zh else latin.address(),
            "lines": lambda zh: chinese.lines() if zh else latin.mail.lines(),
            "road": lambda zh: chinese.road() if zh else latin.mail.road(),
            "coded_place": lambda _: latin.mail.coded_place(),
            "box": lambda _: latin.mail.box(),
            "city": lambda zh: self._city(zh),
            "country": lambda zh: draw.choice(_COUNTRIES_ZH if zh else latin.countries),
            "org": lambda zh: self._company(zh),
            "brand": lambda zh: draw.choice(_BRANDS + (_BRANDS_ZH * 3 if zh else [])),
            "product": lambda zh: self._product(zh),
            "nationality": lambda zh: draw.choice(_NATIONS_ZH if zh else _NATIONS),
            "job": lambda zh: draw.choice(_JOBS_ZH if zh else latin.jobs),
            "date": lambda zh: self._date(zh),
            "year": lambda _: str(draw.randint(1650, 2026)),
            "time": lambda zh: self._time(zh),
        }
        self._makers = {**both, **{name: self._plain(name) for name in _PLAIN}}

    def fill(self, carrier: Carrier) -> Labelled:
        parts: list[str] = []
        spans: list[Span] = []
        length, position = 0, 0
        inside = {
            place
            for match in _WHOLE.finditer(carrier.text)
            for place in range(match.start() + 1, match.end())
        }
        for match in _SLOT.finditer(carrier.text):
            before = carrier.text[position : match.start()]
            value = self._makers[match[1]](carrier.chinese)
            if match[1] in _TYPES and self._draw.random() < _MASKED:
                value = f"<{_TYPES[match[1]]}_{self._draw.randint(1, 4)}>"
            start = length + len(before)
            if match[1] in _TYPES and not value.startswith("<"):
                # A name's part that was masked is no beginning of this one.
                goes_on = match.start() in inside and bool(spans) and spans[-1].end == length
                first = spans.pop().start if goes_on else start
                spans.append(Span(first, start + len(value), _TYPES[match[1]]))
            parts += [before, value]
            length, position = start + len(value), match.end()
        return Labelled("".join([*parts, carrier.text[position:]]), tuple(spans))

    def _city(self, chinese: bool) -> str:
        if not chinese:
            return self._draw.choice(
                _PINYIN_PLACES if self._draw.random() < 0.15 else self._latin.cities
            )
        return self._draw.choice(CITIES if self._draw.random() < 0.5 else self.babble.places)

    def _product(self, chinese: bool) -> str:
        if self._draw.random() < 0.4:
            return self.babble.thing(chinese=chinese)
        return self._draw.choice(_PRODUCTS_ZH if chinese else _PRODUCTS)

    def traditional(self, text: str) -> str:
        return self._chinese.traditional(text)

    def _latin_person(self) -> str:
        name = self._latin.full_name()
        return name.lower() if self._draw.random() < 0.2 else name

    def _company(self, chinese: bool) -> str:
        if not chinese:
            return self._draw.choice(self._latin.companies)
        return (
            self._draw.choice(CITIES)
            + self._draw.choice(_BRANDS_ZH)
            + self._draw.choice(
                ("有限公司", "集团", "公司", "科技", "旗舰店", "官方旗舰店", "专卖店")
            )
        )

    def _date(self, chinese: bool) -> str:
        draw = self._draw
        year, month, day = draw.randint(2019, 2027), draw.randint(1, 12), draw.randint(1, 28)
        shape = draw.choice(_DATES_ZH if chinese and draw.random() < 0.7 else _DATES)
        return shape.format(
            y=year,
            m=month,
            d=day,
            name=_MONTHS[month - 1],
            short=_MONTHS[month - 1][:3],
            week=draw.choice(_WEEK),
            zh=draw.choice("一二三四五六日"),
        )

    def _time(self, chinese: bool) -> str:
        draw = self._draw
        hour, minute = draw.randint(1, 12), draw.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
        shape = draw.choice(_TIMES_ZH if chinese and draw.random() < 0.6 else _TIMES)
        return shape.format(h=hour, late=hour + 11, m=minute)

    def _plain(self, name: str) -> Callable[[bool], str]:
        both = _PLAIN[name]
        shapes = {True: both, False: tuple(one for one in both if not has_han(one))}

        def make(chinese: bool) -> str:
            shape = self._draw.choice(shapes[chinese])
            return re.sub("0", lambda _: str(self._draw.randrange(10)), shape)

        return make


_TYPES = {
    "person": "PERSON",
    "surname": "PERSON",
    "given": "PERSON",
    "latin_person": "PERSON",
    "address": "ADDRESS",
    # On several lines; a road without a number; a postcode with its town; a post-office box.
    "lines": "ADDRESS",
    "road": "ADDRESS",
    "coded_place": "ADDRESS",
    "box": "ADDRESS",
}
# Every 0 becomes a digit.
_PLAIN: Mapping[str, tuple[str, ...]] = {
    "order": (
        "20260000000000000",
        "#00000",
        "ORD-000000",
        "SF0000000000000",
        "KF00000",
        "1Z00000000",
    ),
    "amount": ("$00.00", "00元", "¥000", "€00", "000块", "£0.00", "000.00", "USD 000"),
    "phone": ("13800000000", "(415) 555-0000", "+44 20 7946 0000", "010-60000000", "138 0000 0000"),
    "email": ("a0@example.com", "info@example.org", "user00@example.cn"),
    "url": ("https://example.com/a/00", "www.example.cn", "example.org"),
    "number": ("0", "00", "000", "0000", "00,000"),
}
_DATES = (
    "{y}-{m:02}-{d:02}",
    "{d:02}/{m:02}/{y}",
    "{m}/{d}/{y}",
    "{d}.{m}.{y}",
    "{name} {d}",
    "{d} {name}",
    "{name} {d}, {y}",
    "{d} {name} {y}",
    "{short} {d}",
    "{name} {y}",
    "{week}",
    "{week}, {name} {d}",
)
_DATES_ZH = ("{m}月{d}日", "{m}月{d}号", "{y}年{m}月{d}日", "{d}号", "周{zh}", "上周{zh}")
_TIMES = (
    "{h}:{m:02}",
    "{late}:{m:02}",
    "{h}pm",
    "{h} a.m.",
    "{h}:{m:02} pm",
    "{h} o'clock",
    "noon",
)
_TIMES_ZH = ("下午{h}点", "晚上{h}点半", "{h}点{m}分", "早上{h}点", "{late}点")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_PINYIN_PLACES = (
    "Beijing Shanghai Guangzhou Shenzhen Chengdu Hangzhou Nanjing Wuhan Xiamen Kunming Yunnan "
    "Sichuan Xinjiang Tibet Hainan Guangdong Fujian Zhejiang Jiangsu Shandong Henan Hebei Hunan "
    "Hubei Anhui Guizhou Gansu Ningxia Qinghai Dalian Qingdao Harbin Suzhou Wuxi Lanzhou Urumqi"
).split()
_COUNTRIES_ZH = (
    "中国 美国 日本 韩国 英国 法国 德国 泰国 越南 加拿大 澳大利亚 新加坡 马来西亚 意大利 "
    "西班牙 俄罗斯"
).split()
_NATIONS = (
    "American British Chinese French German Italian Spanish Indian Japanese Korean Canadian Dutch "
    "Polish Swedish Brazilian Turkish Russian Greek Irish Scottish Mexican Nigerian Kenyan Afghan"
).split()
_NATIONS_ZH = "中国 美国 日本 韩国 英国 法国 德国 回族 藏族 壮族 维吾尔族".split()
_BRANDS = (
    (
        "Apple Samsung Sony Huawei Xiaomi Nike Adidas Gucci Levi's Calvin Klein Ralph Lauren "
        "Dell Philips "
        "Bosch Siemens Michelin Ford Tesla Mercedes Toyota Canon Nikon Amazon PayPal Visa DHL "
        "FedEx UPS "
        "Google Netflix Spotify Lenovo Logitech Anker Bose JBL Dyson IKEA Zara Uniqlo Wendy's "
        "McDonald's "
        "Maplewood JD JCB LG HP TCL BYD IBM KFC ZTE SF EMS YTO H&M "
        "Johnson's Ben&Jerry's Jack_Daniel's WhatsApp Alipay Taobao"
    )
    .replace("_", " ")
    .split()
)
_BRANDS_ZH = (
    "华为 小米 李宁 安踏 海尔 格力 美的 康师傅 老干妈 王老吉 周大福 周黑鸭 马应龙 同仁堂 "
    "张小泉 张裕 郎酒 全聚德 海底捞 蜜雪冰城 "
    "京东 淘宝 拼多多 天猫 顺丰 中通 圆通 韵达 招商银行 建设银行 方太 苏泊尔 李锦记 陈克明 "
    "金龙鱼 白象 龙角散 元气森林 高德 携程 "
    "枫木数码 倍思 绿联 罗技 戴尔 联想 贝尔金 漫步者 韶音 大疆 云南白药 朱古力 唐僧肉 曹操出行 "
    "鲁花 徐福记 马克华菲 乔丹 "
    "雷蛇 雷柏 金士顿 贺曼 汤臣倍健 林清轩 谭木匠 范思哲 安德玛"
).split()
_PRODUCTS = (
    "AirPods Max|Galaxy S24|ThinkPad X1|PlayStation 5|Kindle|iPad Pro|Echo Dot|power "
    "bank|headphones"
    "|phone case|keyboard|wireless mouse|USB-C cable|Maple Buds|smart watch|desk lamp|Jordan 1"
    "|Victoria sponge tin|Bluetooth speaker|Surface Pro|Moto G|Nintendo Switch|robot vacuum"
).split("|")
_PRODUCTS_ZH = (
    "耳机 充电宝 数据线 手机壳 键盘 鼠标 扫地机器人 平板 路由器 台灯 音箱 手表 相机 显示器 "
    "毛衣 连衣裙 高跟鞋 白衬衫 马克杯 金项链 "
    "牛仔裤 羽绒服 空调扇 安全座椅 方便面 黄瓜 石榴 龙虾 江小白 汤圆 花生油 钱包 雷达 温度计 "
    "万用表 时钟 文具盒"
).split()
_JOBS_ZH = "医生 律师 老师 经理 司机 客服 主任 会计 工程师 快递员 店长 护士".split()
