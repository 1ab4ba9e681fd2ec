"""Trainings of several seeds in processes of their own, whose lines stand below each other with the seed in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from emotion_core.errors import RunError, short_reason
from emotion_core.runs.metrics import Metrics
from emotion_core.system.workers import Lines, process_pool
from emotion_core.training.bar import GAP, Bar, room

TrainOne = Callable[[Path, int], Metrics | None]
"""Trains into a run folder with a seed, and returns the metrics in the process that writes them."""


def train_side_by_side(train_one: TrainOne, folders: Mapping[int, Path], workers: int, *, quiet: bool) -> None:
    """Train once with each seed.

    Args:
        train_one: can be sent to another process.
        folders: the run folders to make, by seed.
        workers: processes, each of which trains one seed at a time.
        quiet: no bar.

    Raises:
        RunError: a worker was killed.
        EmotionError: a training failed, after those that had begun are done.
    """
    output = next(iter(folders.values())).parent
    killed = RunError(f"{output}: a training process was killed. The finished seeds are kept; run the command again.")
    bar, width = Bar(quiet=quiet), room()
    bar.start("Seeds", len(folders))
    try:
        with process_pool(workers, died=killed, tasks_per_worker=1, say=bar.say) as submit:
            waiting, running = dict(folders), dict[Future[Metrics | None], int]()
            while waiting or running:
                # No more are handed over than are trained at once: what waits in the pool cannot be taken back.
                while waiting and len(running) < workers:
                    seed = next(iter(waiting))
                    running[submit(_train_and_say, train_one, waiting.pop(seed), seed, width)] = seed
                for training in wait(running, return_when=FIRST_COMPLETED).done:
                    seed = running.pop(training)
                    _tell_failure(training, folders[seed], len(running), bar)
                    training.result()
                    bar.advance()
    finally:
        bar.stop()


def _train_and_say(train_one: TrainOne, output: Path, seed: int, width: int | None) -> Metrics | None:
    """In a worker: train, with the seed before each line."""
    Lines.begin(f"Seed {seed}{GAP}", width)
    return train_one(output, seed)


def _tell_failure(training: Future[Metrics | None], run: Path, n_running: int, bar: Bar) -> None:
    """Say at once that a training failed, where the error itself comes only when the others have ended."""
    error = training.exception()
    if error is not None and n_running and not isinstance(error, BrokenProcessPool):
        bar.say(
            f"{run}: failed ({short_reason(error)}). No further seed is started. The command ends when the seeds that "
            f"are still training ({n_running}) are done, which keeps their runs; Ctrl+C ends them."
        )
