"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

CollectionOption = Annotated[
    str | None,
    typer.Option("--collection", help="Whose knowledge; KEFU_COLLECTION when not given."),
]
