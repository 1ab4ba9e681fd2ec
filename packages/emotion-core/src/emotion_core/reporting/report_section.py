"""The part of a report on the runs that were measured on the same texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emotion_core.evaluation import figures
from emotion_core.reporting import report_figures
from emotion_core.reporting.compare import Entry, rank, table_rows
from emotion_core.reporting.report_figures import ORIGINAL, Point, Variant
from emotion_core.reporting.report_runs import Run, by_settings, group_name
from emotion_core.runs.folder import FIGURES_DIR, RUN_FILE
from emotion_core.runs.metrics import DataRef, Score
from emotion_core.runs.typed_json import to_json
from emotion_core.system.hashes import file_hash
from emotion_core.training.seeds import summarize_scores

Groups = list[list[Run]]


@dataclass(frozen=True)
class TradeOff:
    """A picture of one machine, which ``title`` names where there are several; the path is below the report."""

    title: str
    path: str


@dataclass(frozen=True)
class Matrix:
    """The picture of the confusion matrix of a run."""

    name: str
    path: str


@dataclass(frozen=True)
class Section:
    """The runs that were measured on the same texts.

    Attributes:
        data: the texts.
        entries: the ranked runs.
        rows: their cells, and the number of the environment of each.
        seeds: name, seeds, accuracy and macro-F1 of each group with several seeds.
        trained_on: each run that was trained on some of the texts, and their number.
        without_speed: the runs whose speed was not measured.
        trade_offs, confusions: pictures.
        curves, compression: paths of pictures, None where there is nothing to draw.
    """

    data: DataRef
    entries: list[Entry]
    rows: list[tuple[str, ...]]
    seeds: list[tuple[str, ...]]
    trained_on: list[tuple[str, int]]
    without_speed: list[str]
    trade_offs: list[TradeOff]
    curves: str | None
    compression: str | None
    confusions: list[Matrix]


def texts_section(
    runs: Sequence[Run], all_runs: Sequence[Run], environment_of: dict[str, int], output: Path, prefix: str
) -> Section:
    """The tables of a section, and the paths of its figures, which are drawn.

    Args:
        runs: measured on the same texts, at least one.
        all_runs: of the report.
        environment_of: the number of machine and versions by the name of a run.
        output: the folder of the report.
        prefix: of the names of the figures.
    """
    entries = rank([run.candidate for run in runs])
    order = {entry.run: entry.rank for entry in entries}
    runs = sorted(runs, key=lambda run: order[run.name])
    groups = by_settings(runs, all_runs)
    data = entries[0].metrics.data
    measured_on = f"{data.split} of {data.name}"
    return Section(
        data=data,
        entries=entries,
        rows=[(*row, str(environment_of[entry.run])) for row, entry in zip(table_rows(entries), entries, strict=True)],
        seeds=_seeds(groups),
        trained_on=[(entry.run, entry.metrics.data.trained_on) for entry in entries if entry.metrics.data.trained_on],
        without_speed=[run.name for run in runs if run.metrics.speed is None],
        trade_offs=_trade_offs(groups, measured_on, output, prefix),
        curves=_drawn_curves(groups, output, prefix),
        compression=_drawn_compression(runs, measured_on, output, prefix),
        confusions=_confusions(groups, output, prefix),
    )


def _drawn_curves(groups: Groups, output: Path, prefix: str) -> str | None:
    drawn = report_figures.learning_curves([(group_name(group), run.history) for group in groups for run in group])
    if drawn is None:
        return None
    path = f"{FIGURES_DIR}/{prefix}-learning-curves.png"
    figures.save(drawn, output / path)
    return path


def _drawn_compression(runs: Sequence[Run], measured_on: str, output: Path, prefix: str) -> str | None:
    variants = _variants(runs)
    if not variants:
        return None
    path = f"{FIGURES_DIR}/{prefix}-compression.png"
    figures.save(report_figures.compression_curve(variants, measured_on), output / path)
    return path


def _seeds(groups: Groups) -> list[tuple[str, ...]]:
    """Name, seeds, accuracy and macro-F1 of each group with several seeds."""
    rows = []
    for group in groups:
        if len(group) < 2:  # an ensemble, whose seed is a list, is alone
            continue
        metrics = {run.record.seed: run.metrics for run in reversed(group) if isinstance(run.record.seed, int)}
        if len(metrics) < 2:
            continue
        summary = summarize_scores(dict(sorted(metrics.items())))
        cells = (spread.with_range() for spread in (summary.accuracy, summary.macro_f1))
        rows.append((group_name(group), ", ".join(map(str, summary.seeds)), *cells))
    return rows


def _trade_offs(groups: Groups, measured_on: str, output: Path, prefix: str) -> list[TradeOff]:
    """One figure for each machine, since latencies of several machines say nothing about the models."""
    machines: dict[str, list[Point]] = {}
    names = {}
    for group in groups:
        for run in group:
            if run.metrics.speed is not None:
                host = run.record.host
                machine = json.dumps(to_json(host), sort_keys=True)
                names[machine] = f"{host.cpu or 'a machine that is not recorded'}, {host.cores} cores"
                latency = run.metrics.speed.latency_ms.p50
                point = Point(group_name(group), latency, run.metrics.macro_f1, run.megabytes)
                machines.setdefault(machine, []).append(point)
    drawn = []
    for number, (machine, points) in enumerate(machines.items(), start=1):
        path = f"{FIGURES_DIR}/{prefix}-trade-off-{number}.png"
        figures.save(report_figures.trade_off(points, measured_on), output / path)
        drawn.append(TradeOff(f" ({names[machine]})" if len(machines) > 1 else "", path))
    return drawn


def _variants(runs: Sequence[Run]) -> list[Variant]:
    """The compressed runs with their originals, which the hash of run.json tells; none when nothing is compressed."""
    compressed = [(run, run.record.compression) for run in runs if run.record.compression is not None]
    if not compressed:
        return []
    of = [run.record.decided_by().get("run") for run, _ in compressed]
    originals = {file_hash(run.path / RUN_FILE): run for run in runs}
    variants = [
        Variant(originals[key].name, ORIGINAL, 0.0, *_size_and_score(originals[key]))
        for key in dict.fromkeys(of)
        if key in originals
    ]
    for key, (run, compression) in zip(of, compressed, strict=True):
        name = originals[key].name if key in originals else Path(compression.of).name
        epochs = compression.details.get("recover_epochs")
        technique = f"{compression.technique}{f', recovery of {epochs}' if epochs else ''}"
        variants.append(Variant(name, technique, compression.details.get("sparsity"), *_size_and_score(run)))
    return variants


def _size_and_score(run: Run) -> tuple[float, Score]:
    return run.megabytes, run.metrics.macro_f1


def _confusions(groups: Groups, output: Path, prefix: str) -> list[Matrix]:
    """The confusion matrix of the best run of each group."""
    drawn = []
    for number, group in enumerate(groups, start=1):
        name = re.sub(r"[^A-Za-z0-9]+", "-", group[0].name).strip("-")
        path = f"{FIGURES_DIR}/{prefix}-confusion-{number}-{name}.png"
        figures.save(figures.confusion_matrix(group[0].metrics.confusion_matrix), output / path)
        drawn.append(Matrix(group[0].name, path))
    return drawn
