"""`python -m tests.training.reloading FOLDER ROUNDS [BASE]`: in each round a model is trained,
loaded and dropped, all in one process; prints the resident bytes after it.

Without the folder of an encoder as BASE it makes one, large enough for one copy a round, even the
8-bit one, to be seen among the libraries. Nothing is collected or trimmed here that the product
does not collect or trim.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from tests.resident import resident_bytes
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.intent import TrainingOrder, train_intent

HIDDEN, INTERMEDIATE = 256, 2048
"""Some 2.6 million weights: 10 MB, and 2.6 at 8 bits."""


def main(folder: Path, rounds: int, base: Path | None = None) -> None:
    data = write_csv(folder / "train.csv", toy_rows(20, outside=20))
    if base is None:
        base = write_encoder(folder / "tiny", hidden_size=HIDDEN, intermediate_size=INTERMEDIATE)
    recipe = write_recipe(folder / "recipe.toml")
    # More than a batch, so that several run side by side.
    texts = [row.text for row in toy_rows(24, outside=8)]
    for number in range(rounds):
        order = TrainingOrder(
            data, folder / "model", base=str(base), recipe=recipe, seed=number, epochs=1
        )
        train_intent(order, models_home=folder)
        for load in (OnnxIntentModel, TorchIntentModel):
            model = load(folder / "model")
            model.understand(texts)
            model.understand(texts[:1])
            del model
        sys.stdout.write(f"{resident_bytes()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
