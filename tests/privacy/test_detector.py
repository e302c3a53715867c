"""What is found and what must not be, in both languages and right next to Chinese characters.

Numbers are published examples (schemes' test cards, GB 11643, ISO 13616, RFC 3849 and 5737 address
blocks) or made up; check digits that must hold were computed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy.detector import RECOGNIZERS, detect, mask
from privacy.reading import read

ROOT = Path(__file__).parent.parent.parent


def _masked(text: str, *, every_url: bool = False) -> str:
    return mask(text, detect(text, every_url=every_url))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("IBAN GB82 WEST 1234 5698 7654 32 please", "IBAN <IBAN> please"),
        ("打到DE89370400440532013000。", "打到<IBAN>。"),
        ("my SSN is 123-45-6789", "my SSN is <US_SSN>"),
        ("social security number: 123456789", "social security number: <US_SSN>"),
        ("我的IP是192.0.2.17连不上", "我的IP是<IP_ADDRESS>连不上"),
        ("from 2001:db8::8a2e:370:7334 again", "from <IP_ADDRESS> again"),
        ("车牌粤B12345停在门口", "车牌<CN_LICENSE_PLATE>停在门口"),
        ("京A·D12345是新能源", "<CN_LICENSE_PLATE>是新能源"),
        ("沪ad12345", "<CN_LICENSE_PLATE>"),
        ("护照号E12345678谢谢", "护照号<PASSPORT>谢谢"),
        ("EA1234567是我的护照号", "<PASSPORT>是我的护照号"),
        ("passport no. AB1234567 please", "passport no. <PASSPORT> please"),
        ("A123456(3)丢了", "<HK_ID>丢了"),
        ("Ａ１２３４５６（３）", "<HK_ID>"),
        ("hkid: a123456(3) please", "hkid: <HK_ID> please"),
        ("A1234563是我的身份证号", "<HK_ID>是我的身份证号"),
        ("香港身份证没带，号码是A1234563", "香港身份证没带，号码是<HK_ID>"),
        ("香港身份证A1234567", "香港身份证<HK_ID>"),
        ("身份证A123456(4)", "身份证<HK_ID>"),
        ("身分證字號A123456789", "身分證字號<TW_ID>"),
        ("my number A123456789", "my number <TW_ID>"),
        ("统一编号A123456788", "统一编号<TW_ID>"),
        ("居留证 AB12345677", "居留证 <TW_ID>"),
        ("澳門居民身份證1234567(8)", "澳門居民身份證<MO_ID>"),
        ("BIR 5/123456/7", "BIR <MO_ID>"),
        ("my Macau ID card is 12345678", "my Macau ID card is <MO_ID>"),
        ("护照号K1234567", "护照号<PASSPORT>"),
        ("开票税号91350100M000100Y43谢谢", "开票税号<CN_USCC>谢谢"),
        ("微信号：zhang_san88", "微信号：<SOCIAL_ACCOUNT>"),
        ("加我微信abc12345吧", "加我微信<SOCIAL_ACCOUNT>吧"),
        ("QQ：123456789", "QQ：<SOCIAL_ACCOUNT>"),
        ("write me on telegram @john_doe!", "write me on telegram <SOCIAL_ACCOUNT>!"),
        ("抖音号zhang2001找我", "抖音号<SOCIAL_ACCOUNT>找我"),
        ("我的生日是1990年5月3日", "我的生日是<DATE_OF_BIRTH>"),
        ("生日是九二年六月三十号", "生日是<DATE_OF_BIRTH>"),
        ("我是1988年5月2日生，男", "我是<DATE_OF_BIRTH>生，男"),
        ("出生日期那一栏填错了，应是1990年5月2日", "出生日期那一栏填错了，应是<DATE_OF_BIRTH>"),
        ("vx ann2019x", "vx <SOCIAL_ACCOUNT>"),
        ("支付宝账号是mei_1990", "支付宝账号是<SOCIAL_ACCOUNT>"),
        ("微信搜 tom_cat99", "微信搜 <SOCIAL_ACCOUNT>"),
        ("车牌鲁B·Q2215ETC办不了", "车牌<CN_LICENSE_PLATE>ETC办不了"),
        ("升级到12.3.1.6就闪退", "升级到12.3.1.6就闪退"),
        ("SDK 14.12.0.1 crashes", "SDK 14.12.0.1 crashes"),
        ("item #447-20-1835 please", "item #447-20-1835 please"),
        ("ring 0471 79 24 58 now", "ring <PHONE_NUMBER> now"),
        ("06.12.34.56.78", "<PHONE_NUMBER>"),
        ("0800 123 4567", "0800 123 4567"),
        ("on 05-03-1990 12:30", "on 05-03-1990 12:30"),
        ("１９９０年５月３日出生", "<DATE_OF_BIRTH>出生"),
        ("I was born on 3 May 1990.", "I was born on <DATE_OF_BIRTH>."),
        ("DOB: 05/03/1990", "DOB: <DATE_OF_BIRTH>"),
        ("一三八零零一三八零零零", "<PHONE_NUMBER>"),
        ("电话：一三八，零零一三，八零零零", "电话：<PHONE_NUMBER>"),
        ("手机幺三八零零幺三八零零零打不通", "手机<PHONE_NUMBER>打不通"),
        ("身份证一一零一零五一九四九一二三一零零二X", "身份证<CN_RESIDENT_ID>"),
        ("limit for card 630427373398?", "limit for card <BANK_CARD>?"),
        ("卡号是501864667909", "卡号是<BANK_CARD>"),
        ("电话是62345678", "电话是<PHONE_NUMBER>"),
        ("call me at 0494 92 82 32", "call me at <PHONE_NUMBER>"),
    ],
)
def test_numbers_and_accounts_are_found(text: str, masked: str) -> None:
    assert _masked(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫张伟想查订单", "我叫<PERSON>想查订单"),
        ("我叫王小明，手机坏了", "我叫<PERSON>，手机坏了"),
        ("我叫欧阳娜娜", "我叫<PERSON>"),
        ("免贵姓李", "免贵姓<PERSON>"),
        ("收件人：李娜 两箱", "收件人：<PERSON> 两箱"),
        ("收货人张三 13800138000", "收货人<PERSON> <PHONE_NUMBER>"),
        ("联系人王小明电话13800138000", "联系人<PERSON>电话<PHONE_NUMBER>"),
        ("收件人改成赵敏吧", "收件人改成<PERSON>吧"),
        ("联系人是阿卜杜拉·买买提", "联系人是<PERSON>"),
        ("我叫Tom Smith谢谢", "我叫<PERSON>谢谢"),
        ("东西坏了，谢谢！\n张伟", "东西坏了，谢谢！\n<PERSON>"),
        ("My name is john smith and I want a refund", "My name is <PERSON> and I want a refund"),
        ("my name's Mary-Ann O'Neil.", "my name's <PERSON>."),
        ("Name: María García\nOrder: 55", "Name: <PERSON>\nOrder: 55"),
        ("Mr. Smith called", "Mr. <PERSON> called"),
        ("This is Anna Berg calling about it", "This is <PERSON> calling about it"),
        ("It broke. Thanks,\nJohn Doe", "It broke. Thanks,\n<PERSON>"),
        ("Best regards, Li Wei", "Best regards, <PERSON>"),
    ],
)
def test_a_name_is_found_where_it_is_announced(text: str, masked: str) -> None:
    assert _masked(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我住在北京市朝阳区建国路88号3栋502室谢谢", "我住在<ADDRESS>谢谢"),
        ("寄到上海市浦东新区世纪大道100号环球中心20层", "寄到<ADDRESS>"),
        ("地址改成杭州市西湖区文三路 478 号", "地址改成<ADDRESS>"),
        ("幸福小区3栋2单元501室", "<ADDRESS>"),
        ("台北市信義區信義路五段7號", "<ADDRESS>"),
        ("住在南京路二十号", "住在<ADDRESS>"),
        ("ship to 221B Baker Street, London NW1 6XE", "ship to <ADDRESS>"),
        ("12 Main Street, Apt 4B, Springfield, IL 62704", "<ADDRESS>"),
        ("send it to 45 park avenue please", "send it to <ADDRESS> please"),
        ("PO Box 1234", "<ADDRESS>"),
    ],
)
def test_an_address_is_found_from_its_house_number(text: str, masked: str) -> None:
    assert _masked(text) == masked


HARD_NEGATIVES = """
订单号20261122123456789什么时候发货
运单SF1234567890123到哪了
热线400-800-0000打不通
客服电话4008000000
电话800-820-8820是免费的吗
满300减50，原价1,299.00元，现价999元
2026-11-22 10:30下的单
2026年11月22日之前能到吗
生日券11月30日到期
生日优惠2026-11-22截止
我买了Mate 60 Pro和iPhone 15 Pro Max
最新A12345款有货吗
阿里云B20245规格
型号X12345-2026
我叫了外卖
我叫不到客服
我叫商家退款
我叫安装师傅上门
收件人可以改吗
联系人怎么填
联系人方式在哪里改
联系人安排一下
收货人何时能收到
收件人安全吗
gift card 123456789012
A1234563有货吗
型号A123456(3)
订单号A123456(3)到哪了
A123456(4)是什么
NO 123456(7)
货号A123456789
订单号A123456789什么时候发
a123456789
A123456788
型号1234567(8)
1234567(8)
澳门店12345678
build 5/234567/8
姓名填错了怎么办
姓名是必填的吗
收货人不在家
高级会员有什么好处
方便面还有货吗
谢谢！\n马上
地铁10号线怎么走
三路公交到几点
海边的一座城市
最近的地铁8号线与10号线的一座换乘站
北京市朝阳区有一组客服吗
事故发生于2008年7月21日
第3.1.4.2条怎么理解
套餐名字是由系统生成的
我知道3号能到
线路5号故障
5月3号发货
尺码39号
2楼盘多少钱
微信支付怎么退款
微信小程序打不开
QQ音乐会员12个月
用qq邮箱登录
微信Android14闪退
微信iPhone15版本打不开
微博iPhone15客户端
top of the line galaxy24
我叫单车来不了
护照办理电话12345
护照可以当证件吗
护照订单A1234567
固件版本10.0.19.5
电视尺寸55寸1280x720
一二三四五六七
百分之二十到百分之三十五
第一百二十三条
打开https://shop.example.com/help/refund?lang=zh看看
order 2025112233 has not arrived
my order #123456789012 is late
tracking number 1Z999AA10123456784
hotline 800-555-0199
call 1-800-555-0199
it cost $1,299.00 on 2026-11-22
delivered on 11/22/2026 at 10:30:45
birthday gift for next week
born in China products
version 10.0.19.5 of the app
firmware v1.2.3.4
my name is wrong on the order
my name is not on the list
product name: Galaxy Buds
thanks, support
this is Great Service
Dr Pepper and Mr Coffee
I live in London
5 stars on the way
3 Days In Street food
telegram support
facebook login does not work
my line is busy
passport holder in black
reduce by 20 percent
std::vector and a::b
see https://shop.example.com/p/laptop?color=black&code=SALE20
open shop.example.com/help please
""".strip().splitlines()


@pytest.mark.parametrize("text", [line.replace("\\n", "\n") for line in HARD_NEGATIVES])
def test_look_alikes_stay(text: str) -> None:
    assert _masked(text) == text


def _strings(row: object) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif isinstance(row, dict | list):
        for value in row.values() if isinstance(row, dict) else row:
            yield from _strings(value)


def test_nothing_in_the_demo_company_looks_like_a_person() -> None:
    data = ROOT / "chatbot" / "demo" / "data"
    texts = [
        value
        for path in sorted(data.glob("*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        for value in row.values()
    ]
    for path in sorted((ROOT / "tests" / "data").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        texts += [text for line in lines for text in _strings(json.loads(line))]
    assert len(texts) > 1000
    assert [text for text in texts if detect(text)] == []


@pytest.mark.parametrize(
    "address",
    [
        "https://user:secret@example.com/orders",
        "https://shop.example.com/reset?token=abc123",
        "http://example.com/track?phone=555&lang=en",
        "https://example.com/cb#access_token=xyz",
        "https://example.com/file?id=0BzAzYuV51kTzRkt4bEpIZ3UwX3c",
    ],
)
def test_a_web_address_that_carries_a_person_is_masked(address: str) -> None:
    assert _masked(f"见{address}。") == "见<URL>。"


def test_every_web_address_is_found_on_request() -> None:
    text = "see https://shop.example.com/help, or www.example.org，还有example.com.cn/a"
    assert _masked(text) == text
    assert _masked(text, every_url=True) == "see <URL>, or <URL>，还有<URL>"


def test_findings_that_overlap_are_masked_to_their_last_character() -> None:
    text = "微信号a13800138000"
    (span,) = detect(text)
    assert (span.start, span.end) == (3, len(text))


def test_every_finding_names_its_recognizer_and_keeps_the_offsets_of_the_original() -> None:
    text = "İ 邮箱ａ＠ｂ．ｃｏｍ 电话１３８００１３８０００"
    spans = detect(text)
    assert [text[span.start : span.end] for span in spans] == [
        "ａ＠ｂ．ｃｏｍ",
        "１３８００１３８０００",
    ]
    assert all(span.recognizer for span in spans)


@pytest.mark.parametrize("recognize", RECOGNIZERS, ids=lambda each: each.__name__)
def test_an_empty_text_contains_nothing(recognize: object) -> None:
    assert callable(recognize)
    assert list(recognize(read(""))) == []
