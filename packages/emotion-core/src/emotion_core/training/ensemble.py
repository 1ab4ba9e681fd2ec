"""Write the runs of several seeds as one run: an ensemble."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from emotion_core.classifier import Classifier
from emotion_core.data.dataset import Dataset
from emotion_core.inference.ensemble import Ensemble
from emotion_core.runs.definition import Definition, data_definition
from emotion_core.runs.folder import read_run
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.runs.writer import RunWriter
from emotion_core.system.hashes import file_hash
from emotion_core.system.overwriting import MODEL_DIR, RUN_FILE
from emotion_core.training.options import RunOptions

ENSEMBLE = "ensemble"
"""The name of an ensemble's run, and what stands behind the model's name in it."""


def ensemble_definition(runs: Sequence[Path], dataset: Dataset, *, calibrate: bool) -> Definition:
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
    load_member: Callable[[Path, RunRecord], Classifier],
    options: RunOptions,
) -> Metrics:
    """Write the ensemble of some runs as a run folder that holds copies of their models.

    Args:
        output: the run folder to make.
        runs: of one package and one text cleaning.
        dataset: with the validation split that the ensemble is measured on.
        load_member: loads a model folder, told the record of its run, without a temperature.
        options: whether to replace the run folder, to fit a temperature on validation, and to be quiet.

    Returns:
        The metrics on validation.

    Raises:
        RunError: the output is in the way or cannot be written, or a run is missing.
    """
    from emotion_core.training.finish import finish_training_run

    records = [read_run(run) for run in runs]
    first = records[0]
    with RunWriter(output, "train", force=options.force, inputs=runs) as writer:
        members = []
        for run, record in zip(runs, records, strict=True):
            folder = writer.model_dir / run.name
            # The files of a run are never changed, so the copy can share the disk's blocks with them.
            shutil.copytree(run / MODEL_DIR, folder, copy_function=_link_or_copy)
            members.append(load_member(folder, record))
        writer.record = replace(
            writer.record,
            package=first.package,
            model=f"{first.model}-{ENSEMBLE}",
            members=[run.name for run in runs],
            format=first.format,
            definition=ensemble_definition(runs, dataset, calibrate=options.calibrate),
            seed=[record.seed for record in records if isinstance(record.seed, int)],
            hyperparameters=first.hyperparameters,
            text_cleaning=first.text_cleaning,
            parameters=sum(record.parameters or 0 for record in records),
        )
        return finish_training_run(writer, Ensemble(members), dataset, [], options)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)  # of a run in a cache of the hub, what its link leads to
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
