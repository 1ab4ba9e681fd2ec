"""The table of a comparison: its columns, their cells, and what they are sorted by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from emotion_core.reporting.compare import Entry
from emotion_core.runs.metrics import Difference, OtherPrograms, Speed

DIFFERENCES = ("macro-F1 versus best", "accuracy versus best")
"""The columns that compare with the best run."""

UNKNOWN = "unknown"

DISTURBED = "*"
"""The sign after figures of speed that were measured on a busy machine."""

SEEDS = (
    "Of several seeds the mean ± standard deviation; their differences take the variance of the texts and of the seeds."
)
SINGLE = "A single run is compared as it is: other seeds of it would score higher or lower."

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
            *_score_cells(entry),
            UNKNOWN if entry.model_size_bytes is None else f"{entry.model_size_bytes / 1e6:.1f} MB",
            UNKNOWN if entry.parameters is None else f"{entry.parameters / 1e6:.2f} M",
            *speed_cells(mean_speed(entry)),
            *(_difference_cell(difference) for difference in _differences(entry)),
        )
        for entry in entries
    ]


def sort_values(entry: Entry) -> tuple[str | float | None, ...]:
    """What each cell of a row of `table_rows` is sorted by; None was not measured."""
    speed, scores = mean_speed(entry), entry.seeds
    return (
        entry.rank,
        entry.run,
        entry.model,
        entry.metrics.macro_f1.value if scores is None else scores.macro_f1.mean,
        entry.metrics.accuracy.value if scores is None else scores.accuracy.mean,
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


def _score_cells(entry: Entry) -> tuple[str, str]:
    """Macro-F1 and accuracy: of a run with its interval, of several seeds mean and standard deviation."""
    if entry.seeds is None:
        return str(entry.metrics.macro_f1), str(entry.metrics.accuracy)
    return str(entry.seeds.macro_f1), str(entry.seeds.accuracy)


def mean_speed(entry: Entry) -> Speed | None:
    """The mean over the seeds whose speed was measured, None if it was of none, and what disturbed one of them most."""
    speeds = [run.metrics.speed for run in entry.runs if run.metrics.speed is not None]
    if not speeds:
        return None
    first = speeds[0]
    p50, p95 = (fmean(getattr(speed.latency_ms, name) for speed in speeds) for name in ("p50", "p95"))
    rate = fmean(speed.texts_per_second.value for speed in speeds)
    return replace(
        first,
        latency_ms=replace(first.latency_ms, p50=p50, p95=p95),
        texts_per_second=replace(first.texts_per_second, value=rate),
        other_programs=_most(speeds),
    )


def mean_confusion(entry: Entry) -> list[list[float]]:
    """The confusion matrix of a run, or the mean of those of several seeds; rows true, columns predicted, 6 x 6."""
    mean: list[list[float]] = np.mean([run.metrics.confusion_matrix for run in entry.runs], axis=0).tolist()
    return mean


def speed_cells(speed: Speed | None) -> tuple[str, str]:
    """Median and 95th percentile of the latency, and texts a second; with `DISTURBED` where they are too slow."""
    if speed is None:
        return "not measured", "not measured"
    latency, sign = speed.latency_ms, f" {DISTURBED}" if speed.disturbed else ""
    return f"{latency.p50:.1f} / {latency.p95:.1f}{sign}", f"{speed.texts_per_second.value:.0f}{sign}"


def speed_remarks(speeds: Iterable[Speed | None]) -> list[str]:
    """The sentence that explains `DISTURBED`, where a cell has it."""
    most = _most(disturbed := [speed for speed in speeds if speed is not None and speed.disturbed])
    if most is None:
        return []
    used = f"{'up to ' if len(disturbed) > 1 else ''}{most}"
    return [f"{DISTURBED} Measured while other programs used {used}; on an idle machine it is faster."]


def _most(speeds: Sequence[Speed]) -> OtherPrograms | None:
    """The largest share that other programs used, as far as is known."""
    known = [speed.other_programs for speed in speeds if speed.other_programs is not None]
    return max(known, key=lambda programs: programs.share, default=None)


def _difference_cell(difference: Difference | None) -> str:
    if difference is None:
        return "best"
    verdict = "significant" if difference.significant else "not significant"
    return f"{difference}, p = {difference.p_holm:.3g} ({verdict})"


def remarks(entries: Sequence[Entry]) -> list[str]:
    """What a reader of the table has to know of its rows, a sentence each."""
    lines = [
        f"{entry.run} was trained on {entry.trained_on} of these texts, so that its figures are too good."
        for entry in entries
        if entry.trained_on
    ]
    if any(entry.seeds for entry in entries):
        lines.append(SEEDS)
    if len({entry.seeds is None for entry in entries}) == 2:
        lines.append(SINGLE)
    return lines + speed_remarks(map(mean_speed, entries))
