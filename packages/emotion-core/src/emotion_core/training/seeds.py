"""The same training with several seeds: one run folder each, and the mean and spread of their figures."""

from __future__ import annotations

import json
import multiprocessing
import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import click

from emotion_core.errors import RunError, short_reason
from emotion_core.runs.definition import Definition, is_complete
from emotion_core.runs.folder import METRICS_FILE, read_json, write_aside
from emotion_core.system.processes import is_first_process
from emotion_core.training.progress import progress_bar

SUMMARY_FILE = "seeds.json"
SUMMARIZED = ("accuracy", "macro_f1", "weighted_f1", "log_loss")

TrainOne = Callable[[Path, int], dict[str, Any]]
"""Trains into a run folder with a seed, and returns the metrics."""


def seed_folder(output: Path, seed: int) -> Path:
    """The run folder of one seed."""
    return output / f"seed-{seed}"


def train_seeds(
    train_one: TrainOne,
    output: Path,
    seeds: Sequence[int],
    *,
    definition: Definition,
    workers: int = 1,
    keep: bool = True,
    replace: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Train once with each seed and summarize.

    Args:
        train_one: with several workers, something that can be sent to another process.
        output: gets a run folder for each seed and ``seeds.json``.
        seeds: of the trainings.
        definition: what decides the result of each training but for the seed.
        workers: processes.
        keep: take runs that are complete already, and are what is asked for, as they are.
        replace: train those anew that are not what is asked for.
        quiet: no progress.

    Returns:
        The summary: for each of `SUMMARIZED` the mean, the standard deviation (None for one seed), the lowest and
        highest value, and the values by seed.

    Raises:
        RunError: a run is another one than is asked for, a worker was killed, or a run cannot be written.
    """
    missing = [] if keep else list(seeds)
    for seed in seeds if keep else ():
        if not is_complete(seed_folder(output, seed), {**definition, "seed": seed}, replace=replace):
            missing.append(seed)
        elif not quiet and is_first_process():
            click.echo(f"{seed_folder(output, seed)}: complete already", err=True)
    if workers == 1 or len(missing) < 2:
        for seed in missing:
            train_one(seed_folder(output, seed), seed)
    else:
        _train_side_by_side(train_one, output, missing, workers, quiet=quiet)
    return summarize_seeds(output, seeds)


def _train_side_by_side(train_one: TrainOne, output: Path, seeds: list[int], workers: int, *, quiet: bool) -> None:
    spawn = multiprocessing.get_context("spawn")  # neither TensorFlow nor torch survives a fork
    with (
        ProcessPoolExecutor(workers, mp_context=spawn, max_tasks_per_child=1) as pool,
        progress_bar("Seeds", len(seeds), quiet=quiet) as advance,
    ):
        waiting, running = list(seeds), dict[Future[dict[str, Any]], int]()
        try:
            while waiting or running:
                # No more are handed over than are trained at once: what waits in the pool cannot be taken back.
                while waiting and len(running) < workers:
                    seed = waiting.pop(0)
                    running[pool.submit(train_one, seed_folder(output, seed), seed)] = seed
                for training in wait(running, return_when=FIRST_COMPLETED).done:
                    seed = running.pop(training)
                    _tell_failure(training, seed_folder(output, seed), len(running))
                    training.result()
                    advance(1)
        except BrokenProcessPool as error:
            raise RunError(
                f"{output}: a training process was killed. The finished seeds are kept; run the command again."
            ) from error


def _tell_failure(training: Future[dict[str, Any]], run: Path, n_running: int) -> None:
    """Say at once that a training failed, where the error itself comes only when the others have ended."""
    error = training.exception()
    if error is not None and n_running and not isinstance(error, BrokenProcessPool):
        click.echo(
            f"{run}: failed ({short_reason(error)}). No further seed is started. The command ends when the seeds that "
            f"are still training ({n_running}) are done, which keeps their runs; Ctrl+C ends them.",
            err=True,
        )


def summarize_seeds(output: Path, seeds: Sequence[int]) -> dict[str, Any]:
    """Mean and spread over the runs of some seeds, also written to ``seeds.json``.

    Raises:
        RunError: a run is missing or damaged.
    """
    summary = summarize_scores({seed: read_json(seed_folder(output, seed), METRICS_FILE) for seed in seeds})
    write_aside(output / SUMMARY_FILE, json.dumps(summary, indent=2) + "\n")
    return summary


def summarize_scores(metrics: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """Mean and spread of `SUMMARIZED` over the metrics of some seeds."""
    summary: dict[str, Any] = {"seeds": list(metrics), "data": next(iter(metrics.values()))["data"]}
    for name in SUMMARIZED:
        values = {str(seed): scores[name]["value"] for seed, scores in metrics.items()}
        summary[name] = {
            "mean": statistics.fmean(values.values()),
            "sd": statistics.stdev(values.values()) if len(values) > 1 else None,
            "low": min(values.values()),
            "high": max(values.values()),
            "values": values,
        }
    return summary


def spread_line(summary: dict[str, Any]) -> str:
    """Mean, standard deviation and range of accuracy and macro-F1, in one line."""
    parts = []
    for title, name in (("accuracy", "accuracy"), ("macro-F1", "macro_f1")):
        score = summary[name]
        deviation = f" ± {score['sd']:.4f}" if score["sd"] is not None else ""
        parts.append(f"{title} {score['mean']:.4f}{deviation} ({score['low']:.4f} to {score['high']:.4f})")
    return f"{len(summary['seeds'])} seeds, {summary['data']['split']}: " + ", ".join(parts)
