"""Run a study: every phase, then the final model with several seeds, and a report that sets them side by side."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emotion_core.data.dataset import Dataset
from emotion_core.evaluation.evaluate import evaluate, write_evaluation_run
from emotion_core.evaluation.training_texts import trained_on, with_trained_on
from emotion_core.reporting.search_table import SearchRow
from emotion_core.runs.definition import data_definition, is_complete
from emotion_core.runs.folder import RUN_FILE, read_metrics, read_run
from emotion_core.runs.metrics import Score
from emotion_core.runs.typed_json import json_text, to_json
from emotion_core.system.claim import write_aside
from emotion_core.system.environment import host, installed_versions
from emotion_core.system.hashes import file_hash
from emotion_core.training.seeds import SeedRuns, SeedsSummary, seed_folder, summarize_scores, train_seeds
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import TrainingOptions
from emotion_rnn.plan import Point, Study
from emotion_rnn.search.folder import BEST_DIR, best_point, check_search_folder, embedded_storage, search_folder
from emotion_rnn.search.job import Job, Running, TrainingInputs
from emotion_rnn.training.definition import glove_definition, training_definition
from emotion_rnn.training.train import train

FINAL_DIR, REPORT_FILE, REPORT_PAGE = "final", "study.json", "README.md"


@dataclass(frozen=True)
class PhaseSummary:
    """A phase: how many points it has and how many failed, the best of them, and what that measured."""

    title: str
    folder: str
    points: int
    failed: int
    best: Point
    accuracy: Score
    macro_f1: Score


@dataclass(frozen=True)
class StudyReport:
    """What a study found: its phases, the final model with its settings, and that on test where there is a split."""

    study: str
    phases: list[PhaseSummary]
    settings: Hyperparameters
    final: SeedsSummary
    test: SeedsSummary | None

    def to_json(self) -> dict[str, Any]:
        """As ``study.json`` holds it, with machine and versions."""
        return {
            "study": self.study,
            "phases": [to_json(phase) for phase in self.phases],
            "final": {"settings": dataclasses.asdict(self.settings)} | to_json(self.final),
            "test": None if self.test is None else to_json(self.test),
            "host": host(),
            "versions": installed_versions(),
        }


def run_study(
    study: Study, output: Path, inputs: TrainingInputs, *, storage: str | None, n_seeds: int, running: Running
) -> StudyReport:
    """Search every phase, train the final model with several seeds, look at the test split once, and report.

    Whatever is complete already is taken as it is, so that a study that was interrupted goes on.

    Args:
        study: its phases and final settings.
        output: gets a folder for each phase, ``final``, ``study.json`` and ``README.md``.
        inputs: of all trainings.
        storage: address of the storage of all phases; None for a file in the folder of each.
        n_seeds: of the final model.
        running: how the searches are run.

    Raises:
        RunError: a phase has no result, or a worker was killed.
    """
    phases, point = _search_phases(study, output, inputs, storage, running)
    seeds = range(inputs.seed, inputs.seed + n_seeds)
    final, dataset = output / FINAL_DIR, inputs.dataset
    report = StudyReport(
        study.architecture.title,
        phases,
        study.final_settings(point),
        _train_final(study, final, inputs, point, seeds, running),
        look_at_test(dataset, final, seeds) if "test" in dataset.splits else None,
    )
    write_aside(output / REPORT_FILE, json_text(report.to_json(), indent=2) + "\n")
    write_aside(output / REPORT_PAGE, report_page(report))
    return report


def _search_phases(
    study: Study, output: Path, inputs: TrainingInputs, storage: str | None, running: Running
) -> tuple[list[PhaseSummary], Point]:
    """What the report says of each phase, and the best point of the last."""
    phases = []
    point: Point = {}
    for phase in study.phases:
        folder = output / phase.name
        check_search_folder(folder, resume=True)
        job = Job(study.architecture.name, phase, **vars(inputs), storage=storage or embedded_storage(folder))
        rows = search_folder(job, folder, running)
        point = best_point(rows, job)
        phases.append(_phase_summary(phase.title, folder, rows, point))
    return phases, point


def _train_final(
    study: Study, output: Path, inputs: TrainingInputs, point: Point, seeds: range, running: Running
) -> SeedsSummary:
    """Mean and spread of the final model; runs of another point, which was the best one before, are trained anew."""
    settings, dataset, computing = study.final_settings(point), inputs.dataset, inputs.computing
    glove = glove_definition(inputs.vectors)
    return train_seeds(
        partial(
            train,
            study.architecture,
            settings,
            dataset,
            options=TrainingOptions(vectors=inputs.vectors, computing=computing, force=True, quiet=running.quiet),
        ),
        output,
        seeds,
        definition=training_definition(study.architecture, settings, dataset, glove, computing, calibrate=True),
        how=SeedRuns(workers=running.n_workers, replace=True, quiet=running.quiet),
    )


def _phase_summary(title: str, folder: Path, rows: list[SearchRow], point: Point) -> PhaseSummary:
    metrics = read_metrics(folder / BEST_DIR)
    failed = sum(row.error is not None for row in rows)
    return PhaseSummary(title, folder.name, len(rows), failed, point, metrics.accuracy, metrics.macro_f1)


def look_at_test(dataset: Dataset, output: Path, seeds: range) -> SeedsSummary:
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
            scores[seed] = read_metrics(tested)
            continue
        evaluation = evaluate(RNNClassifier.load(run), dataset, "test")
        trained = trained_on(run, read_run(run), dataset.split("test"))
        evaluation = evaluation._replace(metrics=with_trained_on(evaluation.metrics, trained))
        write_evaluation_run(tested, run, dataset.split("test"), evaluation, definition=wanted, force=True)
        scores[seed] = evaluation.metrics
    return summarize_scores(scores)


def report_page(report: StudyReport) -> str:
    """The report as Markdown."""
    lines = [
        f"# {report.study}",
        "",
        "Each phase was searched on validation; its best point was trained once with one seed, with 95 % "
        "intervals over the texts. The final model was trained with several seeds: mean ± standard deviation.",
        "",
        "| | Points | Best | Accuracy | Macro-F1 |",
        "|---|---|---|---|---|",
    ]
    for phase in report.phases:
        best = ", ".join(f"{name} {value:g}" for name, value in phase.best.items())
        lines.append(f"| {phase.title} | {phase.points} | {best} | {phase.accuracy} | {phase.macro_f1} |")
    final = report.final
    lines.append(f"| Final | {len(final.seeds)} seeds | | {final.accuracy} | {final.macro_f1} |")
    if report.test is not None:
        lines += ["", f"Test split, looked at once: {report.test}."]
    return "\n".join(lines) + "\n"
