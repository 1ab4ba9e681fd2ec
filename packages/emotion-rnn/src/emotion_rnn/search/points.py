"""The points of a search in its storage: every one is run to its end exactly once, whatever dies.

A search has a fixed number of points, and the storage holds trials of them. A worker claims a waiting trial in one
transaction. When its process dies, the trial fails without an error and the point gets a new trial; when the training
itself raises, the trial keeps the error and the point rests until somebody asks for a retry. Two processes that add a
trial for the same point at once do no harm: of two trials of one point only the older is run.
"""

from __future__ import annotations

import warnings
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
from optuna.trial import FrozenTrial, TrialState

from emotion_core.runs.record_parts import Settings
from emotion_core.runs.typed_json import from_json
from emotion_rnn.plan import Point

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

POINT, WORKER, ERROR, RESULT, SURPLUS = "point", "worker", "error", "result", "surplus"
"""What is attached to a trial: number of its point, who runs it, why it failed, its figures, and whether another trial
of the same point made it needless."""

RESULT_FIGURES = ("macro_f1", "accuracy", "val_loss", "epochs", "seconds")


@dataclass(frozen=True)
class PointResult:
    """What the training of a point gave, as its trial keeps it: figures on validation, and all its settings."""

    macro_f1: float
    accuracy: float
    val_loss: float
    epochs: int
    seconds: float
    settings: Settings

    @classmethod
    def of(cls, trial: FrozenTrial) -> PointResult | None:
        """The result of a trial, None where it has none."""
        found = trial.user_attrs.get(RESULT)
        return None if found is None else from_json(cls, found, Path(f"trial {trial.number}"))


MAX_DEATHS = 3
"""A point that killed so many workers is counted as failed; it would kill all others too."""

DONE = (TrialState.COMPLETE, TrialState.PRUNED)
LIVE = (*DONE, TrialState.WAITING, TrialState.RUNNING)


def trials_by_point(study: optuna.Study) -> dict[int, list[FrozenTrial]]:
    """The trials of each point, oldest first, without the needless ones."""
    found: dict[int, list[FrozenTrial]] = {}
    for trial in study.get_trials(deepcopy=False):
        if SURPLUS not in trial.user_attrs and POINT in trial.user_attrs:
            found.setdefault(trial.user_attrs[POINT], []).append(trial)
    return found


def deciding_trials(study: optuna.Study) -> dict[int, FrozenTrial]:
    """The trial that tells how each point stands: the oldest live one, else the last."""
    return {
        point: next((trial for trial in trials if trial.state in LIVE), trials[-1])
        for point, trials in trials_by_point(study).items()
    }


def add_missing(study: optuna.Study, points: Mapping[int, Point]) -> None:
    """Add a waiting trial for each point that has none, and for each whose worker died.

    Args:
        study: of the search.
        points: hyperparameters of each point by its number; an empty point leaves them to the sampler.
    """
    standing = deciding_trials(study)
    for number, point in points.items():
        trial = standing.get(number)
        if trial is not None and (trial.state in LIVE or ERROR in trial.user_attrs):
            continue
        if _deaths(trials_by_point(study).get(number, [])) < MAX_DEATHS:
            study.enqueue_trial(point, user_attrs={POINT: number})
        else:
            error = f"its worker died {MAX_DEATHS} times"
            attributes = {POINT: number, ERROR: error}
            study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL, user_attrs=attributes))


def _deaths(trials: Sequence[FrozenTrial]) -> int:
    """How many trials of a point have ended without an error, that is with their worker, since the last error."""
    errors = [number for number, trial in enumerate(trials, start=1) if ERROR in trial.user_attrs]
    return len(trials) - (errors[-1] if errors else 0)


def retry_failed(study: optuna.Study, points: Mapping[int, Point]) -> int:
    """Add a waiting trial for each point that failed with an error; returns how many there were."""
    failed = [
        number for number, trial in deciding_trials(study).items() if ERROR in trial.user_attrs and number in points
    ]
    for number in failed:
        study.enqueue_trial(points[number], user_attrs={POINT: number})
    return len(failed)


def claim(study: optuna.Study, storage: RDBStorage, worker: str, points: Container[int]) -> optuna.Trial | None:
    """Take the next waiting trial of some points for a worker, or None when there is none."""
    study_id = storage.get_study_id_from_name(study.study_name)
    for waiting in study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
        if waiting.user_attrs[POINT] not in points:  # of a search that goes further than this one
            continue
        trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, waiting.number)
        storage.record_heartbeat(trial_id)  # before it runs: a running trial without one would never be missed
        try:
            if not storage.set_trial_state_values(trial_id, TrialState.RUNNING):
                continue
        except optuna.exceptions.UpdateFinishedTrialError:
            continue
        if _is_needless(study, waiting):
            storage.set_trial_user_attr(trial_id, SURPLUS, True)
            storage.set_trial_state_values(trial_id, TrialState.FAIL)
            continue
        storage.set_trial_user_attr(trial_id, WORKER, worker)
        return optuna.trial.Trial(study, trial_id)
    return None


def _is_needless(study: optuna.Study, waiting: FrozenTrial) -> bool:
    older = trials_by_point(study).get(waiting.user_attrs[POINT], [])
    return any(trial.state in LIVE and trial.number < waiting.number for trial in older)


def release(study: optuna.Study, storage: RDBStorage, worker: str, points: Mapping[int, Point]) -> None:
    """Put back what a worker that is known to be dead has left running."""
    study_id = storage.get_study_id_from_name(study.study_name)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if trial.user_attrs.get(WORKER) == worker:
            _fail(storage, storage.get_trial_id_from_study_id_trial_number(study_id, trial.number))
    add_missing(study, points)


def take_back_stale(study: optuna.Study, points: Mapping[int, Point]) -> None:
    """Put back what workers have left running that have been silent for too long, wherever they were."""
    with warnings.catch_warnings():  # is experimental, and has kept its form for years
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)
    add_missing(study, points)


def _fail(storage: RDBStorage, trial_id: int) -> None:
    # A trial that is finished had ended after all, or another process was faster.
    with suppress(optuna.exceptions.UpdateFinishedTrialError):
        storage.set_trial_state_values(trial_id, TrialState.FAIL)


def ended_points(study: optuna.Study, points: Container[int]) -> dict[int, FrozenTrial]:
    """The deciding trial of each of some points that is done, or failed with an error."""
    return {
        point: trial
        for point, trial in deciding_trials(study).items()
        if point in points and (trial.state in DONE or (trial.state == TrialState.FAIL and ERROR in trial.user_attrs))
    }
