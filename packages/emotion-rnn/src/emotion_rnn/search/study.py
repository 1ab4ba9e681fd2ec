"""Run a study: every phase, then the final model with several seeds, and a report that sets them side by side."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from pathlib import Path
from typing import Any

from emotion_core.data.dataset import Dataset
from emotion_core.evaluation.evaluate import evaluate, write_evaluation_run
from emotion_core.runs.definition import data_definition, is_complete
from emotion_core.runs.folder import METRICS_FILE, RUN_FILE, read_json, write_aside
from emotion_core.runs.record import format_interval
from emotion_core.system.environment import host, installed_versions
from emotion_core.system.hashes import file_hash
from emotion_core.training.seeds import seed_folder, spread_line, summarize_scores, train_seeds
from emotion_rnn.plan import Point, Study
from emotion_rnn.search.folder import BEST_DIR, best_point, check_search_folder, embedded_storage, search_folder
from emotion_rnn.search.job import Job
from emotion_rnn.training.definition import glove_definition, training_definition
from emotion_rnn.training.train import train

FINAL_DIR, REPORT_FILE, REPORT_PAGE = "final", "study.json", "README.md"


def run_study(
    study: Study,
    output: Path,
    told: dict[str, Any],
    *,
    storage: str | None,
    n_workers: int,
    n_seeds: int,
    retry: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Search every phase, train the final model with several seeds, look at the test split once, and report.

    Whatever is complete already is taken as it is, so that a study that was interrupted goes on.

    Args:
        study: its phases and final settings.
        output: gets a folder for each phase, ``final``, ``study.json`` and ``README.md``.
        told: what every `Job` is told: dataset, vectors, computing, seed.
        storage: address of the storage of all phases; None for a file in the folder of each.
        n_workers: processes on this machine.
        n_seeds: of the final model.
        retry: train the failed points again.
        quiet: no progress.

    Returns:
        The report: ``phases``, ``final`` and, where the data have a test split, ``test``.

    Raises:
        RunError: a phase has no result, or a worker was killed.
    """
    phases, point = _search_phases(study, output, told, storage, n_workers, retry=retry, quiet=quiet)
    seeds = range(told["seed"], told["seed"] + n_seeds)
    final = _train_final(study, output / FINAL_DIR, told, point, seeds, n_workers=n_workers, quiet=quiet)
    report = {
        "study": study.architecture.title,
        "phases": phases,
        "final": {"settings": dataclasses.asdict(study.final_settings(point))} | final,
        "test": look_at_test(told["dataset"], output / FINAL_DIR, seeds) if "test" in told["dataset"].splits else None,
        "host": host(),
        "versions": installed_versions(),
    }
    write_aside(output / REPORT_FILE, json.dumps(report, indent=2) + "\n")
    write_aside(output / REPORT_PAGE, report_page(report))
    return report


def _search_phases(
    study: Study, output: Path, told: dict[str, Any], storage: str | None, n_workers: int, *, retry: bool, quiet: bool
) -> tuple[list[dict[str, Any]], Point]:
    """What the report says of each phase, and the best point of the last."""
    phases = []
    point: Point = {}
    for phase in study.phases:
        folder = output / phase.name
        check_search_folder(folder, resume=True)
        job = Job(study.architecture.name, phase, **told, storage=storage or embedded_storage(folder))
        rows = search_folder(job, folder, n_workers, retry=retry, quiet=quiet)
        point = best_point(rows, job)
        phases.append(_phase_entry(phase.title, folder, rows, point))
    return phases, point


def _train_final(
    study: Study, output: Path, told: dict[str, Any], point: Point, seeds: range, *, n_workers: int, quiet: bool
) -> dict[str, Any]:
    """Mean and spread of the final model; runs of another point, which was the best one before, are trained anew."""
    settings, dataset, computing = study.final_settings(point), told["dataset"], told["computing"]
    glove = glove_definition(told["vectors"])
    return train_seeds(
        partial(
            train,
            study.architecture,
            settings,
            dataset,
            vectors=told["vectors"],
            computing=computing,
            force=True,
            quiet=quiet or n_workers > 1,
        ),
        output,
        seeds,
        definition=training_definition(study.architecture, settings, dataset, glove, computing, calibrate=True),
        workers=n_workers,
        replace=True,
        quiet=quiet,
    )


def _phase_entry(title: str, folder: Path, rows: list[dict[str, Any]], point: Point) -> dict[str, Any]:
    metrics = read_json(folder / BEST_DIR, METRICS_FILE)
    return {
        "title": title,
        "folder": folder.name,
        "points": len(rows),
        "failed": sum(row["error"] is not None for row in rows),
        "best": point,
        "accuracy": metrics["accuracy"],
        "macro_f1": metrics["macro_f1"],
    }


def look_at_test(dataset: Dataset, output: Path, seeds: range) -> dict[str, Any]:
    """Measure the final models on the test split, into one run folder each; returns mean and spread.

    An evaluation that is there is taken where model and texts are still the same.
    """
    from emotion_rnn.classifier import RNNClassifier

    scores = {}
    for seed in seeds:
        run = seed_folder(output, seed)
        tested = run.with_name(f"{run.name}-test")
        wanted = {"run": file_hash(run / RUN_FILE), "data": data_definition(dataset, "test")}
        if is_complete(tested, wanted, replace=True):
            scores[seed] = read_json(tested, METRICS_FILE)
            continue
        metrics, probabilities = evaluate(RNNClassifier.load(run), dataset, "test")
        write_evaluation_run(tested, run, dataset.split("test"), metrics, probabilities, definition=wanted, force=True)
        scores[seed] = metrics
    return summarize_scores(scores)


def report_page(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"# {report['study']}",
        "",
        "Each phase was searched on validation; its best point was trained once with one seed, with 95 % bootstrap "
        "intervals over the texts. The final model was trained with several seeds: mean ± standard deviation.",
        "",
        "| | Points | Best | Accuracy | Macro-F1 |",
        "|---|---|---|---|---|",
    ]
    for entry in report["phases"]:
        best = ", ".join(f"{name} {value:g}" for name, value in entry["best"].items())
        scores = (format_interval(entry["accuracy"]), format_interval(entry["macro_f1"]))
        lines.append(f"| {entry['title']} | {entry['points']} | {best} | {scores[0]} | {scores[1]} |")
    final = report["final"]
    lines.append(
        f"| Final | {len(final['seeds'])} seeds | | {_spread(final, 'accuracy')} | {_spread(final, 'macro_f1')} |"
    )
    if report["test"]:
        lines += ["", f"Test split, looked at once: {spread_line(report['test'])}."]
    return "\n".join(lines) + "\n"


def _spread(summary: dict[str, Any], name: str) -> str:
    deviation = summary[name]["sd"]
    return f"{summary[name]['mean']:.4f}" + (f" ± {deviation:.4f}" if deviation is not None else "")
