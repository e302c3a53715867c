"""The demo company's orders, which stand in for a real shop system."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from chatbot.demo.company import DATA
from chatbot.flows.form import NOT_FOUND, ActionResult

ORDERS = DATA / "orders.toml"


@dataclass(frozen=True)
class Order:
    number: str
    phone_tail: str
    email: str
    status: str
    fields: Mapping[str, str]

    def belongs_to(self, verifier: str) -> bool:
        return verifier.strip().casefold() in (self.phone_tail, self.email)


def find_order(number: str, verifier: str) -> Order | None:
    """None for an unknown number and for a stranger alike: nobody learns which numbers exist."""
    order = _orders().get(number)
    return order if order is not None and order.belongs_to(verifier) else None


class DemoOrders:
    """The demo shop in this process, for where no address of a shop is set."""

    def look_up(self, values: Mapping[str, str], *, secrets: Mapping[str, str]) -> ActionResult:
        order = find_order(values.get("order_number", ""), secrets.get("verifier", ""))
        if order is None:
            return ActionResult(NOT_FOUND)
        return ActionResult(order.status, order.fields)


@cache
def _orders() -> dict[str, Order]:
    rows = tomllib.loads(ORDERS.read_text(encoding="utf-8"))
    return {number: _order(number, row) for number, row in rows.items()}


def _order(number: str, row: Mapping[str, object]) -> Order:
    kept = {"phone_tail", "email", "status"}
    return Order(
        number=number,
        phone_tail=str(row["phone_tail"]),
        email=str(row["email"]),
        status=str(row["status"]),
        fields={name: str(value) for name, value in row.items() if name not in kept},
    )
