"""Several trained classifiers as one: the mean of their probabilities (Lakshminarayanan et al. 2017)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier
from emotion_core.data.dataset import Dataset
from emotion_core.evaluation.calibration import apply_temperature
from emotion_core.runs.definition import data_definition
from emotion_core.runs.folder import MODEL_DIR, RUN_FILE, RunWriter, read_run
from emotion_core.system.hashes import file_hash

ENSEMBLE = "ensemble"
"""The name of an ensemble's run, and what stands behind the model's name in it."""


class Ensemble:
    """The mean of the probabilities of several classifiers.

    Args:
        members: the classifiers, at least one, without temperatures of their own.
        temperature: of the mean.
    """

    def __init__(self, members: Sequence[Classifier], temperature: float = 1.0) -> None:
        self._members, self.temperature = members, temperature

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions, shape (n_texts, 6), rows summing to 1."""
        *others, last = self._members
        total = sum(member.predict_proba(texts) for member in others) + last.predict_proba(texts, progress=progress)
        return apply_temperature((total / len(self._members)).astype(np.float32), self.temperature)


def ensemble_definition(runs: Sequence[Path], dataset: Dataset, *, calibrate: bool) -> dict[str, Any]:
    """What decides an ensemble of some runs: their records, which hold the hashes of their models, and validation."""
    return {
        "members": {run.name: file_hash(run / RUN_FILE) for run in runs},
        "data": data_definition(dataset, "validation"),
        "calibrated": calibrate,
    }


def write_ensemble(
    output: Path,
    runs: Sequence[Path],
    dataset: Dataset,
    load_member: Callable[[Path, dict[str, Any]], Classifier],
    *,
    force: bool = False,
    calibrate: bool = True,
) -> dict[str, Any]:
    """Write the ensemble of some runs as a run folder that holds copies of their models.

    Args:
        output: the run folder to make.
        runs: of one package and one text cleaning.
        dataset: with the validation split that the ensemble is measured on.
        load_member: loads a model folder, told the record of its run, without a temperature.
        force: replace the run folder.
        calibrate: fit a temperature on validation.

    Returns:
        The metrics on validation.

    Raises:
        RunError: the output is in the way or cannot be written, or a run is missing.
    """
    from emotion_core.evaluation.evaluate import (
        finish_training_run,  # draws figures, which a loaded ensemble does without
    )

    records = [read_run(run) for run in runs]
    first = records[0]
    with RunWriter(output, "train", force=force, inputs=runs) as writer:
        members = []
        for run, record in zip(runs, records, strict=True):
            folder = writer.model_dir / run.name
            # The files of a run are never changed, so the copy can share the disk's blocks with them.
            shutil.copytree(run / MODEL_DIR, folder, copy_function=_link_or_copy)
            members.append(load_member(folder, record))
        writer.record |= {
            "package": first["package"],
            "model": f"{first['model']}-{ENSEMBLE}",
            "members": [run.name for run in runs],
            "definition": ensemble_definition(runs, dataset, calibrate=calibrate),
            "seed": [record["seed"] for record in records],
            "hyperparameters": first["hyperparameters"],
            "text_cleaning": first["text_cleaning"],
            "parameters": sum(record["parameters"] for record in records),
        }
        return finish_training_run(writer, Ensemble(members), dataset, [], calibrate=calibrate)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
