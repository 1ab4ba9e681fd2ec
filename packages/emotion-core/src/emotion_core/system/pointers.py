"""What the JSON files of a model folder may not say: anything that leads a library out of the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from emotion_core.errors import RunError

CONFIG_FILE, TOKENIZER_CONFIG_FILE = "config.json", "tokenizer_config.json"

NAMES_OF_FILES = ("_file", "_files", "_path", "_paths", "_dir")
"""How the keys end under which a tokenizer's configuration names files."""

NO_FILE = ("name_or_path", "_name_or_path")
"""Keys that end so and are a remark that no library follows."""

OF_CODE = ("attn_implementation", "_attn_implementation", "experts_implementation")
"""Keys of a model's configuration whose value may be the name of a repository with code."""

OF_WEIGHTS = "transformers_weights"


def check_pointers(folder: Path) -> None:
    """Look at what the configurations in a model folder name, before a library reads them.

    Raises:
        RunError: a file that does not lie in the folder, or code on the hub.
    """
    for name in (CONFIG_FILE, TOKENIZER_CONFIG_FILE):
        settings: Any = {}
        with suppress(OSError, ValueError, RecursionError):  # the library that cannot read the file says so
            settings = json.loads((folder / name).read_text(encoding="utf-8"))
        for key, value in pointers(settings if isinstance(settings, Mapping) else {}, folder):
            raise RunError(
                f"{folder / name}: {key} names {value!r}, which is no file of this folder. The run was altered; "
                "copy it again."
            )


def pointers(settings: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Any]]:
    """The entries of a configuration, also of those within it, that lead out of a folder."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from pointers(value, folder)
        elif not isinstance(key, str):  # what a library holds in memory may have numbers for keys
            continue
        elif key in OF_CODE:
            if isinstance(value, str) and "/" in value:
                yield key, value
        elif (key == OF_WEIGHTS or key.endswith(NAMES_OF_FILES)) and key not in NO_FILE:
            named = value if isinstance(value, list) else [value]
            yield from ((key, each) for each in named if isinstance(each, str) and not _lies_in(folder, each))


def _lies_in(folder: Path, name: str) -> bool:
    return Path(name).name == name and (folder / name).is_file()
