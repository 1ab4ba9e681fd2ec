"""What lies on this machine: caches, data, free disk, and the models that need no download."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TypedDict

from huggingface_hub import constants, try_to_load_from_cache

from emotion_bert.models.checkpoints import locate
from emotion_bert.models.registry import MODELS, ModelEntry
from emotion_core.data.published.named import EMOTION_DATA_DIR

WEIGHT_FILES = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


class Cache(TypedDict):
    """The Hugging Face cache."""

    path: str
    size_bytes: int
    free_bytes: int
    offline: bool


class DataDir(TypedDict):
    """The folder that the environment names for the emotion tweets."""

    path: str
    exists: bool


class FoundModel(TypedDict):
    """Where a named model is: in its ``package``, in the ``cache``, or nowhere (None)."""

    source: str
    found: str | None


def describe_cache() -> Cache:
    """The Hugging Face cache: path, size, free disk there, and whether the hub may be asked."""
    path = Path(constants.HF_HUB_CACHE)
    return {
        "path": without_home(str(path)),
        "size_bytes": _size(path),
        "free_bytes": free_disk(path),
        "offline": constants.HF_HUB_OFFLINE,
    }


def describe_data_dir() -> DataDir | None:
    """The folder that the environment names for the emotion tweets, and whether it exists; None when none is named."""
    folder = os.environ.get(EMOTION_DATA_DIR)
    return {"path": without_home(folder), "exists": Path(folder).is_dir()} if folder else None


def describe_models() -> dict[str, FoundModel]:
    """For each named model where it is ``found``: in its ``package``, in the ``cache``, or nowhere (None)."""
    return {name: {"source": entry.source, "found": _found(entry)} for name, entry in MODELS.items()}


def _found(entry: ModelEntry) -> str | None:
    checkpoint = locate(entry)
    if checkpoint.location != entry.source:
        return "package"

    def cached(file: str) -> bool:
        return isinstance(try_to_load_from_cache(entry.source, file, revision=checkpoint.revision), str)

    return "cache" if cached("config.json") and any(cached(file) for file in WEIGHT_FILES) else None


def free_disk(path: Path) -> int:
    """Bytes that are free where ``path`` is or would be made."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def without_home(text: str) -> str:
    """The text with ``~`` for the home folder, whose path has the name of the user."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def _size(folder: Path) -> int:
    # The files of a snapshot are links to the blobs, which are counted already.
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
