"""Settings read from a file's text and variables."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings, read_settings

Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read settings from a file's text and variables without their prefix."""

    def read_it(text: str = "", **variables: str) -> Settings:
        config = tmp_path / "dropline.toml"
        config.write_text(text)
        prefixed = {f"DROPLINE_{name}": value for name, value in variables.items()}
        return read_settings({"DROPLINE_CONFIG": str(config), **prefixed})

    return read_it


def problems_of(read: Read, text: str) -> str:
    with pytest.raises(ConfigurationError) as wrong:
        read(text)
    return "\n".join([str(wrong.value), *wrong.value.problems])
