"""The one Settings object: environment variables with the prefix `KEFU_`, or a `.env` file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from chatbot.attributes import Attribute, Offer
from chatbot.demo.company import AUDIT_ATTRIBUTES, COLLECTION
from chatbot.errors import SettingsInvalid
from privacy.retention import RetentionRules

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Schedule = Annotated[str, Field(pattern=r"^$|^\S+( \S+){4}$")]
# Lower-case words that a database column, an address and a report all take as they are.
_STORED_WORD = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")
# The report compares by these already.
_TAKEN = frozenset({"language", "channel", "group"})


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="KEFU_", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Path(".kefu")
    """Database, keys, indexes, models."""
    database_url: SecretStr | None = None
    """SQLAlchemy URL; SQLite in `home` when not set."""
    collection: str = "demo"
    """Whose knowledge answers when the channel does not say."""
    company_name_en: str = "Maplewood Electronics"
    company_name_zh: str = "枫木数码"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    allowed_origins: tuple[str, ...] = ()
    """Other sites whose pages may embed the widget."""
    message_characters: int = Field(default=4000, ge=1)
    encoder: Literal["onnx", "torch"] = "onnx"
    """What runs the two encoders: 8-bit ONNX graphs, or the weights as they are on torch."""
    retriever: Literal["auto", "plain"] = "auto"
    """What knowledge is searched with: what `kefu train retriever` taught, where it did, or the
    encoder as it was pretrained."""
    inference_threads: int = Field(default=1, ge=1)
    """Threads of one model call; a server answers several customers at once."""
    faiss: Literal["auto", "cpu", "gpu"] = "auto"
    """Where vectors are searched: auto takes a GPU where FAISS can use one, else main memory."""
    faiss_index: Literal["auto", "flat", "hnsw", "ivf"] = "auto"
    """How the next build lets vectors be searched: auto goes by their number, as
    `knowledge_base/index_kind.py` tables it; flat compares all."""
    milvus_uri: str | None = Field(default=None, pattern=r"^https?://[^\s?#@]+$")
    """`http://host:19530` of a Milvus server, with a database's name behind it as a path if need
    be: `kefu kb build` copies each version there, and searches ask it instead of this machine.
    What it holds is not sealed."""
    milvus_token: SecretStr | None = None
    """`user:password`, or an API key."""
    milvus_seconds: float = Field(default=5.0, gt=0.0, le=60.0)
    """How long one request to that server may take."""
    models_dir: Path | None = None
    """A directory that already holds the models of `models.lock`."""
    seal_files: bool = False
    """Knowledge, its indexes and intent models lie on disk sealed; `kefu keys seal-files` seals
    what lies there already."""
    memory_home: Path = Path("/dev/shm")
    """Where sealed files are opened to be loaded; it must be kept in main memory (tmpfs)."""

    # Chosen on the demo company's validation utterances and on 160 questions that its articles do
    # not answer though most name their topics, where a wrong answer counts as three questions back:
    # 0.8 gives 104 wrong answers and 19 questions back, 0.9 gives 92 and 27.
    answer_score: Probability = 0.9
    answer_risk: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Share of the questions nobody could answer that may be answered all the same; instead of
    `answer_score`, what the exam of the taught retriever says it takes."""
    clarify_score: Probability = 0.2
    out_of_scope_limit: Probability = 0.9
    generic_confidence: Probability = 0.6
    # Sentiments in [-1, 1] at which a person is called: at once, or after two messages.
    furious_sentiment: float = Field(default=-0.85, ge=-1.0, le=0.0)
    angry_sentiment: float = Field(default=-0.45, ge=-1.0, le=0.0)
    failures_limit: int = Field(default=3, ge=1)
    """Turns in a row without help after which a person is called."""

    orders_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    """Address of the company's order service; the demo company brings its own."""
    orders_seconds: float = Field(default=3.0, gt=0.0, le=30.0)
    generator: str = "off"
    """`off`, `transformers:DIRECTORY`, `llamacpp:FILE` or `openai:URL`. What it writes is checked
    against the articles; the article itself is sent wherever the check fails."""
    generator_languages: tuple[Literal["en", "zh"], ...] = ("en",)
    """Languages in which the generator is good enough."""
    generator_model: str = ""
    """The model's name on an OpenAI-compatible server."""
    generator_api_key: SecretStr | None = None

    master_key: SecretStr | None = None
    """Base64 of 32 random bytes that no disk of Kefu's holds: what lies in the key folder opens
    with them only. Several with commas between them, the newest last; `kefu keys rotate` leaves
    the former ones without use. Without any, master and data keys lie in one folder."""
    master_key_command: tuple[str, ...] = ()
    """A program, as a JSON list with its arguments, that asks the company's key service instead;
    `privacy/master_command.py` says how it is spoken to."""
    master_key_seconds: float = Field(default=10.0, gt=0.0, le=120.0)
    """How long that program may take to answer."""

    originals_days: int = Field(default=90, ge=1)
    """How long the sealed words of a customer are kept, in days from the message."""
    redacted_days: int = Field(default=365, ge=1)
    """How long a conversation is kept with personal data masked."""
    audit_days: int = Field(default=3 * 365, ge=1)
    """How long the records of erasures are kept."""
    consent_days: int = Field(default=3 * 365, ge=1)
    """How long a statement of consent is kept once it no longer holds."""

    pii_types: Path | None = None
    """TOML file of the company's own types of personal data and of what is never masked, as
    `privacy/custom_types.py` describes it."""
    audit_attributes: dict[str, Attribute] | None = None
    """What customers who agree to audits may tell about themselves, and the values to choose
    from: JSON, `{"age_band": {"en": "Age", "zh": "年龄", "values": {"under_30": {"en": …}}}}`. The
    demo company has its own; `{}` asks for nothing."""

    redis_url: SecretStr | None = None
    """`redis://…` of a Redis or Valkey server; `kefu serve` brings its own when not set."""
    workers: bool = True
    """`kefu serve` starts worker and beat, and the broker where no other is named."""
    worker_processes: int = Field(default=2, ge=1, le=64)
    """Jobs at a time: a long training must not keep an anonymisation waiting."""

    # When jobs begin, in UTC, as in crontab(5): minute hour day month weekday; empty for never.
    schedule_anonymise: Schedule = "10 2 * * *"
    schedule_purge: Schedule = "40 2 * * *"
    schedule_refresh: Schedule = "5 0 * * *"
    """Days begin at midnight in UTC for articles too."""
    schedule_collect: Schedule = "10 3 * * *"
    schedule_retrain: Schedule = "30 3 * * sun"
    schedule_audit: Schedule = "0 5 1 * *"

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("audit_attributes")
    @classmethod
    def _storable(cls, value: dict[str, Attribute] | None) -> dict[str, Attribute] | None:
        for name, attribute in (value or {}).items():
            for word in (name, *attribute.values):
                if not _STORED_WORD.fullmatch(word):
                    raise ValueError(
                        f"{word!r} cannot be stored: use up to 32 small letters, digits and _"
                    )
            if name in _TAKEN:
                raise ValueError(f"{name!r} is compared already: choose another name")
            if len(attribute.values) < 2:
                raise ValueError(f"{name!r} has fewer than two values to choose from")
        return value

    @property
    def offered_attributes(self) -> Offer:
        """By name; empty where the company asks for none."""
        if self.audit_attributes is not None:
            return self.audit_attributes
        return AUDIT_ATTRIBUTES if self.collection == COLLECTION else {}

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'kefu.db'}"

    @property
    def retention(self) -> RetentionRules:
        """Raises RetentionInvalid for periods that contradict each other."""
        return RetentionRules(
            originals_days=self.originals_days,
            redacted_days=self.redacted_days,
            audit_days=self.audit_days,
            consent_days=self.consent_days,
        )

    @property
    def keys_home(self) -> Path:
        return self.home / "keys"

    @property
    def surrogates_home(self) -> Path:
        """The key from which stand-ins for personal data are made."""
        return self.home / "surrogates"

    @property
    def models_home(self) -> Path:
        return self.home / "models"

    @property
    def run_home(self) -> Path:
        """What running processes need of each other: socket, queue, locks. No other user's."""
        return self.home / "run"

    @property
    def collections_home(self) -> Path:
        return self.home / "collections"

    @property
    def encoder_home(self) -> Path:
        """The multilingual encoder's weights."""
        return self.models_home / "e5"

    @property
    def retriever_home(self) -> Path:
        """What `kefu train retriever` taught."""
        return self.home / "retriever"

    @property
    def names_home(self) -> Path:
        """The model that finds names and addresses."""
        return self.home / "names"

    @property
    def intents_home(self) -> Path:
        return self.home / "intents"


def load_settings() -> Settings:
    """Read the environment, with one sentence for each wrong value."""
    try:
        return Settings()
    except SettingsError as error:
        raise SettingsInvalid(f"A setting cannot be read: {error} (lists are JSON).") from None
    except UnicodeDecodeError:
        raise SettingsInvalid("The file .env is not UTF-8.") from None
    except RuntimeError as error:
        raise SettingsInvalid(f"KEFU_HOME cannot be used: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"KEFU_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        raise SettingsInvalid(f"A setting cannot be used: {wrong}.") from None
