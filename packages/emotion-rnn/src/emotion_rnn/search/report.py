"""What a search leaves: a ranked table, CSV, JSON, a heat map, and the run folder of the winner."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.evaluation import figures
from emotion_core.reporting.search_table import TABLE_FILE, SearchRow, heat_map
from emotion_core.runs.typed_json import json_text
from emotion_core.system.claim import write_aside
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.plan import Phase
from emotion_rnn.search.points import DONE, ERROR, RESULT_FIGURES, SURPLUS, PointResult, deciding_trials

if TYPE_CHECKING:
    import optuna

    from emotion_rnn.search.job import Job

REPORT_FILE, HEAT_MAP_FILE = "search.json", "heat_map.png"


def ranked(study: optuna.Study, phase: Phase, points: Container[int]) -> list[SearchRow]:
    """Some points of a search, best macro-F1 first, those without a result last."""
    rows = []
    for number, trial in deciding_trials(study).items():
        if number not in points:
            continue
        result = PointResult.of(trial)
        values = result.settings if result else trial.params or trial.system_attrs.get("fixed_params", {})
        settings = {name: values.get(name) for name in phase.grid}
        state, error = trial.state.name.lower(), trial.user_attrs.get(ERROR)
        figures = {} if result is None else {name: getattr(result, name) for name in RESULT_FIGURES}
        rows.append(SearchRow(0, number, settings, state, **figures, error=error))
    rows.sort(key=_order)
    return [replace(row, rank=rank) for rank, row in enumerate(rows, start=1)]


def _order(row: SearchRow) -> tuple[bool, float, float, int]:
    # A training that got nothing right has a macro-F1 of 0, and still comes before those without one.
    return row.macro_f1 is None, -(row.macro_f1 or 0.0), -(row.accuracy or 0.0), row.point


def table_cells(rows: Sequence[SearchRow]) -> tuple[list[str], list[list[str]]]:
    """Column names and cells of the ranked table, as text."""
    table = [row.to_json() for row in rows]
    columns = [name for name in table[0] if name != "point"]
    return columns, [[_cell(cells[name]) for name in columns] for cells in table]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write_report(output: Path, study: optuna.Study, job: Job) -> list[SearchRow]:
    """Write ``trials.csv``, ``search.json`` and ``heat_map.png`` into the folder of a search; returns the ranked rows.

    Raises:
        OSError: a file cannot be written.
    """
    rows = ranked(study, job.phase, job.points())
    text = io.StringIO()
    table = [row.to_json() for row in rows]
    writer = csv.DictWriter(text, fieldnames=list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    write_aside(output / TABLE_FILE, text.getvalue())
    report = {
        "study": study.study_name,
        "definition": job.definition(),
        "trials": table,
        "trials_run": sum(SURPLUS not in trial.user_attrs for trial in study.get_trials(deepcopy=False)),
        "wall_seconds": round(wall_seconds(study), 1),
        "training_seconds": round(sum(row.seconds or 0.0 for row in rows), 1),
        "host": host(),
        "versions": installed_versions(),
    }
    write_aside(output / REPORT_FILE, json_text(report, indent=2) + "\n")
    if rows[0].macro_f1 is not None:
        figures.save(heat_map(rows, list(job.phase.grid)), output / HEAT_MAP_FILE)
    return rows


def wall_seconds(study: optuna.Study) -> float:
    """Seconds in which some point was in training; the pauses of an interrupted search do not count."""
    spans = sorted(
        (trial.datetime_start.timestamp(), trial.datetime_complete.timestamp())
        for trial in study.get_trials(deepcopy=False)
        if trial.state in DONE and trial.datetime_start and trial.datetime_complete
    )
    total, reached = 0.0, 0.0
    for start, end in spans:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
