"""Opens the key ring of an installation, with whoever keeps its master key."""

from __future__ import annotations

from chatbot.settings import Settings
from privacy.keyring_file import FileKeyRing
from privacy.master_command import CommandMasterKey
from privacy.master_given import GivenMasterKeys
from privacy.master_source import MasterKeySource

# The key folder remembers these names: a change would leave folders without their keeper.
MASTER_KEY = "KEFU_MASTER_KEY"
MASTER_KEY_COMMAND = "KEFU_MASTER_KEY_COMMAND"


def open_key_ring(settings: Settings) -> FileKeyRing:
    """Raises KeyRingInvalid, or MasterKeyUnavailable where a keeper is missing or wrong."""
    return FileKeyRing(settings.keys_home, keepers=keepers_of(settings))


def keepers_of(settings: Settings) -> tuple[MasterKeySource, ...]:
    """None: the masters lie in the key folder. Of both, the command is the one that wraps."""
    keepers: list[MasterKeySource] = []
    if settings.master_key is not None:
        given = settings.master_key.get_secret_value()
        keepers.append(GivenMasterKeys.parse(given, name=MASTER_KEY))
    if settings.master_key_command:
        keepers.append(
            CommandMasterKey(
                settings.master_key_command,
                name=MASTER_KEY_COMMAND,
                limit_seconds=settings.master_key_seconds,
            )
        )
    return tuple(keepers)
