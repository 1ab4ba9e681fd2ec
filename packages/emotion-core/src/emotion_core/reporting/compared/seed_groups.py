"""Which runs differ in nothing but the seed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from emotion_core.errors import RunError
from emotion_core.runs.folder import read_run
from emotion_core.runs.record import RunRecord

SETTINGS = (
    "kind", "package", "model", "checkpoint", "hyperparameters", "text_cleaning", "glove", "class_weights", "precision",
    "processes", "format",
)  # fmt: skip
"""What must be the same in the records of two runs that differ in the seed alone, beside data and compression."""


class Kept(Protocol):
    """A run of which the record was read."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def record(self) -> RunRecord:
        """Its ``run.json``."""


AnyRun = TypeVar("AnyRun", bound=Kept)


def by_seeds(runs: Sequence[AnyRun], all_runs: Sequence[Kept] = ()) -> list[list[AnyRun]]:
    """The runs that differ in nothing but the seed, one a seed; all others alone.

    A run is alone if nothing is known of its training, and so is one whose seed another run of its group has already.

    Args:
        runs: to group.
        all_runs: among which the run is looked for that an evaluation was made of, before it is on the disk.
    """
    known = {run.path.resolve(): run.record for run in all_runs}
    groups: dict[str, list[AnyRun]] = {}
    for run in runs:
        trained = trained_record(run.record, known)
        alone = not isinstance(run.record.seed, int) or trained.hyperparameters is None
        key = "" if alone else _settings(run.record, trained)
        if alone or any(other.record.seed == run.record.seed for other in groups.get(key, ())):
            key = f"alone {run.path.resolve()}"
        groups.setdefault(key, []).append(run)
    return list(groups.values())


def trained_record(record: RunRecord, known: dict[Path, RunRecord]) -> RunRecord:
    """The record of the training that a run is the evaluation of, or its own.

    Args:
        record: of the run.
        known: records that were read already, by their resolved paths.
    """
    if record.evaluated_run is None:
        return record
    path = Path(record.evaluated_run).resolve()
    try:
        return known[path] if path in known else read_run(path)
    except RunError:  # it was moved; then nothing is known of it
        return record


def _settings(record: RunRecord, trained: RunRecord) -> str:
    options = trained.decided_by().get("options", {})
    written = trained.to_json()
    described = {name: written.get(name) for name in SETTINGS} | {
        "measured": record.kind,
        "texts": record.data.fingerprint if record.data else None,
        "only": record.data.only if record.data else None,
        "train": trained.data.fingerprints.get("train") if trained.data else None,
        "technique": trained.compression.technique if trained.compression else None,
        "options": {name: value for name, value in options.items() if name != "seed"},
    }
    return json.dumps(described, sort_keys=True)


def group_name(group: Sequence[Kept]) -> str:
    """What runs of several seeds are called: the folder that they have in common, or the model; one run by its name."""
    if len(group) == 1:
        return group[0].name
    return os.path.commonpath([run.name for run in group]) or group[0].record.model
