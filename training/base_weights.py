"""Where a pretrained encoder comes from, and which one suits a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from chatbot.adapters.intent_directory import NETWORK, TOKENIZER
from knowledge_base.vault import Vault
from training.corpus import Corpus
from training.errors import BaseModelUnavailable

AUTO = "auto"
ENGLISH = "minilm"
MULTILINGUAL = "e5"
PULLED = (ENGLISH, MULTILINGUAL)

_FILES = (*NETWORK, TOKENIZER, "tokenizer_config.json")


@dataclass(frozen=True)
class BaseModel:
    name: str
    directory: Path
    prefix: str


def choose_base(name: str, corpus: Corpus) -> str:
    """`auto` becomes the English encoder where no text is Chinese, the multilingual one else."""
    if name != AUTO:
        return name
    return MULTILINGUAL if corpus.has_chinese else ENGLISH


@contextmanager
def opened_base(name: str, vault: Vault) -> Iterator[str]:
    """What to call it while inside: a trained model may be the base of another and lie sealed."""
    if name in (AUTO, *PULLED) or not Path(name).is_dir():
        yield name
        return
    with vault.opened(Path(name)) as directory:
        yield str(directory)


def find_base(name: str, *, models_home: Path) -> BaseModel:
    """A pulled model's name, a directory, or a hub id. Raises BaseModelUnavailable."""
    if name in PULLED:
        directory = models_home / name
        if not all((directory / file).is_file() for file in (*NETWORK, TOKENIZER)):
            raise BaseModelUnavailable(
                f"The base model {name} is not in {models_home}: run `kefu models pull {name}`."
            )
    elif Path(name).is_dir():
        directory = Path(name)
    else:
        directory = _from_hub(name)
    _check(name, directory)
    return BaseModel(Path(name).name, directory, _prefix(name, directory))


def _from_hub(name: str) -> Path:
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except HFValidationError:
        reason = "it is neither a directory nor a hub id"
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError):
        reason = "there is no such directory, and the hub did not deliver it"
    raise BaseModelUnavailable(
        f"The base model {name} cannot be had: {reason}; "
        "use minilm or e5 after `kefu models pull`, or the path of a directory."
    )


def _check(name: str, directory: Path) -> None:
    for file in (*NETWORK, TOKENIZER):
        if not (directory / file).is_file():
            raise BaseModelUnavailable(f"The base model {name} has no {file}.")
    if _config(directory).get("model_type") != "bert":
        raise BaseModelUnavailable(
            f"The base model {name} is no BERT encoder; Kefu trains models of that type only."
        )


def _config(directory: Path) -> dict[str, object]:
    try:
        config = json.loads((directory / NETWORK[0]).read_text(encoding="utf-8"))
    except ValueError:
        config = None
    return config if isinstance(config, dict) else {}


def _prefix(name: str, directory: Path) -> str:
    # The e5 family was trained with a prefix on every text (Wang et al. 2024, arXiv 2402.05672).
    names = {Path(name).name.lower(), directory.resolve().name.lower()}
    return "query: " if any("e5" in known.split("-") for known in names) else ""
