"""Where the manifests and the sample corpus lie: inside the wheel, or beside the packages in a source tree."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGED = Path(__file__).parents[1] / "_shared_data"
_SOURCE_TREE = Path(__file__).parents[5] / "shared-data"


def shared_data_dir() -> Path:
    """The folder with ``datasets.json``, ``glove.json``, ``checkpoints.json`` and ``sample/``.

    Wheels carry it; an editable install reads the one in the repository, so that the two cannot differ.
    """
    return _PACKAGED if _PACKAGED.is_dir() else _SOURCE_TREE


@cache
def manifest(name: str) -> dict[str, Any]:
    """The manifest ``name`` (``datasets``, ``glove`` or ``checkpoints``) as a dictionary."""
    read: dict[str, Any] = json.loads((shared_data_dir() / f"{name}.json").read_text(encoding="utf-8"))
    return read
