from __future__ import annotations

import inspect

import chatbot.errors
import knowledge_base.errors
import privacy.errors
from web.errors import STATUS, status_of


def test_every_error_of_the_product_has_a_status_of_its_own() -> None:
    for module in (chatbot.errors, knowledge_base.errors, privacy.errors):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and kind.__module__ == module.__name__:
                assert any(issubclass(kind, known) for known, _ in STATUS), kind


def test_narrow_classes_stand_before_their_parents() -> None:
    kinds = [kind for kind, _ in STATUS]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[place + 1 :])


def test_an_unknown_error_is_ours() -> None:
    assert status_of(ZeroDivisionError()).value == 500
