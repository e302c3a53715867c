"""One tensor of a safetensors file, read where it lies: pages that nobody asks for stay on disk."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import EncoderUnusable

_TYPES: dict[str, np.dtype[np.floating]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}


def mapped_tensor(path: Path, name: str) -> NDArray[np.floating]:
    """Read-only. Raises EncoderUnusable where the file is none or has no such tensor."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            found = json.loads(file.read(length))[name]
        kind, start = _TYPES[found["dtype"]], 8 + length + int(found["data_offsets"][0])
        tensor: NDArray[np.floating] = np.memmap(
            path, dtype=kind, mode="r", offset=start, shape=tuple(found["shape"])
        )
        return tensor
    except (OSError, struct.error, ValueError, KeyError, TypeError) as error:
        raise EncoderUnusable(
            path.parent, f"{path.name} has no readable {name} ({type(error).__name__})"
        ) from None
