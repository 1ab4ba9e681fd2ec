"""The points of a search in a real SQLite storage: each is run to its end exactly once, whatever dies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import optuna
import pytest
import sqlalchemy
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from searches_for_tests import MANY_POINTS, Opened, claimed_by_two_processes, open_points, opened_by_processes

from emotion_rnn.plan import Point
from emotion_rnn.search.points import (
    ERROR,
    MAX_DEATHS,
    POINT,
    SURPLUS,
    WORKER,
    add_missing,
    claim,
    deciding_trials,
    ended_points,
    release,
    retry_failed,
    take_back_stale,
)
from emotion_rnn.search.report import wall_seconds
from emotion_rnn.search.storage import GRACE_SECONDS

POINTS: dict[int, Point] = {number: {"units": number + 2} for number in range(4)}
ONE, TWO = ({number: POINTS[number] for number in range(size)} for size in (1, 2))


def address_in(folder: Path) -> str:
    """The address of the SQLite file in a folder."""
    return f"sqlite:///{folder / 'search.db'}"


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A study without trials."""
    return open_points(address_in(tmp_path))


def take(opened: Opened, worker: str = "worker") -> optuna.Trial:
    """Claim a trial, of which there must be one."""
    trial = claim(*opened, worker, POINTS)
    assert trial is not None
    return trial


def units_of(trial: optuna.Trial) -> int:
    """The units that a claimed trial is told to train with."""
    return trial.suggest_categorical("units", [point["units"] for point in POINTS.values()])


def fail(study: optuna.Study, trial: optuna.Trial) -> None:
    """End a trial as a worker does whose training raised."""
    trial.set_user_attr(ERROR, "ValueError: units")
    study.tell(trial, state=TrialState.FAIL)


def states_of(study: optuna.Study, point: int) -> list[TrialState]:
    """The states of the trials of a point, oldest first, needless ones left out."""
    trials = [trial for trial in study.get_trials() if trial.user_attrs[POINT] == point]
    return [trial.state for trial in trials if SURPLUS not in trial.user_attrs]


def be_silent(storage: RDBStorage, worker: str, seconds: float) -> None:
    """Let the last sign of life of a worker be some seconds old."""
    ids = "SELECT trial_id FROM trial_user_attributes WHERE key = :key AND value_json = :worker"
    change = f"UPDATE trial_heartbeats SET heartbeat = datetime('now', :age) WHERE trial_id IN ({ids})"
    with storage.engine.begin() as connection:
        values = {"age": f"-{seconds} seconds", "key": WORKER, "worker": f'"{worker}"'}
        assert connection.execute(sqlalchemy.text(change), values).rowcount == 1


def test_each_point_gets_one_waiting_trial_with_its_values(opened: Opened) -> None:
    """A new search holds one waiting trial for each point, in order, with the hyperparameters of the point."""
    study, _ = opened
    add_missing(study, POINTS)
    trials = study.get_trials()
    assert [trial.user_attrs[POINT] for trial in trials] == [0, 1, 2, 3]
    assert [trial.system_attrs["fixed_params"] for trial in trials] == list(POINTS.values())
    assert {trial.state for trial in trials} == {TrialState.WAITING}


def test_a_point_that_stands_somewhere_gets_no_second_trial(opened: Opened) -> None:
    """Adding again adds nothing for points that wait, run, are done, are stopped early, or failed with an error."""
    study, _ = opened
    points = POINTS | {4: {"units": 6}}
    add_missing(study, points)
    study.tell(take(opened), 0.5)
    study.tell(take(opened), state=TrialState.PRUNED)
    fail(study, take(opened))
    take(opened)
    before = [trial.state for trial in study.get_trials()]
    assert len(set(before)) == len(points)
    add_missing(study, points)
    assert [trial.state for trial in study.get_trials()] == before


def test_a_claimed_trial_is_not_claimed_again(opened: Opened, tmp_path: Path) -> None:
    """Two workers that take turns get every point once, under their names, and then nothing."""
    other = open_points(address_in(tmp_path))
    add_missing(opened[0], POINTS)
    taken = [take(turn, worker) for turn, worker in ((opened, "a"), (other, "b"), (opened, "a"), (other, "b"))]
    assert [trial.user_attrs[POINT] for trial in taken] == [0, 1, 2, 3]
    assert [trial.user_attrs[WORKER] for trial in taken] == ["a", "b", "a", "b"]
    assert claim(*opened, "a", POINTS) is None
    assert claim(*other, "b", POINTS) is None


def test_a_search_of_fewer_points_leaves_the_others_alone(opened: Opened) -> None:
    """A search that is told to end earlier neither claims the points beyond its end nor counts them as its own."""
    study, _ = opened
    add_missing(study, POINTS)
    for _ in TWO:
        take(opened)
    for trial in (take(opened), take(opened)):
        study.tell(trial, 0.5)
    assert ended_points(study, TWO) == {}
    assert set(ended_points(study, POINTS)) == {2, 3}
    add_missing(study, MANY_POINTS)
    assert claim(*opened, "worker", POINTS) is None


def test_two_processes_never_claim_the_same_point(opened: Opened, tmp_path: Path) -> None:
    """Processes that claim from one SQLite file as fast as they can get disjoint points, together all of them."""
    add_missing(opened[0], MANY_POINTS)
    first, second = claimed_by_two_processes(address_in(tmp_path), adds=False)
    assert first
    assert second
    assert sorted(first + second) == list(range(len(MANY_POINTS)))


@pytest.mark.acceptance
def test_two_processes_that_both_add_the_points_run_each_once(opened: Opened, tmp_path: Path) -> None:
    """Processes that find an empty search at the same moment, and both fill it, still run every point once."""
    first, second = claimed_by_two_processes(address_in(tmp_path), adds=True)
    assert sorted(first + second) == list(range(len(MANY_POINTS)))
    assert all(states_of(opened[0], point) == [TrialState.COMPLETE] for point in range(len(MANY_POINTS)))


@pytest.mark.parametrize("finished", [False, True])
def test_of_two_waiting_trials_of_a_point_the_older_is_run(opened: Opened, finished: bool) -> None:
    """The newer trial of a point that runs or is done is never handed out, and is marked as needless."""
    study, _ = opened
    for _ in range(2):
        study.enqueue_trial(POINTS[0], user_attrs={POINT: 0})
    trial = take(opened)
    assert trial.number == 0
    if finished:
        study.tell(trial, 0.5)
    assert claim(*opened, "late", POINTS) is None
    newer = study.get_trials()[1]
    assert newer.user_attrs[SURPLUS] is True
    assert newer.state == TrialState.FAIL
    assert deciding_trials(study)[0].number == 0


@pytest.mark.parametrize("state", [TrialState.WAITING, TrialState.FAIL])
def test_a_point_with_a_result_is_done_whatever_comes_after(opened: Opened, state: TrialState) -> None:
    """A newer trial that waits, or that was lost with its worker, leaves a point done that has a result."""
    study, _ = opened
    add_missing(study, ONE)
    study.tell(take(opened), 0.5)
    study.add_trial(optuna.trial.create_trial(state=state, user_attrs={POINT: 0}))
    assert ended_points(study, POINTS)[0].value == 0.5
    add_missing(study, ONE)
    assert len(study.get_trials()) == 2


def test_a_needless_trial_is_no_failure_of_its_point(opened: Opened) -> None:
    """A point whose second trial was needless is run anew when its first dies, as often as any other."""
    study, storage = opened
    for _ in range(MAX_DEATHS + 1):
        study.enqueue_trial(POINTS[0], user_attrs={POINT: 0})
    take(opened, "dying")
    assert claim(*opened, "late", POINTS) is None
    release(study, storage, "dying", ONE)
    assert states_of(study, 0) == [TrialState.FAIL, TrialState.WAITING]


def test_the_point_of_a_dead_worker_comes_back_once(opened: Opened, tmp_path: Path) -> None:
    """Releasing a dead worker, even twice and by two processes, makes its point wait once; others keep theirs."""
    study, _ = opened
    add_missing(study, TWO)
    take(opened, "dead")
    take(opened, "alive")
    for known, keeper in (opened, opened, open_points(address_in(tmp_path))):
        release(known, keeper, "dead", TWO)
    assert states_of(study, 0) == [TrialState.FAIL, TrialState.WAITING]
    assert states_of(study, 1) == [TrialState.RUNNING]
    assert units_of(take(opened, "other")) == 2
    assert claim(*opened, "other", POINTS) is None


def test_a_point_that_kills_its_workers_fails_with_an_error(opened: Opened) -> None:
    """After MAX_DEATHS dead workers a point is not tried again, but counted as failed, and the error tells why."""
    study, storage = opened
    add_missing(study, ONE)
    for death in range(MAX_DEATHS):
        assert ended_points(study, POINTS) == {}
        take(opened, f"worker {death}")
        release(study, storage, f"worker {death}", ONE)
    assert claim(*opened, "next", POINTS) is None
    assert ended_points(study, POINTS)[0].user_attrs[ERROR] == f"its worker died {MAX_DEATHS} times"


def test_a_failed_point_rests_until_a_retry(opened: Opened) -> None:
    """A point whose training raised is ended and not handed out; a retry makes it wait again, and no other point."""
    study, _ = opened
    add_missing(study, TWO)
    fail(study, take(opened))
    study.tell(take(opened), 0.5)
    take_back_stale(study, TWO)
    assert claim(*opened, "worker", POINTS) is None
    assert set(ended_points(study, POINTS)) == {0, 1}
    assert retry_failed(study, TWO) == 1
    assert set(ended_points(study, POINTS)) == {1}
    again = take(opened)
    assert units_of(again) == 2
    assert claim(*opened, "worker", POINTS) is None
    study.tell(again, 0.6)
    assert ended_points(study, POINTS)[0].value == 0.6
    assert retry_failed(study, TWO) == 0


def test_a_retry_forgives_the_deaths_before_it(opened: Opened) -> None:
    """A point that failed by MAX_DEATHS dead workers, and is tried again, may lose as many workers once more."""
    study, storage = opened
    add_missing(study, ONE)
    for death in range(MAX_DEATHS):
        take(opened, f"worker {death}")
        release(study, storage, f"worker {death}", ONE)
    retry_failed(study, ONE)
    take(opened, "one more")
    release(study, storage, "one more", ONE)
    assert states_of(study, 0)[-1] == TrialState.WAITING


def test_a_stopped_point_is_done(opened: Opened) -> None:
    """A point that the pruner ended counts as ended, and a retry leaves it as it is."""
    study, _ = opened
    add_missing(study, ONE)
    study.tell(take(opened), state=TrialState.PRUNED)
    assert ended_points(study, POINTS)[0].state == TrialState.PRUNED
    assert retry_failed(study, ONE) == 0


def test_the_point_of_a_silent_worker_is_taken_back(opened: Opened, tmp_path: Path) -> None:
    """A worker without a sign of life for longer than the grace period loses its point, which another then gets."""
    study, storage = opened
    add_missing(study, ONE)
    take(opened, "silent")
    be_silent(storage, "silent", 2 * GRACE_SECONDS)
    other = open_points(address_in(tmp_path))
    take_back_stale(other[0], ONE)
    take_back_stale(study, ONE)
    assert states_of(study, 0) == [TrialState.FAIL, TrialState.WAITING]
    assert take(other, "other").user_attrs[POINT] == 0


def test_a_worker_that_was_silent_for_a_short_time_keeps_its_point(opened: Opened) -> None:
    """A worker whose last sign of life is younger than the grace period is left alone, also right after its claim."""
    study, storage = opened
    add_missing(study, TWO)
    take(opened, "new")
    take(opened, "slow")
    be_silent(storage, "slow", GRACE_SECONDS / 2)
    take_back_stale(study, TWO)
    assert [states_of(study, point) for point in (0, 1)] == [[TrialState.RUNNING], [TrialState.RUNNING]]


def test_the_result_of_a_worker_whose_point_was_taken_back_is_refused(opened: Opened) -> None:
    """A worker that was silent and lives after all cannot end its point a second time."""
    study, storage = opened
    add_missing(study, ONE)
    late = take(opened, "late")
    be_silent(storage, "late", 2 * GRACE_SECONDS)
    take_back_stale(study, ONE)
    study.tell(take(opened, "other"), 0.5)
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        late.set_user_attr("result", {})
    study.tell(late, 0.9, skip_if_finished=True)
    assert states_of(study, 0) == [TrialState.FAIL, TrialState.COMPLETE]
    assert ended_points(study, POINTS)[0].value == 0.5


@pytest.mark.acceptance
def test_processes_that_open_a_new_storage_at_once_all_can(tmp_path: Path) -> None:
    """Of processes that find an empty SQLite file at the same moment, each ends with an open storage."""
    assert opened_by_processes(address_in(tmp_path), 6) == ["opened"] * 6


def test_the_time_of_a_search_leaves_out_pauses_and_counts_parallel_points_once(opened: Opened) -> None:
    """Points that were trained side by side count once, and the time in which none was trained does not."""
    study, _ = opened
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for start, end in ((0, 10), (5, 12), (6, 8), (100, 105)):
        trial = optuna.trial.create_trial(value=0.5)
        trial.datetime_start, trial.datetime_complete = begin + timedelta(seconds=start), begin + timedelta(seconds=end)
        study.add_trial(trial)
    assert wall_seconds(study) == 17.0
