"""A company's own types of personal data, from the file to the masked text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy.custom_types import NO_CUSTOM_TYPES, load_custom_types
from privacy.detector import TYPES, configure, detect
from privacy.errors import CustomTypesInvalid
from privacy.redaction import Redactor, redact

FILE = """
never_masked = ["400-820-0000", "021 5555 0000", "上海市浦东新区世纪大道100号"]

[types.LOYALTY_CARD]
pattern = "ML[0-9]{8}"
context = ["会员号", "member no"]
context_required = true
never = ["ML 00000000"]
examples = ["会员号ML12345678好", "my member no is ml12345678"]
counter_examples = ["型号ML12345678", "会员号ML00000000"]

[types.BADGE2]
pattern = "[0-9]{9}"
checksum = "luhn"
examples = ["工牌123456782"]
counter_examples = ["工牌123456789"]

[types.PROJECT]
words = ["Falcon", "Falcon Nine", "猎鹰计划"]
"""


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "types.toml"
    path.write_text(FILE, encoding="utf-8")
    configure(load_custom_types(path, taken=TYPES))
    yield
    configure(NO_CUSTOM_TYPES)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("会员号ＭＬ１２３４５６７８查积分", "会员号<LOYALTY_CARD>查积分"),
        ("会员号ML123456789", "会员号ML123456789"),
        ("工牌123456782丢了", "工牌<BADGE2>丢了"),
        ("the falcon nine team, falconer", "the <PROJECT> team, falconer"),
        ("说说猎鹰计划吧", "说说<PROJECT>吧"),
        ("电话021-55550000", "电话021-55550000"),
        ("电话021-55550001", "电话<PHONE_NUMBER>"),
        ("你们在上海市浦东新区世纪大道100号吗", "你们在上海市浦东新区世纪大道100号吗"),
        ("寄到上海市浦东新区世纪大道1008号", "寄到<ADDRESS>"),
    ],
)
def test_a_companys_types_are_masked_and_its_own_values_are_not(text: str, masked: str) -> None:
    assert redact(text) == masked
    assert redact(masked) == masked


@pytest.mark.usefixtures("configured")
def test_a_custom_type_is_numbered_like_any_other() -> None:
    redactor = Redactor()
    assert redactor.redact("会员号ML12345678").text == "会员号<LOYALTY_CARD_1>"
    assert redactor.redact("<BADGE2_4> 123456782").text == "<BADGE2_4> <BADGE2_5>"


@pytest.mark.usefixtures("configured")
def test_a_custom_finding_names_its_reason() -> None:
    found = {span.type: span for text in ("会员号ML12345678", "123456782") for span in detect(text)}
    assert found["LOYALTY_CARD"].reason == "context:会员号"
    assert found["BADGE2"].reason == "checksum"


def test_without_a_file_there_are_no_custom_types() -> None:
    assert redact("会员号ML12345678") == "会员号ML12345678"
    assert redact("<LOYALTY_CARD_1>") == "<LOYALTY_CARD_1>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[types.person2]\nwords=['a']", "types.person2 must be capital letters"),
        ("[types.A_1]\nwords=['a']", "types.A_1 must be capital letters"),
        ("[types.PERSON]\nwords=['a']", "types.PERSON is built in already"),
        ("[types.A]", 'types.A.pattern or "words"'),
        ("[types.A]\nwords=['']", "types.A.words has an empty word"),
        ("[types.A]\npattern='['", "types.A.pattern is no regular expression"),
        ("[types.A]\npattern='(?i)a'", "types.A.pattern cannot stand within another"),
        ("[types.A]\npattern='a?'", "types.A.pattern matches the empty text"),
        ("[types.A]\npattern='(a+)+b'", "types.A.pattern repeats without end"),
        ("[types.A]\npattern='(a|aa){1,40}b'", "types.A.pattern may take"),
        ("[types.A]\npattern='(a)\\1'", "types.A.pattern refers back"),
        ("[types.A]\nwords=['a']\nchecksum='crc'", "types.A.checksum is unknown"),
        ("[types.A]\nwords=['a']\ncontext_required=true", "types.A.context_required must be"),
        ("[types.A]\nwords=['a']\nexamples=['b']", "types.A.examples, number 1, holds none"),
        ("[types.A]\nwords=['a']\ncounter_examples=['a']", "types.A.counter_examples, number 1"),
        ("[types.A]\nwords='a'", "types.A.words must be a list of texts"),
        ("[types.A]\nwords=['a']\ncolour='red'", "types.A.colour is unknown"),
        ("types=1", "types must be tables"),
        ("never_masked=['-']", "never_masked has a value without"),
        ("[types.A", "the file is not TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "types.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CustomTypesInvalid) as caught:
        load_custom_types(path, taken=TYPES)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CustomTypesInvalid, match="KEFU_PII_TYPES names a file that is not there"):
        load_custom_types(tmp_path / "none.toml")


def _fingerprint(tmp_path: Path, content: str) -> str:
    path = tmp_path / "types.toml"
    path.write_text(content, encoding="utf-8")
    return load_custom_types(path, taken=TYPES).fingerprint


def test_without_own_types_there_is_no_fingerprint(tmp_path: Path) -> None:
    assert NO_CUSTOM_TYPES.fingerprint == _fingerprint(tmp_path, "") == ""


def test_a_fingerprint_is_the_same_in_another_order_and_without_examples(tmp_path: Path) -> None:
    one = "[types.A]\npattern='A-[0-9]{4}'\nexamples=['A-1234']\n[types.B]\nwords=['b', 'c']"
    other = "[types.B]\nwords=['c', 'b']\n[types.A]\npattern='A-[0-9]{4}'"
    assert _fingerprint(tmp_path, one) == _fingerprint(tmp_path, other)
    assert len(_fingerprint(tmp_path, one)) == 16


@pytest.mark.parametrize(
    "change",
    [
        ("pattern='A-[0-9]{4}'", "pattern='A-[0-9]{5}'"),
        ("[types.A]", "[types.B]"),
        ("checksum='luhn'", ""),
        ("checksum='luhn'", "checksum='mod97'"),
        ("context=['card']", "context=['cards']"),
        ("context_required=true", ""),
        ("never=['A-0000']", ""),
        ("never_masked=['400']", "never_masked=['800']"),
    ],
)
def test_whatever_decides_what_is_masked_changes_the_fingerprint(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    content = (
        "never_masked=['400']\n[types.A]\npattern='A-[0-9]{4}'\nchecksum='luhn'\n"
        "context=['card']\ncontext_required=true\nnever=['A-0000']\n"
    )
    assert change[0] in content
    assert _fingerprint(tmp_path, content) != _fingerprint(tmp_path, content.replace(*change))
