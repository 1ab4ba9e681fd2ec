"""The part of a report on the runs that were measured on the same texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotion_core.evaluation import figures
from emotion_core.reporting import report_figures
from emotion_core.reporting.compare import Entry, rank
from emotion_core.reporting.compare_table import mean_confusion, remarks, table_rows
from emotion_core.reporting.compared.candidates import Candidate, joined
from emotion_core.reporting.compared.seed_groups import by_seeds, group_name
from emotion_core.reporting.report_figures import ORIGINAL, Point, Variant
from emotion_core.reporting.report_runs import Run
from emotion_core.runs.folder import FIGURES_DIR, RUN_FILE
from emotion_core.runs.metrics import DataRef, Score
from emotion_core.runs.typed_json import to_json
from emotion_core.system.hashes import file_hash

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
        remarks: on the table.
        without_speed: the runs whose speed was not measured.
        trade_offs, confusions: pictures.
        curves, compression: paths of pictures, None where there is nothing to draw.
    """

    data: DataRef
    entries: list[Entry]
    rows: list[tuple[str, ...]]
    seeds: list[tuple[str, ...]]
    remarks: list[str]
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
    entries = rank([_candidate(group) for group in by_seeds(runs, all_runs)])
    by_path = {str(run.path): run for run in runs}
    groups = [[by_path[measured.path] for measured in entry.runs] for entry in entries]
    runs = [run for group in groups for run in group]
    data = entries[0].data
    measured_on = f"{data.split} of {data.name}"
    return Section(
        data=data,
        entries=entries,
        rows=[
            (*row, ", ".join(sorted({str(environment_of[run.name]) for run in group})))
            for row, group in zip(table_rows(entries), groups, strict=True)
        ],
        seeds=_seeds(entries),
        remarks=remarks(entries),
        without_speed=[run.name for run in runs if run.metrics.speed is None],
        trade_offs=_trade_offs(groups, measured_on, output, prefix),
        curves=_drawn_curves(groups, output, prefix),
        compression=_drawn_compression(runs, measured_on, output, prefix),
        confusions=_confusions(entries, output, prefix),
    )


def _drawn_curves(groups: Groups, output: Path, prefix: str) -> str | None:
    drawn = report_figures.learning_curves([(_name(group), run.history) for group in groups for run in group])
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


def _name(group: Sequence[Run]) -> str:
    return f"{group_name(group)} ({len(group)} seeds)" if len(group) > 1 else group[0].name


def _candidate(group: Sequence[Run]) -> Candidate:
    candidates = [run.candidate for run in group]
    return candidates[0] if len(group) == 1 else joined(group_name(group), candidates)


def _seeds(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """Name, seeds, accuracy and macro-F1 of each entry with several seeds."""
    return [
        (entry.run, ", ".join(map(str, seeds.seeds)), seeds.accuracy.with_range(), seeds.macro_f1.with_range())
        for entry in entries
        if (seeds := entry.seeds) is not None
    ]


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
                point = Point(_name(group), latency, run.metrics.macro_f1, run.megabytes)
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


def _confusions(entries: Sequence[Entry], output: Path, prefix: str) -> list[Matrix]:
    """The confusion matrix of each entry."""
    drawn = []
    for entry in entries:
        name = re.sub(r"[^A-Za-z0-9]+", "-", entry.run).strip("-")
        path = f"{FIGURES_DIR}/{prefix}-confusion-{entry.rank}-{name}.png"
        counts = np.rint(mean_confusion(entry)).astype(int) if entry.seeds else entry.metrics.confusion_matrix
        figures.save(figures.confusion_matrix(counts), output / path)
        drawn.append(Matrix(entry.run, path))
    return drawn
