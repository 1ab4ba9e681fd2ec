"""Where the manifests and the sample corpus lie: inside the wheel, or beside the packages in a source tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGED = Path(__file__).parents[2] / "_shared_data"
_SOURCE_TREE = Path(__file__).parents[6] / "shared-data"


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
