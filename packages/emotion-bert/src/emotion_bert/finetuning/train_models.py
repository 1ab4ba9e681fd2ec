"""Fine-tune several models with several seeds: a run folder for each, an ensemble of the seeds, and their ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from emotion_bert.finetuning.arguments import wait_for_all
from emotion_bert.finetuning.train import fine_tuning, train
from emotion_bert.machine.computing import Computing, TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint, resolved
from emotion_bert.models.loading import load_member
from emotion_bert.models.registry import Hyperparameters
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.reporting.compare import Entry, ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.runs.definition import Definition, is_complete
from emotion_core.runs.folder import read_metrics
from emotion_core.runs.metrics import Metrics
from emotion_core.system.overwriting import check_force, check_output
from emotion_core.system.processes import is_first_process, process_count
from emotion_core.training.ensemble import ENSEMBLE, ensemble_definition, write_ensemble
from emotion_core.training.seeds import SeedRuns, seed_folder, train_seeds

PAGE = "comparison.html"

Plan = tuple[Checkpoint, Hyperparameters, Path]
"""What to start from, the settings, and the folder of its run or runs."""


def train_models(
    plans: Sequence[Plan],
    dataset: Dataset,
    output: Path,
    seeds: range,
    *,
    options: TrainingOptions,
    workers: int = 1,
) -> list[Entry]:
    """Fine-tune each model with each seed, and rank the runs.

    Args:
        plans: one a model.
        dataset: with train and validation splits.
        output: holds the folders of all models; gets the page of the comparison when there are several runs.
        seeds: of each model.
        options: of each training. With ``resume``, finished runs that are what is asked for are taken as they are, and
            ``force`` replaces only those that are not.
        workers: processes that train seeds side by side.

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
    definitions = [_definition(plan, dataset, options.computing, calibrate=options.calibrate) for plan in plans]
    for plan, definition in zip(plans, definitions, strict=True):  # before anything is trained
        _check(plan, definition, seeds, resume=options.resume, force=options.force)
    if len(runs) > 1:
        check_force(output / PAGE, force=options.force or options.resume)
    for plan, definition in zip(plans, definitions, strict=True):
        if len(plans) > 1 and is_first_process() and not options.quiet:
            click.echo(plan[0].entry.title, err=True)
        _train_plan(plan, definition, dataset, seeds, options, workers)
    wait_for_all()
    return _ranked(runs, output) if is_first_process() else []


def _train_plan(
    plan: Plan, definition: Definition, dataset: Dataset, seeds: range, options: TrainingOptions, workers: int
) -> None:
    """Fine-tune one model with each seed; several seeds become an ensemble, too."""
    checkpoint, settings, folder = plan
    train_one = partial(_train_and_tell, (checkpoint, settings), dataset, options=options)
    if len(seeds) == 1:
        if not (options.resume and is_complete(folder, {**definition, "seed": seeds[0]}, replace=options.force)):
            train_one(folder, seeds[0])
        elif is_first_process():
            click.echo(f"{folder}: complete already. {read_metrics(folder).summary()}")
        return
    how = SeedRuns(workers=workers, keep=options.resume, replace=options.force, quiet=options.quiet)
    summary = train_seeds(train_one, folder, seeds, definition=definition, how=how)
    if is_first_process():
        click.echo(f"{folder}: {summary}")
        _write_ensemble(folder, seeds, dataset, options)


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
    start: tuple[Checkpoint, Hyperparameters],
    dataset: Dataset,
    output: Path,
    seed: int,
    *,
    options: TrainingOptions,
) -> Metrics | None:
    metrics = train(*start, dataset, output, seed, options)
    if metrics is not None:  # in the first process
        click.echo(f"{output}: {metrics.summary()}")
    return metrics


def _write_ensemble(folder: Path, seeds: range, dataset: Dataset, options: TrainingOptions) -> None:
    output = folder / ENSEMBLE
    runs = [seed_folder(folder, seed) for seed in seeds]
    if options.resume and is_complete(
        output, ensemble_definition(runs, dataset, calibrate=options.calibrate), replace=True
    ):
        return
    metrics = write_ensemble(
        output,
        runs,
        dataset,
        partial(load_member, device=options.computing.device),
        replace(options, force=options.force or options.resume),
    )
    click.echo(f"{output}: {metrics.summary()}")
