"""Names and addresses in Latin letters, as people of many countries write them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from faker import Faker

from training.names.mail import Mail

LOCALES = tuple(
    "en_US en_GB en_IN en_AU en_CA de_DE fr_FR es_ES es_MX it_IT nl_NL pl_PL cs_CZ sk_SK hu_HU "
    "sv_SE "
    "da_DK fi_FI no_NO pt_BR pt_PT ro_RO sl_SI hr_HR tr_TR vi_VN id_ID lt_LT lv_LV et_EE en_NG "
    "fr_CA de_AT zu_ZA".split()
)
"""A locale that this release of Faker has not is left out."""
_HOME = ("en_US", "en_GB", "en_US", "en_AU")
_POOL = 240
_FROM_MAIL = 0.3
"""Of the addresses: not Faker's."""
# Given and family names of people whose language is written in other letters.
_ROMANISED = (
    (
        "Wei Fang Na Xiuying Min Jing Li Qiang Lei Jun Yang Yong Yan Jie Tao Ming Chao Xiulan Xia "
        "Gang Ping Hui Ying Hong Zihan Yuxuan Haoran Xinyi Ruoxi Jiayi Mengqi Siyuan Xiaoming",
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng "
        "Liang Xie Song Tang Han Feng Deng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du "
        "Ye Cheng Wei Su Lu Ding Ren Shen Yao Ouyang Sima Chan Wong Cheung Leung Kwok",
    ),
    (
        "Hiroshi Yuki Haruto Sakura Kenji Akira Naoko Takashi Yoko Emi Ren Aoi Satoshi Keiko",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Mori",
    ),
    (
        "Mohammed Ahmed Fatima Aisha Omar Khalid Layla Yusuf Ibrahim Noor Hassan Zainab Tariq "
        "Salma",
        "Al-Farsi Hussein Rahman Khan Haddad Nasser Saleh Mansour Aziz Siddiqui El-Sayed Qureshi",
    ),
    (
        "Priya Rahul Ananya Arjun Deepika Sanjay Lakshmi Vikram Kavya Rohan Meera Suresh Pooja",
        "Sharma Patel Singh Gupta Iyer Reddy Nair Chatterjee Mehta Kapoor Joshi Banerjee Rao Das",
    ),
    (
        "Ivan Olga Dmitri Svetlana Alexei Natalia Sergei Ekaterina Mikhail Irina Oksana Taras",
        "Ivanov Petrova Smirnov Kuznetsova Popov Sokolova Volkov Shevchenko Kovalenko Morozova",
    ),
    (
        "Min-jun Seo-yeon Ji-hoon Ha-eun Dong-hyun Soo-jin Jae-won Yuna Hyejin",
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin",
    ),
)
_ROADS = (
    "Street St Avenue Ave Road Rd Boulevard Blvd Lane Ln Drive Dr Court Ct Way Place Pl Square "
    "Terrace Parkway Highway Close Crescent Grove Row Walk Trail Circle Loop Mews"
).split()
_TREES = (
    "Oak Maple Cedar Pine Elm Walnut Chestnut Willow Birch Hill Lake River Park Church Mill King "
    "Queen Station High Main Market Bridge Spring Forest Sunset Highland Victoria Garden North "
    "South West East Second Third Fifth 42nd 5th 1st Meadow Valley Orchard"
).split()
# What people are called at home, which Faker's lists of first names seldom hold; half of it is also
# an English word.
_SHORT = (
    "Bob Bill Tom Liz Kate Meg Joe Dan Sam Max Ben Nick Tony Jen Becky Mike Steve Dave Will Rob "
    "Sue Pat Drew Dean Miles Cliff Frank Art Grant Chase Mark Jack Rose Lily Jasmine Amber Hope "
    "Faith Grace April May June Ruby Dawn Heather Iris Daisy Olive Penny Chuck Buck Ray Gene Earl "
    "Duke Rich Hank Gus Abe Eddie Charlie Freddie Archie Alfie Billy Bobby Tommy Jimmy Betty Peggy "
    "Nan Bea Viv Mo Jo Al Ed Ted Ned Stu Gabe Nate Zach Josh Matt Pete Phil Greg Jeff Doug Ron Don "
    "Kim Lee Robin Sandy Terry Kelly Tracy Jordan Sky Storm River Summer Autumn Violet Hazel Ivy "
    "Pearl"
).split()
_BORN = (
    "O'Brien,O'Connor,McDonald,MacLeod,Fitzgerald,St. James,De la Cruz,de la Torre,van der Berg,"
    "van den Heuvel,Van Dyke,von Braunfels,di Stefano,Da Costa,Le Roux,Du Plessis,bin Rashid,"
    "ibn Yusuf,El Amrani,Ben David,Ap Gwilym,Mc Carthy,D'Angelo,dos Santos,ter Horst,Ó Briain"
).split(",")
_BEHIND = ("Jr.", "Jr", "Sr.", "II", "III", "IV", "PhD", "MD", "Esq.", "OBE")
_UNITS = ("Apt. {n}", "Apt {n}", "Suite {n}", "Unit {n}", "Flat {n}", "#{n}", "Floor {d}", "Rm {n}")


@dataclass(frozen=True)
class Person:
    given: str
    family: str


@dataclass(frozen=True)
class Place:
    street: str
    """With its number, as that country writes it."""
    town: str
    region: str
    country: str
    code: str
    whole: str
    """As that country writes it on an envelope, in several lines."""


class LatinFillers:
    """Draws from pools that are filled once; every draw is the random generator's."""

    def __init__(self, draw: random.Random, *, locales: tuple[str, ...] = LOCALES) -> None:
        self._draw = draw
        self.mail = Mail(draw)
        self._people: dict[str, list[Person]] = {}
        self._places: dict[str, list[Place]] = {}
        self.companies: list[str] = []
        self.cities: list[str] = []
        self.countries: list[str] = []
        self.jobs: list[str] = []
        for locale in locales:
            self._fill(locale)
        self._english = [name for name in _HOME if name in self._people]

    def _fill(self, locale: str) -> None:
        fake = Faker(locale)
        _in_order(fake)
        fake.seed_instance(self._draw.randrange(2**31))
        people = [Person(fake.first_name(), fake.last_name()) for _ in range(_POOL)]
        self._people[locale] = people
        self._places[locale] = [_place(fake) for _ in range(_POOL // 2)]
        self.companies += [fake.company() for _ in range(_POOL // 4)]
        self.cities += [fake.city() for _ in range(_POOL // 4)]
        self.countries += [fake.current_country() for _ in range(2)]
        if locale.startswith("en_"):
            self.countries += [fake.country() for _ in range(_POOL)]
            self.jobs += [fake.job().split(",")[0].lower() for _ in range(_POOL)]

    def person(self) -> Person:
        kind = self._draw.random()
        if kind < 0.18:
            given, family = self._draw.choice(_ROMANISED)
            return Person(self._draw.choice(given.split()), self._draw.choice(family.split()))
        pool = self._english if kind < 0.5 else list(self._people)
        one = self._draw.choice(self._people[self._draw.choice(pool)])
        if kind < 0.25:
            return replace(one, given=self._draw.choice(_SHORT))
        return replace(one, family=self._draw.choice(_BORN)) if kind > 0.98 else one

    def words(self) -> set[str]:
        """All that names are made of here."""
        people = [one for pool in self._people.values() for one in pool]
        names = [name for one in people for name in (one.given, one.family)]
        names += [*_SHORT, *_BORN]
        names += [name for pair in _ROMANISED for half in pair for name in half.split()]
        return {word for name in names for word in name.split()}

    def full_name(self) -> str:
        one, draw = self.person(), self._draw
        forms: list[tuple[float, Callable[[], str]]] = [
            (0.38, lambda: f"{one.given} {one.family}"),
            (0.22, lambda: one.given),
            (0.06, lambda: one.family),
            (0.06, lambda: f"{one.given} {self._initial()} {one.family}"),
            (0.04, lambda: f"{one.given[0]}. {one.family}"),
            (0.03, lambda: f"{one.given} {one.family[0]}."),
            (0.03, lambda: f"{one.family}, {one.given}"),
            (0.04, lambda: f"{one.given} {self.person().given} {one.family}"),
            (0.03, lambda: f"{one.given} {one.family}-{self.person().family}"),
            (0.03, lambda: f"{one.given}-{self.person().given} {one.family}"),
            (0.02, lambda: f"{one.family} {one.given}"),
            (0.01, lambda: f"{one.given[0]}.{self._initial()} {one.family}"),
            (0.01, lambda: f"{one.given[0]}. {self._initial()} {one.family}"),
            (
                0.01,
                lambda: f"{one.given} {one.family}{draw.choice((' ', ', '))}{draw.choice(_BEHIND)}",
            ),
            (0.01, lambda: f'{one.given} "{draw.choice(_SHORT)}" {one.family}'),
            (
                0.02,
                lambda: f"{one.given} {draw.choice(('van', 'de', 'von', 'al'))} {one.family}",
            ),
        ]
        weights, makers = zip(*forms, strict=True)
        maker: Callable[[], str] = draw.choices(makers, weights)[0]
        return maker()

    def _initial(self) -> str:
        return self._draw.choice("ABCDEFGHJKLMNPRSTVW") + self._draw.choice((".", "", "."))

    def address(self) -> str:
        draw = self._draw
        if draw.random() < _FROM_MAIL:
            return self.mail.address()
        place = draw.choice(self._places[draw.choice(list(self._places))])
        kind = draw.random()
        if kind < 0.2:
            gap = draw.choice(("\n", "\n", ", ", " ", ",\n"))
            return place.whole.replace("\n", gap)
        if kind < 0.25:
            return self._named_house(place)
        street = place.street if kind < 0.7 else self._plain_street()
        if draw.random() < 0.25 and not any(sign.isdigit() for sign in street):
            street = f"{draw.randint(1, 9999)} {street}"
        if draw.random() < 0.3:
            unit = draw.choice(_UNITS).format(n=draw.randint(1, 990), d=draw.randint(1, 40))
            street = draw.choice((f"{street} {unit}", f"{street}, {unit}", f"{unit}, {street}"))
        if draw.random() < 0.35:
            return street
        if draw.random() < 0.05:
            return f"P.O. Box {draw.randint(1, 99999)}, {place.town}"
        parts = [street, place.town]
        parts += [place.region] if place.region and draw.random() < 0.6 else []
        tail = [place.country] if draw.random() < 0.4 else []
        code = [place.code] if draw.random() < 0.7 else []
        parts += [" ".join(tail + code)] if draw.random() < 0.5 else [*code, *tail]
        gaps = (", ", ", ", " ", "\n", "\n, ", ",\n", "\n ")
        gap = draw.choice(gaps)
        uneven = draw.random() < 0.4
        parts = [part for part in parts if part]
        joined = parts[0]
        for part in parts[1:]:
            joined += (draw.choice(gaps) if uneven else gap) + part
        return joined

    def _named_house(self, place: Place) -> str:
        draw = self._draw
        house = (
            f"{draw.choice(_TREES)} {draw.choice(('House', 'Cottage', 'Lodge', 'Farm', 'Hall'))}"
        )
        road = f"{draw.choice(_TREES)} {draw.choice(_ROADS)}"
        return ", ".join((house, road, place.town, *draw.choice(((), (place.code,)))))

    def _plain_street(self) -> str:
        draw = self._draw
        name = draw.choice(_TREES) if draw.random() < 0.6 else self.person().family
        if draw.random() < 0.2:
            name = f"{draw.choice(('N', 'S', 'W', 'E', 'North', 'West', 'Old', 'New'))} {name}"
        return f"{draw.randint(1, 9999)} {name} {draw.choice(_ROADS)}"


def _in_order(fake: Faker) -> None:
    """Italy's towns come out of a set, in another order in every process."""
    towns = fake.factories[0].provider("faker.providers.address")
    if isinstance(getattr(towns, "cities", None), list | tuple):
        towns.cities = sorted(towns.cities)


def _place(fake: Faker) -> Place:
    region = ""
    for maker in ("state_abbr", "state", "administrative_unit", "region"):
        if hasattr(fake, maker):
            region = str(getattr(fake, maker)())
            break
    return Place(
        fake.street_address().replace("\n", ", "),
        fake.city(),
        region,
        fake.current_country(),
        fake.postcode(),
        fake.address(),
    )
