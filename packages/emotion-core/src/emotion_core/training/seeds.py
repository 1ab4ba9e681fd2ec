"""The same training with several seeds: one run folder each, and the mean and spread of their figures."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from emotion_core.runs.definition import Definition, is_complete
from emotion_core.runs.folder import read_metrics
from emotion_core.runs.metrics import DataRef, Metrics
from emotion_core.runs.typed_json import json_text
from emotion_core.system.claim import write_aside
from emotion_core.system.processes import is_first_process
from emotion_core.training.side_by_side import TrainOne, train_side_by_side

SUMMARY_FILE = "seeds.json"


@dataclass(frozen=True, kw_only=True)
class SeedRuns:
    """How the trainings of several seeds are made.

    Attributes:
        workers: processes.
        keep: take runs that are complete already, and are what is asked for, as they are.
        replace: train those anew that are not what is asked for.
        quiet: no progress.
    """

    workers: int = 1
    keep: bool = True
    replace: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Spread:
    """A figure over several seeds; ``sd`` is the standard deviation, None for one seed, ``values`` are by seed."""

    mean: float
    sd: float | None
    low: float
    high: float
    values: Mapping[str, float]

    @classmethod
    def of(cls, values: Mapping[int, float]) -> Spread:
        """The spread of at least one value."""
        of_seeds = list(values.values())
        deviation = statistics.stdev(of_seeds) if len(of_seeds) > 1 else None
        by_seed = {str(seed): value for seed, value in values.items()}
        return cls(statistics.fmean(of_seeds), deviation, min(of_seeds), max(of_seeds), by_seed)

    def __str__(self) -> str:
        deviation = f" ± {self.sd:.4f}" if self.sd is not None else ""
        return f"{self.mean:.4f}{deviation}"

    def with_range(self) -> str:
        """Mean, standard deviation and range."""
        return f"{self} ({self.low:.4f} to {self.high:.4f})"


@dataclass(frozen=True)
class SeedsSummary:
    """Mean and spread over the runs of some seeds, as ``seeds.json`` holds them."""

    seeds: list[int]
    data: DataRef
    accuracy: Spread
    macro_f1: Spread
    weighted_f1: Spread
    log_loss: Spread | None = None

    def __str__(self) -> str:
        scores = f"accuracy {self.accuracy.with_range()}, macro-F1 {self.macro_f1.with_range()}"
        return f"{len(self.seeds)} seeds, {self.data.split}: {scores}"


def seed_folder(output: Path, seed: int) -> Path:
    """The run folder of one seed."""
    return output / f"seed-{seed}"


def train_seeds(
    train_one: TrainOne,
    output: Path,
    seeds: Sequence[int],
    *,
    definition: Definition,
    how: SeedRuns = SeedRuns(),
) -> SeedsSummary:
    """Train once with each seed and summarize.

    Args:
        train_one: with several workers, something that can be sent to another process.
        output: gets a run folder for each seed and ``seeds.json``.
        seeds: of the trainings.
        definition: what decides the result of each training but for the seed.
        how: the trainings are made.

    Returns:
        Mean and spread.

    Raises:
        RunError: a run is another one than is asked for, a worker was killed, or a run cannot be written.
    """
    missing = [] if how.keep else list(seeds)
    for seed in seeds if how.keep else ():
        if not is_complete(seed_folder(output, seed), {**definition, "seed": seed}, replace=how.replace):
            missing.append(seed)
        elif not how.quiet and is_first_process():
            click.echo(f"{seed_folder(output, seed)}: complete already", err=True)
    if how.workers == 1 or len(missing) < 2:
        for number, seed in enumerate(missing, 1):
            if not how.quiet and is_first_process():
                click.echo(f"Seed {seed} ({number} of {len(missing)})", err=True)
            train_one(seed_folder(output, seed), seed)
    else:
        folders = {seed: seed_folder(output, seed) for seed in missing}
        train_side_by_side(train_one, folders, how.workers, quiet=how.quiet)
    return summarize_seeds(output, seeds)


def summarize_seeds(output: Path, seeds: Sequence[int]) -> SeedsSummary:
    """Mean and spread over the runs of some seeds, also written to ``seeds.json``.

    Raises:
        RunError: a run is missing or damaged.
    """
    summary = summarize_scores({seed: read_metrics(seed_folder(output, seed)) for seed in seeds})
    write_aside(output / SUMMARY_FILE, json_text(summary, indent=2) + "\n")
    return summary


def summarize_scores(metrics: Mapping[int, Metrics]) -> SeedsSummary:
    """Mean and spread over the metrics of some seeds, at least one."""
    losses = {seed: measured.log_loss.value for seed, measured in metrics.items() if measured.log_loss is not None}
    return SeedsSummary(
        list(metrics),
        next(iter(metrics.values())).data,
        accuracy=Spread.of({seed: measured.accuracy.value for seed, measured in metrics.items()}),
        macro_f1=Spread.of({seed: measured.macro_f1.value for seed, measured in metrics.items()}),
        weighted_f1=Spread.of({seed: measured.weighted_f1.value for seed, measured in metrics.items()}),
        log_loss=Spread.of(losses) if len(losses) == len(metrics) else None,
    )
