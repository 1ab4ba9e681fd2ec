"""Where the manifests and the sample corpus lie: inside the wheel, or beside the packages in a source tree."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from emotion_core.errors import DataError

OWN_DATASETS = "EMOTION_DATASETS"
"""The environment variable that names a manifest of the user's own, whose datasets then have names, too."""

_PACKAGED = Path(__file__).parents[2] / "_shared_data"
_SOURCE_TREE = Path(__file__).parents[6] / "shared-data"
_EXPECTED = {"title": str, "source": str, "licence": str, "folder": str, "splits": dict}
"""What an entry of the user's own must state."""


def shared_data_dir() -> Path:
    """The folder with ``datasets.json``, ``glove.json``, ``checkpoints.json``, ``sample/`` and ``behaviour/``.

    Wheels carry it; an editable install reads the one in the repository, so that the two cannot differ.
    """
    return _PACKAGED if _PACKAGED.is_dir() else _SOURCE_TREE


ManifestEntry = dict[str, Any]
"""What a manifest says of one data set, file or checkpoint."""


@cache
def manifest(name: str) -> Mapping[str, ManifestEntry]:
    """The manifest ``name`` (``datasets``, ``glove``, ``checkpoints`` or ``behaviour/manifest``) as a dictionary."""
    read: dict[str, ManifestEntry] = json.loads((shared_data_dir() / f"{name}.json").read_text(encoding="utf-8"))
    return read


def named_datasets() -> Mapping[str, ManifestEntry]:
    """The datasets that have a name: the bundled ones, and those of `OWN_DATASETS`, which take precedence.

    Raises:
        DataError: the manifest in `OWN_DATASETS` cannot be read, or an entry lacks something.
    """
    own = os.environ.get(OWN_DATASETS)
    return {**manifest("datasets"), **_own_datasets(Path(own).absolute())} if own else manifest("datasets")


@cache
def _own_datasets(file: Path) -> Mapping[str, ManifestEntry]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"no JSON, {error}"
        raise DataError(f"{file}: cannot be read ({reason}). {OWN_DATASETS} names this file.") from error
    entries = read if isinstance(read, dict) else {}
    wrong = [name for name, entry in entries.items() if not _is_whole(entry)]
    if wrong or not entries:
        what = f"the entry {wrong[0]!r} is" if wrong else "it is"
        raise DataError(
            f"{file}: {what} no dataset of a manifest, which has {', '.join(_EXPECTED)} with rows and sha256 of each "
            f"split. {OWN_DATASETS} names this file."
        )
    return {name: {**entry, "folder": str(file.parent / entry["folder"])} for name, entry in entries.items()}


def _is_whole(entry: object) -> bool:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), kind) for key, kind in _EXPECTED.items()):
        return False
    return all(isinstance(split, dict) and {"rows", "sha256"} <= split.keys() for split in entry["splits"].values())
