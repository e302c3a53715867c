import random
import re

from training.names.mail import Mail


def test_no_mark_of_a_shape_is_left_in_an_address() -> None:
    mail = Mail(random.Random(1))
    for _ in range(3000):
        assert not re.search(r"[<>@|]", mail.address() + mail.lines() + mail.box())


def test_an_envelope_has_a_line_for_each_part() -> None:
    mail = Mail(random.Random(1))
    seen = [mail.lines() for _ in range(500)]
    assert all(line.strip() for lines in seen for line in lines.split("\n"))
    assert sum(lines.count("\n") >= 1 for lines in seen) > 450


def test_a_road_alone_is_one_line_without_a_house_number() -> None:
    mail = Mail(random.Random(1))
    roads = {mail.road() for _ in range(2000)}
    assert len(roads) > 300
    assert not [road for road in roads if re.search(r"\n|^\d+[a-zA-Z]? ", road)]


def test_a_postcode_stands_beside_a_town() -> None:
    mail = Mail(random.Random(1))
    for _ in range(500):
        place = mail.coded_place()
        assert re.search(r"\d", place)
        assert re.search(r"[^\W\d_]{3}", place)


def test_a_box_is_recognisable_by_its_word_and_its_number() -> None:
    mail = Mail(random.Random(1))
    word = re.compile(r"box|pob|postfach|bag|postbus|apartado|casilla|^bp", re.IGNORECASE)
    for _ in range(500):
        box = mail.box()
        assert word.search(box)
        assert re.search(r"\d", box)


def test_the_same_draw_writes_the_same_addresses() -> None:
    one, other = Mail(random.Random(7)), Mail(random.Random(7))
    assert [one.address() for _ in range(50)] == [other.address() for _ in range(50)]
