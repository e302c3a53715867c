"""On which device a network is trained, and how exactly its matrices are multiplied.

The weights and their updates stay float32 whatever the precision of the products.
"""

from __future__ import annotations

import torch

IN_HARDWARE = ("amx_bf16", "avx512_bf16")
"""What a processor can do that multiplies matrices of bfloat16: several times as fast."""


def choose_device(local_rank: int = 0) -> torch.device:
    """A graphics processor where there is one, of several the one for this process."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", local_rank % torch.cuda.device_count())


def products(precision: str, device: torch.device) -> torch.autocast:
    """`auto` is bfloat16 where such products exist in hardware. A processor without them is much
    slower with them and gets float32; a graphics processor without them gets float16."""
    kind = _chosen(precision, device)
    return torch.autocast(device.type, dtype=kind, enabled=kind != torch.float32)


def gradient_scaler(precision: str, device: torch.device) -> torch.amp.GradScaler:
    """Small gradients vanish in float16, so the loss is enlarged before and the step reduced after;
    elsewhere it does nothing."""
    return torch.amp.GradScaler(device.type, enabled=_chosen(precision, device) == torch.float16)


def _chosen(precision: str, device: torch.device) -> torch.dtype:
    if precision != "auto":
        return {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(precision, torch.float32)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(able.get(name, False) for name in IN_HARDWARE) else torch.float32
