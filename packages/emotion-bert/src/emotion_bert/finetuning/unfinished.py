"""What an interrupted fine-tuning leaves beside its run folder, so that it can go on.

A hidden folder holds the Trainer's checkpoints of the last and of the best epoch (`trainer.saved_epochs`).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from emotion_bert.trainer.saved_epochs import COMPLETE_FILE, SavedEpoch, check_saved, checkpoint_folder
from emotion_core.errors import RunError
from emotion_core.runs.definition import Definition, differing, require_same
from emotion_core.runs.folder import read_json
from emotion_core.runs.record_parts import Settings
from emotion_core.system.claim import write_aside
from emotion_core.system.places import real_path
from emotion_core.training.progress import Epoch

DEFINITION_FILE, START_FILE = "definition.json", "start.json"


class UnfinishedTraining:
    """The hidden folder beside the run folder ``output``.

    Args:
        output: the run folder that the training will make.

    Attributes:
        folder: where the checkpoints are.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        place = real_path(output)  # absolute, because the Trainer notes in its checkpoints where the best one is
        self.folder = place.parent / f".{place.name}.unfinished"

    def begin(self, definition: Definition, *, resume: bool, force: bool) -> None:
        """Make the folder, or take up what was interrupted.

        Args:
            definition: what decides the result; a training goes on only with the same.
            resume: go on where there is something to go on with.
            force: throw away what was interrupted; with ``resume``, only where it is another training.

        Raises:
            RunError: something was interrupted and neither is asked for, it is another training, or it is damaged.
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
                self._check()
                return
            shutil.rmtree(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_aside(path, json.dumps(definition, indent=2) + "\n")
        except OSError as error:
            raise RunError(
                f"{self._output}: the folder cannot be written ({error}). Choose another --output."
            ) from error

    def note_start(self, start: Settings) -> None:
        """Keep what the checkpoint that is fine-tuned was like, for the record of the run."""
        write_aside(self.folder / START_FILE, json.dumps(start) + "\n")

    def start(self) -> Settings:
        """What was noted; nothing where an older version began the training."""
        return read_json(self.folder, START_FILE) if (self.folder / START_FILE).exists() else {}

    def last_checkpoint(self) -> Path | None:
        """The newest checkpoint that was written to its end."""
        complete = [path.parent for path in self.folder.glob(f"checkpoint-*/{COMPLETE_FILE}")]
        return max(complete, key=_step, default=None)

    def best_checkpoint(self) -> Path:
        """The checkpoint of the best epoch.

        Raises:
            RunError: it is not there.
        """
        last = self._last()
        best = None if last is None else checkpoint_folder(self.folder, last.best_step)
        if best is None or not best.is_dir():
            raise RunError(f"{self.folder}: the checkpoint of the best epoch is missing. Train again with --force.")
        return best

    def stopped(self) -> bool:
        """Whether the training had ended with its last checkpoint, early or after all epochs."""
        last = self._last()
        return last is not None and last.stopped

    def history(self) -> list[Epoch]:
        """The epochs until the last checkpoint, as the display keeps them."""
        last = self._last()
        return [] if last is None else last.epochs

    def _last(self) -> SavedEpoch | None:
        last = self.last_checkpoint()
        return None if last is None else SavedEpoch.read(last)

    def _check(self) -> None:
        """Raise a RunError where something that the training goes on with is missing or was altered."""
        last, best = self.last_checkpoint(), self.best_checkpoint()
        if last is not None:
            check_saved(last)
        if best != last:
            check_saved(best, weights_only=True)

    def remove(self) -> None:
        """Throw the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kept_epochs(output: Path) -> str | None:
    """What an interruption has left of a training into a run folder, in words; None for nothing."""
    epochs = len(UnfinishedTraining(output).history())
    return f"{output} until epoch {epochs}" if epochs else None


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])
