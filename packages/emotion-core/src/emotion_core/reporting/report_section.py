"""The part of a report on the runs that were measured on the same texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotion_core.evaluation import figures
from emotion_core.reporting import report_figures
from emotion_core.reporting.compare import rank_entries, table_rows
from emotion_core.reporting.report_figures import ORIGINAL, Point, Variant
from emotion_core.reporting.report_runs import Run, by_settings, group_name
from emotion_core.runs.definition import recorded_definition
from emotion_core.runs.folder import FIGURES_DIR, RUN_FILE
from emotion_core.system.hashes import file_hash
from emotion_core.training.seeds import summarize_scores

Groups = list[list[Run]]


def texts_section(
    runs: Sequence[Run], all_runs: Sequence[Run], environment_of: dict[str, int], output: Path, prefix: str
) -> dict[str, Any]:
    """The tables of a section, and the paths of its figures, which are drawn.

    Args:
        runs: measured on the same texts, at least one.
        all_runs: of the report.
        environment_of: the number of machine and versions by the name of a run.
        output: the folder of the report.
        prefix: of the names of the figures.
    """
    entries = rank_entries([run.entry for run in runs])
    order = {entry["run"]: entry["rank"] for entry in entries}
    runs = sorted(runs, key=lambda run: order[run.name])
    groups = by_settings(runs, all_runs)
    data = entries[0]["metrics"]["data"]
    measured_on = f"{data['split']} of {data['name']}"
    section = {
        "data": data,
        "entries": entries,
        "rows": [
            (*row, str(environment_of[entry["run"]])) for row, entry in zip(table_rows(entries), entries, strict=True)
        ],
        "seeds": _seeds(groups),
        "without_speed": [run.name for run in runs if "speed" not in run.entry["metrics"]],
        "trade_offs": _trade_offs(groups, measured_on, output, prefix),
        "curves": None,
        "compression": None,
        "confusions": _confusions(groups, output, prefix),
    }
    _draw_curves(section, runs, groups, measured_on, output, prefix)
    return section


def _draw_curves(
    section: dict[str, Any], runs: Sequence[Run], groups: Groups, measured_on: str, output: Path, prefix: str
) -> None:
    """Draw the learning curves and the compression where there are any, and set their paths in the section."""
    if drawn := report_figures.learning_curves([(group_name(group), run.history) for group in groups for run in group]):
        section["curves"] = f"{FIGURES_DIR}/{prefix}-learning-curves.png"
        figures.save(drawn, output / section["curves"])
    if variants := _variants(runs):
        section["compression"] = f"{FIGURES_DIR}/{prefix}-compression.png"
        figures.save(report_figures.compression_curve(variants, measured_on), output / section["compression"])


def _seeds(groups: Groups) -> list[tuple[str, ...]]:
    """Name, seeds, accuracy and macro-F1 of each group with several seeds."""
    rows = []
    for group in groups:
        if len(group) < 2:  # an ensemble, whose seed is a list, is alone
            continue
        metrics = {run.record["seed"]: run.entry["metrics"] for run in reversed(group) if "seed" in run.record}
        if len(metrics) < 2:
            continue
        summary = summarize_scores(dict(sorted(metrics.items())))
        scores = (summary[name] for name in ("accuracy", "macro_f1"))
        cells = [f"{s['mean']:.4f} ± {s['sd']:.4f} ({s['low']:.4f} to {s['high']:.4f})" for s in scores]
        rows.append((group_name(group), ", ".join(map(str, summary["seeds"])), *cells))
    return rows


def _trade_offs(groups: Groups, measured_on: str, output: Path, prefix: str) -> list[dict[str, str]]:
    """One figure for each machine, since latencies of several machines say nothing about the models."""
    machines: dict[str, list[Point]] = {}
    names = {}
    for group in groups:
        for run in group:
            metrics = run.entry["metrics"]
            if "speed" in metrics:
                latency, size = metrics["speed"]["latency_ms"]["p50"], run.entry["model_size_bytes"] / 1e6
                host = run.record.get("host", {})
                machine = json.dumps(host, sort_keys=True)
                names[machine] = f"{host.get('cpu') or 'a machine that is not recorded'}, {host.get('cores')} cores"
                point = Point(group_name(group), latency, metrics["macro_f1"], size)
                machines.setdefault(machine, []).append(point)
    drawn = []
    for number, (machine, points) in enumerate(machines.items(), start=1):
        path = f"{FIGURES_DIR}/{prefix}-trade-off-{number}.png"
        figures.save(report_figures.trade_off(points, measured_on), output / path)
        drawn.append({"title": f" ({names[machine]})" if len(machines) > 1 else "", "path": path})
    return drawn


def _variants(runs: Sequence[Run]) -> list[Variant]:
    """The compressed runs with their originals, which the hash of run.json tells; none when nothing is compressed."""
    compressed = [run for run in runs if "compression" in run.record]
    if not compressed:
        return []
    of = [recorded_definition(run.record).get("run") for run in compressed]
    originals = {file_hash(run.path / RUN_FILE): run for run in runs}
    variants = [
        Variant(originals[key].name, ORIGINAL, 0.0, *_size_and_score(originals[key]))
        for key in dict.fromkeys(of)
        if key in originals
    ]
    for key, run in zip(of, compressed, strict=True):
        compression = run.record["compression"]
        name = originals[key].name if key in originals else Path(str(compression.get("of"))).name
        details = compression.get("details", {})
        epochs = details.get("recover_epochs")
        technique = f"{compression.get('technique')}{f', recovery of {epochs}' if epochs else ''}"
        variants.append(Variant(name, technique, details.get("sparsity"), *_size_and_score(run)))
    return variants


def _size_and_score(run: Run) -> tuple[float, dict[str, Any]]:
    return run.entry["model_size_bytes"] / 1e6, run.entry["metrics"]["macro_f1"]


def _confusions(groups: Groups, output: Path, prefix: str) -> list[dict[str, str]]:
    """The confusion matrix of the best run of each group."""
    drawn = []
    for number, group in enumerate(groups, start=1):
        name = re.sub(r"[^A-Za-z0-9]+", "-", group[0].name).strip("-")
        path = f"{FIGURES_DIR}/{prefix}-confusion-{number}-{name}.png"
        figures.save(figures.confusion_matrix(group[0].entry["metrics"]["confusion_matrix"]), output / path)
        drawn.append({"name": group[0].name, "path": path})
    return drawn
