"""What is in a run folder: the names of its files, and how they are read and verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emotion_core.data.cleaning import CLEANERS
from emotion_core.errors import RunError
from emotion_core.runs.layouts import PREDICTIONS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.runs.typed_json import from_json
from emotion_core.system.hashes import differences
from emotion_core.system.overwriting import MODEL_DIR as MODEL_DIR
from emotion_core.system.overwriting import RUN_FILE as RUN_FILE

METRICS_FILE = "metrics.json"
HISTORY_FILE = "history.csv"
PREDICTIONS_FILE = "predictions.csv"
FIGURES_DIR = "figures"
CARD_FILE = "README.md"
GATE_FILE = "neutral.npz"
"""Holds the neutral gate, in a run that has one."""


def read_run(run_dir: str | Path) -> RunRecord:
    """The record (``run.json``) of a run folder.

    Raises:
        RunError: no such folder, not a run, written by a newer version, or a field is not as it must be.
    """
    run_dir = Path(run_dir)
    if not run_dir.is_dir():
        raise RunError(f"{run_dir}: no such run folder. Check the path; relative paths start at {Path.cwd()}.")
    return RunRecord.from_json(read_json(run_dir, RUN_FILE), run_dir / RUN_FILE)


def read_metrics(run_dir: str | Path) -> Metrics:
    """What a run measured (``metrics.json``).

    Raises:
        RunError: the file is missing, or a figure is not as it must be.
    """
    return from_json(Metrics, read_json(run_dir, METRICS_FILE), Path(run_dir) / METRICS_FILE)


def read_model_run(run_dir: str | Path, package: str | None) -> RunRecord:
    """The record of a run folder that holds a model of ``package``, or of any package.

    Raises:
        RunError: as `read_run`, or the run has no model, or one of the other package, or was altered.
    """
    record = read_run(run_dir)
    if record.format == PREDICTIONS.name:
        raise RunError(
            f"{run_dir}: holds predictions of {record.model!r}, another program, and no model. It can be compared and "
            "reported; import its predictions of other texts to measure it there."
        )
    if package is not None and record.package != package:
        other = record.package or "an unknown package"
        raise RunError(f"{run_dir}: is a run of {other}, not of {package}. Use the same command of {other}.")
    if not (Path(run_dir) / MODEL_DIR).is_dir():
        source = record.evaluated_run or "the training run"
        raise RunError(f"{run_dir}: holds an evaluation and no model. Name the run that was evaluated: {source}.")
    if record.text_cleaning not in CLEANERS or record.hyperparameters is None:
        raise RunError(
            f"{Path(run_dir) / RUN_FILE}: says not how the texts are cleaned, or not how the model was trained. "
            "The run was altered; copy it again, or train again."
        )
    return record


def read_json(run_dir: str | Path, name: str) -> dict[str, Any]:
    """One JSON file of a run folder.

    Raises:
        RunError: the file is missing or is not a JSON object.
    """
    path = Path(run_dir) / name
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{run_dir}: is not a complete run, {name} is missing ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:  # brackets in brackets without end
        raise RunError(f"{path}: is not valid JSON ({error}). The run is damaged; train or evaluate again.") from error
    if not isinstance(value, dict):
        raise RunError(f"{path}: found a JSON {type(value).__name__}, expected an object.")
    return value


def verify_run(run_dir: str | Path) -> list[str]:
    """What differs between the files of a run and the hashes in its ``run.json``: one line each, none if all is well.

    Hidden files and those of file managers are passed over, unless they have a hash.

    Raises:
        RunError: as `read_run`, or the record has no hashes.
    """
    return differences(Path(run_dir), recorded_hashes(run_dir, read_run(run_dir)), lambda name: name == RUN_FILE)


def check_model(run_dir: str | Path, record: RunRecord) -> None:
    """Compare the model of a run and its neutral gate with the hashes in its record, before any of it is loaded.

    What `verify_run` passes over is passed over here, too.

    Raises:
        RunError: a file of the model is missing, was altered, is new, or lies outside the run.
    """

    def is_loaded(name: str) -> bool:
        return name.startswith(f"{MODEL_DIR}/") or name == GATE_FILE

    recorded = {name: value for name, value in recorded_hashes(run_dir, record).items() if is_loaded(name)}
    if problems := differences(Path(run_dir), recorded, lambda name: not is_loaded(name)):
        raise RunError(f"{run_dir}: {'; '.join(problems)}. Copy the run again from where it was whole, or train again.")


def recorded_hashes(run_dir: str | Path, record: RunRecord) -> Mapping[str, str]:
    """The hashes in a run's record; raises a RunError when there are none."""
    if record.files is None:
        file = Path(run_dir) / RUN_FILE
        raise RunError(f"{file}: has no hashes of the files. The run was altered; copy it again, or train again.")
    return record.files


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, 0 when there is none."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
