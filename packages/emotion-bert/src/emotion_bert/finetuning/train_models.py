"""Fine-tune several models with several seeds: a run folder for each, an ensemble of the seeds, and their ranking."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from emotion_bert.finetuning.arguments import wait_for_all
from emotion_bert.finetuning.train import fine_tuning, train
from emotion_bert.machine.computing import Computing
from emotion_bert.models.checkpoints import Checkpoint, resolved
from emotion_bert.models.loading import load_member
from emotion_bert.models.registry import Hyperparameters
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.reporting.compare import Entry, ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.runs.definition import Definition, is_complete
from emotion_core.runs.folder import check_output, read_metrics
from emotion_core.runs.metrics import Metrics
from emotion_core.system.outputs import check_force
from emotion_core.system.processes import is_first_process, process_count
from emotion_core.training.ensemble import ENSEMBLE, ensemble_definition, write_ensemble
from emotion_core.training.seeds import seed_folder, train_seeds

PAGE = "comparison.html"

Plan = tuple[Checkpoint, Hyperparameters, Path]
"""What to start from, the settings, and the folder of its run or runs."""


def train_models(
    plans: Sequence[Plan],
    dataset: Dataset,
    output: Path,
    seeds: range,
    *,
    computing: Computing,
    workers: int = 1,
    resume: bool = False,
    force: bool = False,
    quiet: bool = False,
    calibrate: bool = True,
    report_to: str = "none",
) -> list[Entry]:
    """Fine-tune each model with each seed, and rank the runs.

    Args:
        plans: one a model.
        dataset: with train and validation splits.
        output: holds the folders of all models; gets the page of the comparison when there are several runs.
        seeds: of each model.
        computing: where and how.
        workers: processes that train seeds side by side.
        resume: take finished runs that are what is asked for as they are, and go on with what was interrupted.
        force: train anew and replace the runs; with ``resume``, only those that are not what is asked for.
        quiet: no progress.
        calibrate: fit temperatures on validation.
        report_to: as for `train`.

    Returns:
        The ranked runs, as `ranked_runs` gives them; none in all processes but the first.

    Raises:
        RunError: a run is in the way, or with ``resume`` is another one than is asked for.
        ModelError: workers were asked for in a training of several processes.
    """
    workers = min(workers, len(seeds))  # one seed is trained, and shows its progress, as without them
    if workers > 1 and process_count() > 1:
        raise ModelError("--workers trains seeds side by side on one machine; under accelerate launch leave it out.")
    # Of one commit of the hub, which the runs record, so that those that are there can be compared with what is asked.
    plans = [(resolved(checkpoint), settings, folder) for checkpoint, settings, folder in plans]
    runs = [run for plan in plans for run in runs_of(plan, seeds)]
    definitions = [_definition(plan, dataset, computing, calibrate=calibrate) for plan in plans]
    for plan, definition in zip(plans, definitions, strict=True):  # before anything is trained
        _check(plan, definition, seeds, resume=resume, force=force)
    if len(runs) > 1:
        check_force(output / PAGE, force=force or resume)
    for (checkpoint, settings, folder), definition in zip(plans, definitions, strict=True):
        train_one = partial(
            _train_and_tell,
            checkpoint,
            settings,
            dataset,
            computing=computing,
            resume=resume,
            force=force,
            quiet=quiet or workers > 1,  # the lines of several would mix
            calibrate=calibrate,
            report_to=report_to,
            announced=len(runs) > 1 and workers == 1 and not quiet,
        )
        if len(seeds) == 1:
            if not (resume and is_complete(folder, {**definition, "seed": seeds[0]}, replace=force)):
                train_one(folder, seeds[0])
            elif is_first_process():
                click.echo(f"{folder}: complete already. {read_metrics(folder).summary()}")
            continue
        summary = train_seeds(
            train_one, folder, seeds, definition=definition, workers=workers, keep=resume, replace=force, quiet=quiet
        )
        if is_first_process():
            click.echo(f"{folder}: {summary}")
            _write_ensemble(folder, seeds, dataset, computing, resume=resume, force=force, calibrate=calibrate)
    wait_for_all()
    return _ranked(runs, output) if is_first_process() else []


def _definition(plan: Plan, dataset: Dataset, computing: Computing, *, calibrate: bool) -> Definition:
    """What decides the result of a plan's trainings but for the seed."""
    checkpoint, settings, _ = plan
    definition = fine_tuning(checkpoint, settings, dataset, 0, computing).run_definition(calibrate=calibrate)
    return {name: value for name, value in definition.items() if name != "seed"}


def _check(plan: Plan, definition: Definition, seeds: range, *, resume: bool, force: bool) -> None:
    """Raise a RunError when a run is in the way; an ensemble of other members is not, where training goes on."""
    runs = runs_of(plan, seeds)
    for run, seed in zip(runs, seeds, strict=False):  # an ensemble, which has no seed, comes last
        if not (resume and is_complete(run, {**definition, "seed": seed}, replace=force)):
            check_output(run, force=force)
    for run in runs[len(seeds) :]:
        check_output(run, force=force or resume)


def _ranked(runs: Sequence[Path], output: Path) -> list[Entry]:
    entries = ranked_runs(runs)
    if len(runs) > 1:
        write_page(entries, output / PAGE)
    return entries


def runs_of(plan: Plan, seeds: range) -> list[Path]:
    """The run folders that a plan makes."""
    folder = plan[2]
    if len(seeds) == 1:
        return [folder]
    return [*(seed_folder(folder, seed) for seed in seeds), folder / ENSEMBLE]


def _train_and_tell(
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    seed: int,
    *,
    announced: bool,
    **options: Any,
) -> Metrics | None:
    if announced and is_first_process():
        click.echo(f"{checkpoint.entry.title}, seed {seed}", err=True)
    metrics = train(checkpoint, settings, dataset, output, seed, **options)
    if metrics is not None:  # in the first process
        click.echo(f"{output}: {metrics.summary()}")
    return metrics


def _write_ensemble(
    folder: Path, seeds: range, dataset: Dataset, computing: Computing, *, resume: bool, force: bool, calibrate: bool
) -> None:
    output = folder / ENSEMBLE
    runs = [seed_folder(folder, seed) for seed in seeds]
    if resume and is_complete(output, ensemble_definition(runs, dataset, calibrate=calibrate), replace=True):
        return
    metrics = write_ensemble(
        output,
        runs,
        dataset,
        partial(load_member, device=computing.device),
        force=force or resume,
        calibrate=calibrate,
    )
    click.echo(f"{output}: {metrics.summary()}")
