"""The one Settings object: environment variables with the prefix `KEFU_`, or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from chatbot.errors import SettingsInvalid

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


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
    inference_threads: int = Field(default=1, ge=1)
    """Threads of one model call; a server answers several customers at once."""
    models_dir: Path | None = None
    """A directory that already holds the models of `models.lock`."""

    # Chosen on the demo company's validation utterances: of 0.3 to 0.7 the one with the fewest
    # wrong answers, for a question back costs the customer less than a wrong answer.
    answer_score: Probability = 0.7
    clarify_score: Probability = 0.2
    out_of_scope_limit: Probability = 0.9
    generic_confidence: Probability = 0.6

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'kefu.db'}"

    @property
    def models_home(self) -> Path:
        return self.home / "models"

    @property
    def collections_home(self) -> Path:
        return self.home / "collections"

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
