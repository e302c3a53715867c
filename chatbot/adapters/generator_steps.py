"""One token after the other from a transformers model, whatever its architecture.

A loop of our own instead of `generate` in a thread: it holds no global random state, several
conversations may run it at once, and it ends where its consumer stops asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from chatbot.adapters.quiet import quiet
from chatbot.errors import ExtraMissing, GeneratorUnavailable
from chatbot.generation import GenerationOptions, Pieces

Step = Callable[[torch.Tensor], torch.Tensor]
"""Token ids `(1, t)` that are new to the model → logits `(vocabulary,)` of what comes next."""

UNFINISHED = "\ufffd"  # what a tokenizer shows for half a character


def load_weights(auto_class: Any, directory: Path, device: str) -> tuple[Any, Any]:
    """Model and tokenizer from a local folder; no pickles, no code from the folder, no hub."""
    if not (directory / "config.json").is_file():
        raise GeneratorUnavailable(f"{directory} holds no model (config.json is missing)")
    needs_sentencepiece = not (directory / "tokenizer.json").is_file() and any(
        directory.glob("*.model")
    )
    if needs_sentencepiece and find_spec("sentencepiece") is None:
        raise ExtraMissing(f"The tokenizer in {directory}", "generate")
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
            model = auto_class.from_pretrained(
                directory, local_files_only=True, use_safetensors=True, dtype="auto"
            )
        return model.to(device).eval(), tokenizer
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise GeneratorUnavailable(f"{directory} does not load ({error})") from None


def end_tokens(model: Any) -> frozenset[int]:
    ends = model.generation_config.eos_token_id
    if ends is None:
        ends = model.config.eos_token_id
    return frozenset(ends if isinstance(ends, list) else [] if ends is None else [ends])


def run_steps(
    step: Step, first: torch.Tensor, *, ends: frozenset[int], options: GenerationOptions
) -> Iterator[int]:
    chance = torch.Generator().manual_seed(options.seed)
    new = first
    for _ in range(options.max_tokens):
        # Entered anew for each token: a context held over a `yield` would leak to the consumer.
        with torch.inference_mode():
            token = _choose(step(new), options.temperature, chance)
        if token in ends:
            return
        yield token
        new = torch.tensor([[token]], device=first.device)


def _choose(logits: torch.Tensor, temperature: float, chance: torch.Generator) -> int:
    if temperature <= 0:
        return int(logits.argmax())
    shares = torch.softmax(logits.float().cpu() / temperature, dim=-1)
    return int(torch.multinomial(shares, 1, generator=chance))


def spell(tokens: Iterator[int], tokenizer: PreTrainedTokenizerBase) -> Pieces:
    """Text as far as its characters are whole; half a character at the end is dropped."""
    ids: list[int] = []
    shown = 0
    for token in tokens:
        ids.append(token)
        text = _decode(ids, tokenizer)
        if not text.endswith(UNFINISHED) and len(text) > shown:
            yield text[shown:]
            shown = len(text)


def _decode(ids: list[int], tokenizer: PreTrainedTokenizerBase) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
