"""Compare runs of either package side by side: ranked by macro-F1, each tested against the best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emotion_core.errors import RunError
from emotion_core.evaluation.bootstrap import compare_predictions
from emotion_core.runs.folder import METRICS_FILE, read_json, read_run
from emotion_core.runs.predictions import read_predictions
from emotion_core.runs.record import format_interval

SIGNIFICANCE_LEVEL = 0.05

DIFFERENCES = {
    "macro-F1 versus best": "macro_f1_difference",
    "accuracy versus best": "accuracy_difference",
}
"""The columns that compare with the best run, and what `compare_predictions` calls the difference in each."""


def compare_runs(run_dirs: Sequence[str | Path]) -> list[dict[str, Any]]:
    """Rank runs by macro-F1 and compare each with the best on the same texts.

    Returns:
        One entry a run, best first: ``rank``, ``run``, ``path``, ``model``, ``metrics``, ``model_size_bytes``,
        ``parameters``, and for all but the best ``versus_best``: what `bootstrap.compare_predictions` says of this run
        against the best, where the differences of macro-F1 and of accuracy each have, too, ``p_holm``, their p-value
        after Holm's correction for the number of runs compared, and ``significant``, whether that is below 0.05.

    Raises:
        RunError: a folder is not a run with an evaluation, is named twice, or was measured on other texts.
    """
    paths = [Path(run_dir) for run_dir in run_dirs]
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise RunError(f"{path}: is named twice. Name each run once.")
    return rank_entries([read_entry(path) for path in paths])


def rank_entries(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As `compare_runs`, for runs that `read_entry` has read, at least one.

    Raises:
        RunError: a run was measured on other texts.
    """
    entries = sorted(entries, key=lambda entry: -entry["metrics"]["macro_f1"]["value"])
    _check_same_texts(entries)
    best = entries[0]
    for rank, entry in enumerate(entries, start=1):
        entry["rank"] = rank
        if entry is not best:
            entry["versus_best"] = compare_predictions(best["labels"], best["predicted"], entry["predicted"])
    for name in DIFFERENCES.values():  # each quantity is a family of tests of its own
        differences = [entry["versus_best"][name] for entry in entries[1:]]
        corrected = _holm([difference["p"] for difference in differences])
        for difference, p_value in zip(differences, corrected, strict=True):
            difference |= {"p_holm": p_value, "significant": p_value < SIGNIFICANCE_LEVEL}
    for entry in entries:
        del entry["labels"], entry["predicted"]
    return entries


def read_entry(path: Path) -> dict[str, Any]:
    """What the comparison needs of a run: the entry of `compare_runs` without rank, with ``labels`` and ``predicted``.

    Raises:
        RunError: the folder is not a run with an evaluation.
    """
    record, metrics = read_run(path), read_json(path, METRICS_FILE)
    missing = [key for key in ("macro_f1", "accuracy", "data") if key not in metrics]
    missing += [key for key in ("name", "model", "package", "model_size_bytes", "parameters") if key not in record]
    if missing:
        raise RunError(f"{path}: is not a complete run, {missing[0]!r} is not recorded. Train or evaluate it again.")
    table = read_predictions(path)
    return {
        "run": record["name"],
        "path": str(path),
        "model": record["model"],
        "package": record["package"],
        "metrics": metrics,
        "model_size_bytes": record["model_size_bytes"],
        "parameters": record["parameters"],
        "labels": table["label"].to_numpy(),
        "predicted": table["predicted_label"].to_numpy(),
    }


def _check_same_texts(entries: list[dict[str, Any]]) -> None:
    first = entries[0]
    for entry in entries[1:]:
        data, expected = entry["metrics"]["data"], first["metrics"]["data"]
        if data["fingerprint"] != expected["fingerprint"] or not np.array_equal(entry["labels"], first["labels"]):
            raise RunError(
                f"{entry['path']} was measured on {data['split']} of {data['name']} ({data['rows']} texts), but "
                f"{first['path']} on {expected['split']} of {expected['name']} ({expected['rows']} texts). "
                "Evaluate both on the same file: evaluate RUN --data FILE --output NEW_RUN."
            )


def _holm(p_values: list[float]) -> list[float]:
    from statsmodels.stats.multitest import multipletests

    return multipletests(p_values, method="holm")[1].tolist() if p_values else []


COLUMNS = (
    "rank", "run", "model", "macro-F1", "accuracy", "size", "parameters", "p50 / p95 ms", "texts/s", *DIFFERENCES
)  # fmt: skip


def table_rows(entries: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The cells of `COLUMNS` for each compared run, as text."""
    return [
        (
            str(entry["rank"]),
            entry["run"],
            entry["model"],
            format_interval(entry["metrics"]["macro_f1"]),
            format_interval(entry["metrics"]["accuracy"]),
            f"{entry['model_size_bytes'] / 1e6:.1f} MB",
            f"{entry['parameters'] / 1e6:.2f} M",
            *_speed_cells(entry["metrics"].get("speed")),
            *(_difference_cell(entry, name) for name in DIFFERENCES.values()),
        )
        for entry in entries
    ]


def sort_values(entry: dict[str, Any]) -> tuple[str | float | None, ...]:
    """What each cell of a row of `table_rows` is sorted by; None was not measured."""
    metrics = entry["metrics"]
    speed = metrics.get("speed")
    return (
        entry["rank"],
        entry["run"],
        entry["model"],
        metrics["macro_f1"]["value"],
        metrics["accuracy"]["value"],
        entry["model_size_bytes"],
        entry["parameters"],
        speed and speed["latency_ms"]["p50"],
        speed and speed["texts_per_second"]["value"],
        *(entry["versus_best"][name]["value"] if "versus_best" in entry else 0.0 for name in DIFFERENCES.values()),
    )


def _speed_cells(speed: dict[str, Any] | None) -> tuple[str, str]:
    if speed is None:
        return "not measured", "not measured"
    latency = speed["latency_ms"]
    return f"{latency['p50']:.1f} / {latency['p95']:.1f}", f"{speed['texts_per_second']['value']:.0f}"


def _difference_cell(entry: dict[str, Any], name: str) -> str:
    if "versus_best" not in entry:
        return "best"
    difference = entry["versus_best"][name]
    verdict = "significant" if difference["significant"] else "not significant"
    return f"{format_interval(difference)}, p = {difference['p_holm']:.3g} ({verdict})"
