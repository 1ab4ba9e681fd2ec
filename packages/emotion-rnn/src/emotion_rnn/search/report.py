"""What a search leaves: a ranked table, CSV, JSON, a heat map, and the run folder of the winner."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.evaluation import figures
from emotion_core.reporting.search_table import TABLE_FILE, heat_map
from emotion_core.runs.folder import write_aside
from emotion_core.system.environment import host, installed_versions
from emotion_rnn.plan import Phase
from emotion_rnn.search.points import DONE, ERROR, RESULT, SURPLUS, deciding_trials

if TYPE_CHECKING:
    import optuna

    from emotion_rnn.search.job import Job

REPORT_FILE, HEAT_MAP_FILE = "search.json", "heat_map.png"
FIGURES = ("macro_f1", "accuracy", "val_loss", "epochs", "seconds")


def ranked(study: optuna.Study, phase: Phase, points: Container[int]) -> list[dict[str, Any]]:
    """Some points of a search, best macro-F1 first, those without a result last.

    Returns:
        One dictionary a point: ``rank``, ``point``, the searched hyperparameters, ``state``, `FIGURES` and ``error``.
    """
    rows = []
    for number, trial in deciding_trials(study).items():
        if number not in points:
            continue
        result = trial.user_attrs.get(RESULT, {})
        values = result.get("settings", trial.params or trial.system_attrs.get("fixed_params", {}))
        rows.append(
            {"rank": 0, "point": number}
            | {name: values.get(name) for name in phase.grid}
            | {"state": trial.state.name.lower()}
            | {name: result.get(name) for name in FIGURES}
            | {"error": trial.user_attrs.get(ERROR)}
        )
    rows.sort(key=_order)
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return rows


def _order(row: dict[str, Any]) -> tuple[bool, float, float, int]:
    # A training that got nothing right has a macro-F1 of 0, and still comes before those without one.
    return row["macro_f1"] is None, -(row["macro_f1"] or 0.0), -(row["accuracy"] or 0.0), row["point"]


def table_cells(rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Column names and cells of the ranked table, as text."""
    columns = [name for name in rows[0] if name != "point"]
    return columns, [[_cell(row[name]) for name in columns] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write_report(output: Path, study: optuna.Study, job: Job) -> list[dict[str, Any]]:
    """Write ``trials.csv``, ``search.json`` and ``heat_map.png`` into the folder of a search; returns the ranked rows.

    Raises:
        OSError: a file cannot be written.
    """
    rows = ranked(study, job.phase, job.points())
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    write_aside(output / TABLE_FILE, text.getvalue())
    report = {
        "study": study.study_name,
        "definition": job.definition(),
        "trials": rows,
        "trials_run": sum(SURPLUS not in trial.user_attrs for trial in study.get_trials(deepcopy=False)),
        "wall_seconds": round(wall_seconds(study), 1),
        "training_seconds": round(sum(row["seconds"] or 0.0 for row in rows), 1),
        "host": host(),
        "versions": installed_versions(),
    }
    write_aside(output / REPORT_FILE, json.dumps(report, indent=2) + "\n")
    if rows[0]["macro_f1"] is not None:
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
