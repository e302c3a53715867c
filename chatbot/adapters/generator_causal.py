"""Answers from a causal language model (GPT, Qwen, Llama, …) in a transformers folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from chatbot.adapters.generator_steps import end_tokens, load_weights, run_steps, spell
from chatbot.errors import GeneratorUnavailable
from chatbot.generation import (
    ChatMessage,
    GenerationOptions,
    Pieces,
    plain_prompt,
    until_stop,
    weights_version,
)


class CausalGenerator:
    """Uses the tokenizer's chat template, or `plain_prompt` where there is none.

    Runs with the threads that torch has in this process. Raises GeneratorUnavailable where the
    folder is not a model.
    """

    def __init__(self, directory: Path, *, device: str = "cpu") -> None:
        self._model, self._tokenizer = load_weights(AutoModelForCausalLM, directory, device)
        self._ends = end_tokens(self._model)
        self._limit: int | None = getattr(self._model.config, "max_position_embeddings", None)
        self._version = weights_version(directory.name, directory.glob("*.safetensors"))

    @property
    def version(self) -> str:
        return self._version

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        prompt = self._prompt(messages)
        room = self._room(prompt.shape[1], options.max_tokens)
        past = None

        def step(new: torch.Tensor) -> torch.Tensor:
            nonlocal past
            output = self._model(input_ids=new, past_key_values=past, use_cache=True)
            past = output.past_key_values
            logits: torch.Tensor = output.logits[0, -1]
            return logits

        limited = GenerationOptions(room, options.temperature, options.seed)
        tokens = run_steps(step, prompt, ends=self._ends, options=limited)
        yield from until_stop(spell(tokens, self._tokenizer), options.stop)

    def _prompt(self, messages: Sequence[ChatMessage]) -> torch.Tensor:
        """(1, t) token ids."""
        if self._tokenizer.chat_template is None:
            ids = self._tokenizer(plain_prompt(messages))["input_ids"]
        else:
            text = self._tokenizer.apply_chat_template(
                [{"role": message.role.value, "content": message.text} for message in messages],
                add_generation_prompt=True,
                tokenize=False,
            )
            ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return torch.tensor([ids], device=self._model.device)

    def _room(self, used: int, wanted: int) -> int:
        if self._limit is None:
            return wanted
        if used >= self._limit:
            raise GeneratorUnavailable(
                f"the prompt has {used} tokens, the model takes {self._limit}"
            )
        return min(wanted, self._limit - used)
