from __future__ import annotations

import pytest
import torch

from training.arithmetic import products

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("able", "kind"),
    [
        ({}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
    ],
)
def test_a_processor_that_multiplies_short_numbers_in_hardware_is_given_them(
    able: dict[str, bool], kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    rows = torch.ones(2, 3)
    with products("auto", CPU):
        assert (rows @ rows.T).dtype is kind


@pytest.mark.parametrize("named", ["float32", "bfloat16"])
def test_a_precision_that_is_named_holds_whatever_the_processor_can(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": named == "float32"})
    rows = torch.ones(2, 3)
    with products(named, CPU):
        assert (rows @ rows.T).dtype is getattr(torch, named)
