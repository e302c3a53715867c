"""Answers from an encoder-decoder model (T5 and its kin) in a transformers folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM

from chatbot.adapters.generator_steps import end_tokens, load_weights, run_steps, spell
from chatbot.generation import (
    ChatMessage,
    GenerationOptions,
    Pieces,
    plain_prompt,
    until_stop,
    weights_version,
)


class Seq2SeqGenerator:
    """The encoder reads `plain_prompt` once, the decoder writes.

    Runs with the threads that torch has in this process. Raises GeneratorUnavailable where the
    folder is not a model. T5's positions are relative, so no prompt is too long for it, but one
    far longer than those it was trained on is answered badly.
    """

    def __init__(self, directory: Path, *, device: str = "cpu") -> None:
        self._model, self._tokenizer = load_weights(AutoModelForSeq2SeqLM, directory, device)
        self._ends = end_tokens(self._model)
        self._version = weights_version(directory.name, directory.glob("*.safetensors"))

    @property
    def version(self) -> str:
        return self._version

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        ids = self._tokenizer(plain_prompt(messages))["input_ids"]
        read = None
        past = None

        def step(new: torch.Tensor) -> torch.Tensor:
            nonlocal read, past
            if read is None:
                question = torch.tensor([ids], device=self._model.device)
                read = self._model.get_encoder()(input_ids=question)
            output = self._model(
                encoder_outputs=read, decoder_input_ids=new, past_key_values=past, use_cache=True
            )
            past = output.past_key_values
            logits: torch.Tensor = output.logits[0, -1]
            return logits

        start = torch.tensor([[self._first_token()]], device=self._model.device)
        tokens = run_steps(step, start, ends=self._ends, options=options)
        yield from until_stop(spell(tokens, self._tokenizer), options.stop)

    def _first_token(self) -> int:
        settings, config = self._model.generation_config, self._model.config
        for token in (settings.decoder_start_token_id, config.decoder_start_token_id):
            if token is not None:
                return int(token)
        return int(config.pad_token_id or 0)
