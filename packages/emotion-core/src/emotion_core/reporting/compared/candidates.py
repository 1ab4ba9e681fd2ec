"""What is compared: single runs, and the runs of several seeds of one training, read from their folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Labels
from emotion_core.errors import RunError
from emotion_core.runs.folder import read_metrics, read_run
from emotion_core.runs.layouts import PREDICTIONS
from emotion_core.runs.metrics import DataRef, Metrics
from emotion_core.runs.predictions import read_predictions
from emotion_core.system.overwriting import RUN_FILE


@dataclass(frozen=True)
class MeasuredRun:
    """A run and what it measured; nobody knows the size of a model that only its predictions were imported of."""

    run: str
    path: str
    model: str
    package: str
    metrics: Metrics
    model_size_bytes: int | None
    parameters: int | None
    seed: int | list[int] | None = None


class Candidate(NamedTuple):
    """What is to be ranked.

    Attributes:
        name: that it is shown by.
        runs: one, or one for each seed of a training.
        labels: the true id of each text, shape (n,).
        predicted: the ids that each run predicted, shape (n_runs, n).
    """

    name: str
    runs: tuple[MeasuredRun, ...]
    labels: Labels
    predicted: NDArray[np.integer[Any]]

    @property
    def macro_f1(self) -> float:
        """The mean over the runs."""
        return float(np.mean([run.metrics.macro_f1.value for run in self.runs]))


def read_candidate(path: Path) -> Candidate:
    """What the comparison needs of a run.

    Raises:
        RunError: the folder is not a run with an evaluation.
    """
    record, metrics = read_run(path), read_metrics(path)
    for field in ("name", "model", "package"):
        if not getattr(record, field):
            raise RunError(_not_recorded(path, field))
    known = record.model_size_bytes is not None and record.parameters is not None
    if not known and record.format != PREDICTIONS.name:
        raise RunError(_not_recorded(path, "parameters" if record.parameters is None else "model_size_bytes"))
    measured = MeasuredRun(
        record.name,
        str(path),
        record.model,
        record.package,
        metrics,
        record.model_size_bytes,
        record.parameters,
        record.seed,
    )
    table = read_predictions(path)
    return Candidate(record.name, (measured,), table["label"].to_numpy(), table["predicted_label"].to_numpy()[None])


def _not_recorded(path: Path, field: str) -> str:
    return f"{path / RUN_FILE}: is not that of a complete run, {field!r} is not recorded. Train or evaluate it again."


def joined(name: str, candidates: Sequence[Candidate]) -> Candidate:
    """Single runs as one candidate, by their seeds, called by ``name`` with their number.

    Raises:
        RunError: they were measured on other texts than the first of them.
    """
    check_same_texts(candidates)
    ordered = sorted(candidates, key=lambda candidate: str(candidate.runs[0].seed).rjust(20))
    return Candidate(
        f"{name} ({len(ordered)} seeds)",
        tuple(candidate.runs[0] for candidate in ordered),
        ordered[0].labels,
        np.concatenate([candidate.predicted for candidate in ordered]),
    )


def check_same_texts(candidates: Sequence[Candidate]) -> None:
    """Raise a RunError unless all candidates, one or more, were measured on the same texts, among the same emotions."""
    first = candidates[0]
    for other in candidates[1:]:
        data, expected = other.runs[0].metrics.data, first.runs[0].metrics.data
        if data.only != expected.only:
            raise RunError(
                f"{other.runs[0].path} was decided among {_among(data)}, but {first.runs[0].path} among "
                f"{_among(expected)}. Evaluate both with the same --only, or both without."
            )
        if data.fingerprint != expected.fingerprint or not np.array_equal(other.labels, first.labels):
            raise RunError(
                f"{other.runs[0].path} was measured on {data.split} of {data.name} ({data.rows} texts), but "
                f"{first.runs[0].path} on {expected.split} of {expected.name} ({expected.rows} texts). "
                "Evaluate both on the same file: evaluate RUN --data FILE --output NEW_RUN."
            )


def _among(data: DataRef) -> str:
    return ", ".join(data.only) if data.only else "all six emotions"


def distinct_names(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, of which those of one name are called by the ends of their paths that tell them apart."""
    depth = 0
    names = [candidate.name for candidate in candidates]
    while len(set(names)) < len(names):
        depth += 1
        names = [
            _by_path(candidate, depth) if [other.name for other in candidates].count(candidate.name) > 1 else name
            for candidate, name in zip(candidates, names, strict=True)
        ]
    return [_called(candidate, name) for candidate, name in zip(candidates, names, strict=True)]


def _by_path(candidate: Candidate, depth: int) -> str:
    # Seeds are told apart by the folder that they lie in.
    path = Path(candidate.runs[0].path).resolve()
    several = len(candidate.runs) > 1
    end = "/".join((path.parent if several else path).parts[-depth:])
    return f"{end} ({len(candidate.runs)} seeds)" if several else end


def _called(candidate: Candidate, name: str) -> Candidate:
    runs = candidate.runs
    return candidate._replace(name=name, runs=(replace(runs[0], run=name),) if len(runs) == 1 else runs)
