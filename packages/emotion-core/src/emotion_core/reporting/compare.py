"""Compare runs of either package side by side: ranked by macro-F1, each tested against the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emotion_core.classifier import Labels
from emotion_core.errors import RunError
from emotion_core.evaluation.versus.paired_tests import corrected, versus
from emotion_core.runs.folder import read_metrics, read_run
from emotion_core.runs.metrics import Difference, Metrics, Speed, Versus
from emotion_core.runs.predictions import read_predictions
from emotion_core.runs.typed_json import to_json
from emotion_core.system.overwriting import RUN_FILE

DIFFERENCES = ("macro-F1 versus best", "accuracy versus best")
"""The columns that compare with the best run."""


@dataclass(frozen=True)
class MeasuredRun:
    """A run and what it measured."""

    run: str
    path: str
    model: str
    package: str
    metrics: Metrics
    model_size_bytes: int
    parameters: int


class Candidate(NamedTuple):
    """A run that is to be ranked, with the true and the predicted id of each text, shape (n,) each."""

    measured: MeasuredRun
    labels: Labels
    predicted: Labels


@dataclass(frozen=True)
class Entry(MeasuredRun):
    """A ranked run; ``versus_best`` is this run against the best, None for the best itself."""

    rank: int
    versus_best: Versus | None = None


def compare_runs(run_dirs: Sequence[str | Path]) -> list[dict[str, Any]]:
    """Rank runs by macro-F1 and compare each with the best on the same texts.

    Returns:
        One entry a run, best first: ``rank``, ``run``, ``path``, ``model``, ``metrics``, ``model_size_bytes``,
        ``parameters``, and for all but the best ``versus_best``: what `compare_predictions` says of this run against
        the best, where the differences of macro-F1 and of accuracy each have, too, ``p_holm``, their p-value after
        Holm's correction for the number of runs compared, and ``significant``, whether that is below 0.05.

    Raises:
        RunError: a folder is not a run with an evaluation, is named twice, or was measured on other texts.
    """
    return [to_json(entry) for entry in ranked_runs(run_dirs)]


def ranked_runs(run_dirs: Sequence[str | Path]) -> list[Entry]:
    """As `compare_runs`, as records."""
    paths = [Path(run_dir) for run_dir in run_dirs]
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise RunError(f"{path}: is named twice. Name each run once.")
    return rank([read_candidate(path) for path in paths])


def rank(candidates: Sequence[Candidate]) -> list[Entry]:
    """As `ranked_runs`, for runs that `read_candidate` has read, at least one.

    Raises:
        RunError: a run was measured on other texts.
    """
    best, *others = sorted(candidates, key=lambda candidate: -candidate.measured.metrics.macro_f1.value)
    _check_same_texts([best, *others])
    compared = corrected([versus(best.labels, best.predicted, other.predicted) for other in others])
    return [
        Entry(**vars(best.measured), rank=1),
        *(
            Entry(**vars(other.measured), rank=number, versus_best=against)
            for number, (other, against) in enumerate(zip(others, compared, strict=True), start=2)
        ),
    ]


def read_candidate(path: Path) -> Candidate:
    """What the comparison needs of a run.

    Raises:
        RunError: the folder is not a run with an evaluation.
    """
    record, metrics = read_run(path), read_metrics(path)
    for field in ("name", "model", "package"):
        if not getattr(record, field):
            raise RunError(_not_recorded(path, field))
    if record.model_size_bytes is None or record.parameters is None:
        raise RunError(_not_recorded(path, "parameters" if record.parameters is None else "model_size_bytes"))
    measured = MeasuredRun(
        record.name,
        str(path),
        record.model,
        record.package,
        metrics,
        record.model_size_bytes,
        record.parameters,
    )
    table = read_predictions(path)
    return Candidate(measured, table["label"].to_numpy(), table["predicted_label"].to_numpy())


def _not_recorded(path: Path, field: str) -> str:
    return f"{path / RUN_FILE}: is not that of a complete run, {field!r} is not recorded. Train or evaluate it again."


def _check_same_texts(candidates: Sequence[Candidate]) -> None:
    first = candidates[0]
    for other in candidates[1:]:
        data, expected = other.measured.metrics.data, first.measured.metrics.data
        if data.fingerprint != expected.fingerprint or not np.array_equal(other.labels, first.labels):
            raise RunError(
                f"{other.measured.path} was measured on {data.split} of {data.name} ({data.rows} texts), but "
                f"{first.measured.path} on {expected.split} of {expected.name} ({expected.rows} texts). "
                "Evaluate both on the same file: evaluate RUN --data FILE --output NEW_RUN."
            )


COLUMNS = (
    "rank", "run", "model", "macro-F1", "accuracy", "size", "parameters", "p50 / p95 ms", "texts/s", *DIFFERENCES
)  # fmt: skip


def table_rows(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """The cells of `COLUMNS` for each compared run, as text."""
    return [
        (
            str(entry.rank),
            entry.run,
            entry.model,
            str(entry.metrics.macro_f1),
            str(entry.metrics.accuracy),
            f"{entry.model_size_bytes / 1e6:.1f} MB",
            f"{entry.parameters / 1e6:.2f} M",
            *speed_cells(entry.metrics.speed),
            *(_difference_cell(difference) for difference in _differences(entry)),
        )
        for entry in entries
    ]


def sort_values(entry: Entry) -> tuple[str | float | None, ...]:
    """What each cell of a row of `table_rows` is sorted by; None was not measured."""
    speed = entry.metrics.speed
    return (
        entry.rank,
        entry.run,
        entry.model,
        entry.metrics.macro_f1.value,
        entry.metrics.accuracy.value,
        entry.model_size_bytes,
        entry.parameters,
        None if speed is None else speed.latency_ms.p50,
        None if speed is None else speed.texts_per_second.value,
        *(0.0 if difference is None else difference.value for difference in _differences(entry)),
    )


def _differences(entry: Entry) -> tuple[Difference | None, Difference | None]:
    """In the order of `DIFFERENCES`; None for the best run."""
    against = entry.versus_best
    return (against.macro_f1_difference, against.accuracy_difference) if against else (None, None)


def speed_cells(speed: Speed | None) -> tuple[str, str]:
    """Median and 95th percentile of the latency, and texts a second."""
    if speed is None:
        return "not measured", "not measured"
    latency = speed.latency_ms
    return f"{latency.p50:.1f} / {latency.p95:.1f}", f"{speed.texts_per_second.value:.0f}"


def _difference_cell(difference: Difference | None) -> str:
    if difference is None:
        return "best"
    verdict = "significant" if difference.significant else "not significant"
    return f"{difference}, p = {difference.p_holm:.3g} ({verdict})"
