"""A process that claims points of a search and trains them until none is left."""

from __future__ import annotations

import dataclasses
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
import optuna
from optuna.trial import TrialState

from emotion_core.errors import EmotionError, short_reason
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.runs.typed_json import to_json
from emotion_core.training.progress import Epoch, TrainingProgress
from emotion_rnn.search.job import Job, open_study
from emotion_rnn.search.patience import STORAGE_FAULTS
from emotion_rnn.search.points import ERROR, RESULT, PointResult, claim, ended_points, release, take_back_stale
from emotion_rnn.search.storage import GRACE_SECONDS, HEARTBEAT_SECONDS, quiet_libraries

if TYPE_CHECKING:
    from emotion_rnn.plan import Point
    from emotion_rnn.search.patience import PatientStorage
    from emotion_rnn.training.texts import Prepared

IDLE_SECONDS = 2.0
LOG_RATIO = 10
"""Bounds this far apart are searched on a logarithmic scale by the TPE sampler."""


def work(job: Job, study_name: str, number: int, worker: str, problems: SimpleQueue[str]) -> None:
    """Claim points and train them until all points of the search are finished, here or elsewhere.

    Args:
        job: the search.
        study_name: of the search in its storage.
        number: of the worker, from 0.
        worker: a name that no other worker has.
        problems: takes a message when the worker cannot begin.
    """
    with quiet_libraries():
        _work(job, study_name, number, worker, problems)


def _work(job: Job, study_name: str, number: int, worker: str, problems: SimpleQueue[str]) -> None:
    try:
        from emotion_rnn.network.backend import tf, use
        from emotion_rnn.training.texts import prepare

        tf.get_logger().setLevel("ERROR")  # a search makes many networks, and TensorFlow wonders why
        use(job.computing, job.seed)
        study, storage = open_study(job, study_name, number, patient=True)
        prepared = prepare(job.dataset, job.phase.settings, job.vectors, job.seed, quiet=True)
    except EmotionError as error:
        problems.put(str(error))
        return
    try:
        _train_points(job, prepared, study, storage, worker)
    except SystemExit:  # a signal: the point is free for another worker at once
        with suppress(*STORAGE_FAULTS):
            release(study, storage, worker, job.points())
        raise
    except STORAGE_FAULTS:  # the process that started this one tells what is wrong, or puts another in its place
        sys.exit(1)


def _train_points(job: Job, prepared: Prepared, study: optuna.Study, storage: PatientStorage, worker: str) -> None:
    points = job.points()
    while len(ended_points(study, points)) < len(points):
        trial = claim(study, storage, worker, points)
        if trial is None:  # the rest is being trained elsewhere, and comes back if it dies there
            time.sleep(IDLE_SECONDS)
            if not storage.was_away(GRACE_SECONDS):  # else living workers may still be silent
                take_back_stale(study, points)
            continue
        # A worker that was silent for too long, on a machine that slept, has lost its point to another.
        with _heartbeat(storage, trial._trial_id), suppress(optuna.exceptions.UpdateFinishedTrialError):
            run_point(job, prepared, study, trial)


def run_point(job: Job, prepared: Prepared, study: optuna.Study, trial: optuna.Trial) -> None:
    """Train one point and store its figures, or its error."""
    try:
        result = _train(job, prepared, trial)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED, skip_if_finished=True)
    except (optuna.exceptions.UpdateFinishedTrialError, *STORAGE_FAULTS):  # of the storage, not of the training
        raise
    except Exception as error:  # whatever a training raises is kept with its point, and the others go on
        trial.set_user_attr("traceback", traceback.format_exc())
        trial.set_user_attr(ERROR, f"{type(error).__name__}: {short_reason(error)}")
        study.tell(trial, state=TrialState.FAIL, skip_if_finished=True)
    else:
        trial.set_user_attr(RESULT, to_json(result))
        study.tell(trial, result.macro_f1, skip_if_finished=True)


def _train(job: Job, prepared: Prepared, trial: optuna.Trial) -> PointResult:
    from emotion_rnn.architectures import ARCHITECTURES
    from emotion_rnn.network.backend import keras, quiet_tracing, use_seed
    from emotion_rnn.training.train import train_network, validation_batches

    started = time.perf_counter()
    keras.utils.clear_session()
    use_seed(job.seed)
    settings = job.phase.at(suggest(job, trial))
    display = PrunableProgress(settings.epochs, trial)
    network = train_network(ARCHITECTURES[job.architecture], settings, prepared, job.seed, display)
    validation = validation_batches(prepared)
    with quiet_tracing():
        batches = [(labels.numpy(), network.predict_on_batch(ids)) for ids, labels in validation]
    labels, probabilities = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    scores = scores_of(confusion_matrix(labels, probabilities.argmax(axis=1)))
    return PointResult(
        macro_f1=float(scores["macro_f1"]),
        accuracy=float(scores["accuracy"]),
        val_loss=float(network.evaluate(validation, verbose=0, return_dict=True)["loss"]),
        epochs=len(display.history),
        seconds=round(time.perf_counter() - started, 2),
        settings=dataclasses.asdict(settings),
    )


def suggest(job: Job, trial: optuna.Trial) -> Point:
    """The values of a trial: those of its point, else what the sampler chooses within the bounds of the grid."""
    values: Point = {}
    for name, choices in job.phase.grid.items():
        low, high = min(choices), max(choices)
        if job.sampler == "grid":
            values[name] = trial.suggest_categorical(name, choices)
        elif isinstance(low, int):
            values[name] = trial.suggest_int(name, low, high, log=high >= LOG_RATIO * low)
        else:
            values[name] = trial.suggest_float(name, low, high, log=high > LOG_RATIO * low)
    return values


class PrunableProgress(TrainingProgress):
    """Reports the validation accuracy of each epoch to the pruner, and shows nothing."""

    def __init__(self, epochs: int, trial: optuna.Trial) -> None:
        super().__init__(epochs, quiet=True)
        self._trial = trial

    def end_epoch(self, epoch: int, metrics: Epoch) -> None:
        """Record the epoch; raises TrialPruned when the training is hopeless."""
        super().end_epoch(epoch, metrics)
        self._trial.report(metrics["val_accuracy"], epoch)
        if self._trial.should_prune():
            raise optuna.TrialPruned


@contextmanager
def _heartbeat(storage: PatientStorage, trial_id: int) -> Iterator[None]:
    """Say regularly that the worker of a trial lives."""

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            with suppress(*STORAGE_FAULTS):  # the next beat may reach the storage again
                storage.beat(trial_id)

    ended = threading.Event()
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
