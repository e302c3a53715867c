import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.entities import Span
from privacy.name_rules import believable, beside
from privacy.reading import read


def believed(text: str, part: str, kind: str = "PERSON") -> list[str]:
    start = text.index(part)
    spans = believable(read(text), [Span(start, start + len(part), kind, "name_model", 0.9)])
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    "text",
    [
        "王先生在吗",
        "找一下小王",
        "免贵姓王",
        "老王的快递",
        "王女士，您好",
        "王管家叫我来",
        "跟王醫師掛號",
        "Ms. 王 您好",
    ],
)
def test_a_lone_chinese_character_is_a_name_beside_a_title(text: str) -> None:
    assert believed(text, "王") == ["王"]


@pytest.mark.parametrize(
    ("text", "part"), [("波兰的区号", "兰"), ("林业局在哪", "林"), ("到付", "付")]
)
def test_a_lone_chinese_character_without_a_title_is_none(text: str, part: str) -> None:
    assert believed(text, part) == []


def test_signs_at_the_edges_do_not_belong_to_the_name() -> None:
    assert believed("(Anna Berg), hello", "(Anna Berg),") == ["Anna Berg"]


def test_the_word_behind_a_name_of_three_characters_is_left_out() -> None:
    assert believed("我给严河然买的手机", "严河然买") == ["严河然"]


def test_a_compound_surname_with_two_characters_keeps_all_four() -> None:
    assert believed("找欧阳明买票", "欧阳明买") == ["欧阳明买"]


@pytest.mark.parametrize("part", ["12345", "---", "。"])
def test_what_has_no_letter_is_no_person(part: str) -> None:
    assert believed(f"see {part} there", part) == []


@pytest.mark.parametrize(
    ("text", "believable_one"),
    [
        ("12 Elm Road, Leeds", True),
        ("Fifth Avenue", False),
        ("南山区科技园", True),
        ("深圳", False),
    ],
)
def test_an_address_has_a_number_or_is_longer_than_a_town(text: str, believable_one: bool) -> None:
    assert bool(believed(text, text, "ADDRESS")) is believable_one


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=4),
    st.integers(0, 20),
    st.integers(1, 20),
)
def test_what_another_finding_covers_is_cut_out_and_nothing_else(
    taken: list[tuple[int, int]], start: int, length: int
) -> None:
    others = [Span(first, first + size, "PHONE_NUMBER") for first, size in taken]
    left = list(beside([Span(start, start + length, "ADDRESS")], others))
    places = [place for span in left for place in range(span.start, span.end)]
    covered = {place for other in others for place in range(other.start, other.end)}
    assert places == sorted(set(range(start, start + length)) - covered)


def test_another_name_cuts_nothing_out() -> None:
    address = Span(0, 9, "ADDRESS")
    assert list(beside([address], [Span(2, 4, "PERSON")])) == [address]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a day off on may 5 please", "may"),
        ("from march 15th to april 2", "march"),
        ("the 3rd of June works", "June"),
        ("between Apr 3 and May 4", "Apr 3 and May 4"),
    ],
)
@pytest.mark.parametrize("kind", ["PERSON", "ADDRESS"])
def test_a_month_beside_a_day_is_neither_person_nor_address(
    text: str, part: str, kind: str
) -> None:
    assert believed(text, part, kind) == []


@pytest.mark.parametrize("text", ["ask April about it", "may I introduce April", "April 2026 pays"])
def test_a_month_s_name_without_a_day_may_be_a_person(text: str) -> None:
    assert believed(text, "April") == ["April"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("<img src=x onerror=alert(1)><b>my order is late</b>", "img"),
        ("<SCRIPT>alert(1)", "SCRIPT"),
        ("订单呢</b>", "b"),
        ("<br/>还没到", "br"),
    ],
)
def test_an_element_of_a_page_is_nobodys_name(text: str, part: str) -> None:
    assert believed(text, part) == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("<Bodie Marsh> wrote this", "Bodie Marsh"),
        ("ask Li <li@x.example>", "Li"),
        ("<Imge>", "Imge"),
    ],
)
def test_other_names_between_such_signs_stay_names(text: str, part: str) -> None:
    assert believed(text, part) == [part]
