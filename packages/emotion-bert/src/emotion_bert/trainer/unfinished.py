"""What an interrupted fine-tuning leaves beside its run folder, so that it can go on.

A hidden folder holds the Trainer's checkpoint of each epoch. A checkpoint counts from the moment its last file is
there, and older ones go only then, so a kill at any moment leaves one to go on from.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from emotion_core.errors import RunError, is_storage_fault, short_reason
from emotion_core.runs.definition import Definition, differing, require_same
from emotion_core.runs.folder import read_json, write_aside
from emotion_core.training.progress import Epoch

if TYPE_CHECKING:
    from transformers import TrainerState

DEFINITION_FILE, COMPLETE_FILE = "definition.json", "complete.json"
OPTIMIZER_FILES = ("optimizer.pt", "scheduler.pt", "scaler.pt", "rng_state*.pth")


class UnfinishedTraining:
    """The hidden folder beside the run folder ``output``.

    Args:
        output: the run folder that the training will make.

    Attributes:
        folder: where the checkpoints are.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        # absolute, because the Trainer notes in its checkpoints where the best one is
        self.folder = (output.parent / f".{output.name}.unfinished").absolute()

    def begin(self, definition: Definition, *, resume: bool, force: bool) -> None:
        """Make the folder, or take up what was interrupted.

        Args:
            definition: what decides the result; a training goes on only with the same.
            resume: go on where there is something to go on with.
            force: throw away what was interrupted; with ``resume``, only where it is another training.

        Raises:
            RunError: something was interrupted and neither is asked for, or it is another training.
        """
        if force and not resume:
            shutil.rmtree(self.folder, ignore_errors=True)
        path = self.folder / DEFINITION_FILE
        if path.exists():
            if not resume and self.last_checkpoint() is not None:
                raise RunError(
                    f"{self._output}: a training was interrupted after epoch {len(self.history())} and is kept in the "
                    f"hidden folder {self.folder.name}. Go on with --resume, or throw it away with --force."
                )
            recorded = read_json(self.folder, DEFINITION_FILE)
            if self.last_checkpoint() is not None and not (force and differing(recorded, definition)):
                require_same(
                    f"{self._output}: the interrupted training is another one",
                    recorded,
                    definition,
                    "Give the options that it was started with, or throw it away with --force.",
                )
                return
            shutil.rmtree(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_aside(path, json.dumps(definition, indent=2) + "\n")
        except OSError as error:
            raise RunError(
                f"{self._output}: the folder cannot be written ({error}). Choose another --output."
            ) from error

    def last_checkpoint(self) -> Path | None:
        """The newest checkpoint that was written to its end."""
        complete = [path.parent for path in self.folder.glob(f"checkpoint-*/{COMPLETE_FILE}")]
        return max(complete, key=_step, default=None)

    def best_checkpoint(self) -> Path:
        """The checkpoint of the best epoch.

        Raises:
            RunError: it is not there.
        """
        last = self.last_checkpoint()
        best = None if last is None else checkpoint_folder(self.folder, read_json(last, COMPLETE_FILE)["best_step"])
        if best is None or not best.is_dir():
            raise RunError(f"{self.folder}: the checkpoint of the best epoch is missing. Train again with --force.")
        return best

    def stopped(self) -> bool:
        """Whether the training had ended with its last checkpoint, early or after all epochs."""
        last = self.last_checkpoint()
        return last is not None and bool(read_json(last, COMPLETE_FILE)["stopped"])

    def history(self) -> list[Epoch]:
        """The epochs until the last checkpoint, as the display keeps them."""
        last = self.last_checkpoint()
        return [] if last is None else read_json(last, COMPLETE_FILE)["epochs"]

    def remove(self) -> None:
        """Throw the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def telling_damage(checkpoint: Path | None) -> Iterator[None]:
    """Raise a RunError when the weights of a checkpoint that is read within the block are damaged."""
    try:
        yield
    except SafetensorError as error:
        if checkpoint is None or is_storage_fault(error):  # the next checkpoint cannot be written
            raise
        raise RunError(
            f"{checkpoint}: is damaged ({short_reason(error)}). Train again with --force, which throws it away."
        ) from error


def mark_complete(folder: Path, state: TrainerState, epochs: Sequence[Epoch], *, stopped: bool) -> None:
    """Say that the checkpoint of a state is written to its end, which one is the best, and what the epochs brought."""
    told = {"best_step": state.best_global_step or state.global_step, "stopped": stopped, "epochs": epochs}
    write_aside(checkpoint_folder(folder, state.global_step) / COMPLETE_FILE, json.dumps(told) + "\n")


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


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])
