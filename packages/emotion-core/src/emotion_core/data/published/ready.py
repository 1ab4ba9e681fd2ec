"""The model that emotion-core carries: its name, and where it lies."""

from __future__ import annotations

import os
from pathlib import Path

from emotion_core.data.published.manifests import shared_data_dir
from emotion_core.errors import RunError

READY = "ready"
"""What the ready model is called wherever a run can be named."""


def ready_folder() -> Path:
    """The run folder of the ready model, which need not be there."""
    return shared_data_dir() / READY


def is_ready(run: Path) -> bool:
    """Whether a run folder is that of the ready model."""
    return run == ready_folder()


def run_folder(run: str | Path | None) -> Path:
    """The run folder that is named: by its path, or the ready model by its name; None stands for that model, too.

    Raises:
        RunError: emotion-core was built without the ready model, or a folder here has its name.
    """
    if run is not None and run != READY:  # a Path is never a name
        return Path(run)
    if run is not None and os.path.exists(READY):
        raise RunError(
            f"{READY}: is the name of the ready model, and of a folder or file here. Write ./{READY} for the folder, "
            "or leave the run out for the model."
        )
    if not ready_folder().is_dir():
        raise RunError(
            f"{READY}: this copy of emotion-core holds no ready model. Name the folder of a run, or make the model "
            "in a clone of the repository: python -m nox -s ready-model"
        )
    return ready_folder()
