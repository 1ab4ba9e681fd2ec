"""The Trainer's checkpoint of each epoch: when it counts, what is read of it, and which ones are kept.

A checkpoint counts from the moment its last file, `COMPLETE_FILE`, is there, and older ones go only then, so a kill at
any moment leaves one to go on from.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from emotion_core.errors import RunError, is_storage_fault, short_reason
from emotion_core.runs.folder import read_json
from emotion_core.runs.typed_json import from_json, to_json
from emotion_core.system.claim import write_aside
from emotion_core.system.hashes import differences, file_hash, file_names
from emotion_core.training.progress import Epoch

if TYPE_CHECKING:
    from transformers import TrainerState

COMPLETE_FILE = "complete.json"
THROW_AWAY = "Train again with --force, which throws it away."
OPTIMIZER_FILES = ("optimizer.pt", "scheduler.pt", "scaler.pt", "rng_state*.pth")
"""What the Trainer goes on with besides the weights; only the last checkpoint keeps it."""


@dataclass(frozen=True)
class SavedEpoch:
    """The content of `COMPLETE_FILE`.

    Attributes:
        best_step: the step of the checkpoint of the best epoch.
        stopped: whether the training had ended with this one, early or after all epochs.
        epochs: until then, as the display keeps them.
        files: the sha256 of each file, in hex, by its name; version 0.1 recorded none.
    """

    best_step: int
    stopped: bool
    epochs: list[Epoch]
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, checkpoint: Path) -> SavedEpoch:
        """What a complete checkpoint says of itself.

        Raises:
            RunError: the file is damaged.
        """
        return from_json(cls, read_json(checkpoint, COMPLETE_FILE), checkpoint / COMPLETE_FILE)


def mark_complete(folder: Path, state: TrainerState, epochs: Sequence[Epoch], *, stopped: bool) -> None:
    """Say that the checkpoint of a state is written to its end, which one is the best, and what the epochs brought."""
    checkpoint = checkpoint_folder(folder, state.global_step)
    files = {name: file_hash(checkpoint / name) for name in file_names(checkpoint)}
    saved = SavedEpoch(state.best_global_step or state.global_step, stopped, list(epochs), files)
    write_aside(checkpoint / COMPLETE_FILE, json.dumps(to_json(saved)) + "\n")


def check_saved(checkpoint: Path, *, weights_only: bool = False) -> None:
    """Raise a RunError unless the files of a checkpoint, or those of its weights only, are as they were written."""
    recorded = {
        name: sha256
        for name, sha256 in SavedEpoch.read(checkpoint).files.items()
        if not (weights_only and any(fnmatch(name, pattern) for pattern in OPTIMIZER_FILES))
    }
    if problems := differences(checkpoint, recorded, may_be_new=lambda name: True):
        raise RunError(f"{checkpoint}: is damaged ({'; '.join(problems)}). {THROW_AWAY}")


@contextmanager
def telling_damage(checkpoint: Path | None) -> Iterator[None]:
    """Raise a RunError when weights that are read within the block are damaged, as those of version 0.1 may be."""
    try:
        yield
    except SafetensorError as error:
        if checkpoint is None or is_storage_fault(error):  # the next checkpoint cannot be written
            raise
        raise RunError(f"{checkpoint}: is damaged ({short_reason(error)}). {THROW_AWAY}") from error


def prune(folder: Path, state: TrainerState) -> None:
    """Remove what a training needs no more: all but the last checkpoint, and the weights of the best."""
    last = checkpoint_folder(folder, state.global_step)
    best = checkpoint_folder(folder, state.best_global_step or state.global_step)
    for path in folder.glob("checkpoint-*"):
        if path not in (last, best):
            shutil.rmtree(path)
    if best != last:
        for pattern in OPTIMIZER_FILES:
            for file in best.glob(pattern):
                file.unlink()


def checkpoint_folder(folder: Path, step: int) -> Path:
    """Where the Trainer puts its checkpoint of ``step``."""
    return folder / f"checkpoint-{step}"
