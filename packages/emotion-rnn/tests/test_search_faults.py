"""A storage that fails, for real: whatever SQLAlchemy and Optuna raise then, the user gets one message that helps."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import optuna
import pytest
import sqlalchemy
from click.testing import CliRunner
from conftest import TINY
from searches_for_tests import MANY_POINTS, PATIENCE_SECONDS, Opened, open_points

from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_rnn.cli.main import main
from emotion_rnn.network.options import Computing
from emotion_rnn.plan import Phase
from emotion_rnn.search import patience, storage, worker
from emotion_rnn.search.folder import embedded_storage
from emotion_rnn.search.job import Job, open_study
from emotion_rnn.search.patience import STORAGE_FAULTS
from emotion_rnn.search.points import ERROR, add_missing, claim
from emotion_rnn.search.storage import open_storage, quiet_libraries, telling_faults
from emotion_rnn.search.worker import run_point
from emotion_rnn.training.texts import prepare


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes wait for their turn at a SQLite file for a moment only."""
    monkeypatch.setattr(storage, "LOCK_SECONDS", 0.01)


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else holds the lock of a SQLite file."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield other
    finally:
        other.close()


def query(path: Path, statement: str) -> list[tuple[int]]:
    """What a statement finds in a SQLite file."""
    with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as connection, connection:
        return connection.execute(statement).fetchall()


def tiny_job(folder: Path, data: Dataset) -> Job:
    """A search of one point, with its storage in a folder."""
    return Job(
        "gru",
        Phase("grid", "Tiny", TINY, {"units": (2,)}),
        data,
        None,
        Computing(threads=1),
        7,
        embedded_storage(folder),
    )


@pytest.fixture
def opened(impatient: None, tmp_path: Path) -> Opened:
    """A study in a SQLite file."""
    return open_points(embedded_storage(tmp_path))


def take(opened: Opened) -> optuna.Trial:
    """A claimed trial of the one point there is."""
    points = {0: {"units": 2}}
    add_missing(opened[0], points)
    trial = claim(*opened, "worker", points)
    assert trial is not None
    return trial


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    """Nobody listening is told with the form of an address of PostgreSQL."""
    with pytest.raises(RunError, match="postgresql://USER:PASSWORD@HOST/DATABASE") as caught:
        open_storage("postgresql://ann:secret@127.0.0.1:1/emotion")
    assert "secret" not in str(caught.value)


def test_what_is_no_address_is_told_with_the_form_of_one() -> None:
    """A path in the place of an address is a mistake in --storage."""
    with pytest.raises(RunError, match="--storage: found no address of a database, expected postgresql://USER"):
        open_storage("search.db")


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The message has the path and the reason; who has a file is not told of PostgreSQL."""
    with pytest.raises(RunError, match=r"absent/search\.db: the storage cannot be used \(unable to open") as caught:
        open_storage(embedded_storage(tmp_path / "absent"))
    assert "postgresql" not in str(caught.value)


def test_the_remarks_of_optuna_are_hidden_within_a_search_only(tmp_path: Path) -> None:
    """A storage that is opened leaves the level of Optuna's messages to the calling program, as a search does."""
    optuna.logging.set_verbosity(optuna.logging.INFO)
    open_storage(embedded_storage(tmp_path))
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
    with quiet_libraries():
        assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


@pytest.mark.parametrize("damage", ["cut short", "zeros inside", "no database"])
def test_a_damaged_storage_is_called_damaged(opened: Opened, tmp_path: Path, damage: str) -> None:
    """It is named, with the table that the search wrote beside it."""
    path, table = tmp_path / "search.db", tmp_path / "trials.csv"
    opened[1].engine.dispose()
    whole = path.read_bytes()
    middle = len(whole) // 2
    harmed = {
        "cut short": whole[:middle],
        "zeros inside": whole[:4096] + bytes(len(whole) - 4096),
        "no database": b"\0" * 4096,
    }
    path.write_bytes(harmed[damage])
    table.touch()
    with pytest.raises(RunError, match=r"search\.db: is damaged") as caught:
        open_points(embedded_storage(tmp_path))
    assert str(table) in str(caught.value)


def test_a_database_of_another_program_is_told(tmp_path: Path, small_data: Dataset) -> None:
    """What Optuna makes of tables that are not its own is one message with the file."""
    with sqlite3.connect(tmp_path / "search.db") as other:
        other.execute("CREATE TABLE studies (title TEXT)")
    job = tiny_job(tmp_path, small_data)
    with pytest.raises(RunError, match=r"search\.db: the storage cannot be used \(table studies"):
        open_study(job, job.study_name())


def test_a_command_whose_storage_is_locked_ends_with_one_message(
    opened: Opened, small_data: Dataset, tmp_path: Path
) -> None:
    """emotion-rnn search says who is in the way, and exit code 2."""
    data = tmp_path / "data"
    data.mkdir()
    for name, split in small_data.splits.items():
        split.frame().to_csv(data / f"{name}.csv", index=False)
    arguments = ["search", "gru", "--data", data, "--train-embedding", "--output", tmp_path / "search", "--quiet"]
    with locked(tmp_path / "search.db"):
        told = CliRunner().invoke(main, [*map(str, arguments), "--storage", embedded_storage(tmp_path)])
    assert (told.exit_code, told.stderr.count("Error: ")) == (2, 1), told.output
    assert "search.db: another process has locked it" in told.stderr


def test_a_lock_in_the_middle_of_a_search_is_told(opened: Opened, tmp_path: Path) -> None:
    """What Optuna wraps into an error of its own is told like what SQLAlchemy raises."""
    with (
        locked(tmp_path / "search.db"),
        pytest.raises(RunError, match=r"another process has locked it.*--resume"),
        telling_faults(embedded_storage(tmp_path)),
    ):
        opened[0].get_trials()


def test_what_sqlalchemy_raises_itself_is_told(opened: Opened, tmp_path: Path) -> None:
    """An error that Optuna passes on as it is becomes the same message."""
    with (
        locked(tmp_path / "search.db"),
        pytest.raises(RunError, match="another process has locked it"),
        telling_faults(embedded_storage(tmp_path)),
        opened[1].engine.begin(),
    ):
        pass


def test_a_patient_storage_outlasts_an_outage(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call that fails is made again when the storage is back; the user is told once, and that it is back."""
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    study, opened_storage = opened
    add_missing(study, MANY_POINTS)
    opened_storage.patience_seconds = PATIENCE_SECONDS
    with locked(tmp_path / "search.db") as other:
        failures: list[object] = []
        sqlalchemy.event.listen(opened_storage.engine, "handle_error", failures.append)
        sqlalchemy.event.listen(opened_storage.engine, "handle_error", lambda _: len(failures) > 2 and other.close())
        trial = claim(study, opened_storage, "worker", MANY_POINTS)
    assert trial is not None
    assert opened_storage.was_away(PATIENCE_SECONDS)
    told = capsys.readouterr().err
    assert (told.count("does not answer (database is locked). Trying"), told.count("answers again")) == (1, 1)


def test_a_connection_lost_between_the_queries_of_a_call_is_an_outage(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Optuna asks once more within the transaction that has ended with the connection; the call is made again whole."""
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    study, opened_storage = opened
    add_missing(study, MANY_POINTS)
    opened_storage.patience_seconds = PATIENCE_SECONDS
    lost: list[str] = []

    def lose(connection: sqlalchemy.Connection, _cursor: object, statement: str, *_: object) -> None:
        if "FROM trial_user_attributes" in statement and not lost:
            lost.append(statement)
            connection.invalidate()
            raise sqlalchemy.exc.OperationalError(statement, {}, Exception("the server closed the connection"))

    sqlalchemy.event.listen(opened_storage.engine, "before_cursor_execute", lose)
    assert len(study.get_trials(deepcopy=False)) == len(MANY_POINTS)
    assert lost


def test_patience_has_an_end(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the call raises what it met, as it does at once where no patience is asked for."""
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    study, opened_storage = opened
    opened_storage.patience_seconds = 0.05
    with locked(tmp_path / "search.db"), pytest.raises(STORAGE_FAULTS):
        study.get_trials()


def test_damage_is_no_outage(opened: Opened, tmp_path: Path) -> None:
    """What waiting cannot mend is told at once."""
    opened[1].patience_seconds = PATIENCE_SECONDS
    opened[1].engine.dispose()
    (tmp_path / "search.db").write_bytes(b"no database" * 1000)
    with pytest.raises(RunError, match="is damaged"), telling_faults(embedded_storage(tmp_path)):
        opened[0].get_trials()


@pytest.mark.parametrize("name", ["why?", "50 % done", "#1", "a&b=c", "{SCHEMA_VERSION}", "\u00e9t\u00e9", "a%41b"])
def test_a_storage_lies_in_its_folder_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    """Signs that mean something in an address are part of the path, also in messages."""
    folder = tmp_path / name
    folder.mkdir()
    open_points(embedded_storage(folder))[1].engine.dispose()
    assert [path.name for path in folder.iterdir()] == ["search.db"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    (folder / "search.db").write_bytes(b"no database" * 1000)
    with pytest.raises(RunError) as caught:
        open_storage(embedded_storage(folder))
    assert str(folder / "search.db") in str(caught.value)


def test_the_heartbeat_outlives_a_beat_that_fails(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose sign of life met a lock gives the next one, so that its point is not taken away."""
    trial, failed, opened_storage = take(opened), threading.Event(), opened[1]
    sqlalchemy.event.listen(opened_storage.engine, "handle_error", lambda _: failed.set())
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.01)
    path, beats = tmp_path / "search.db", 0
    with worker._heartbeat(opened_storage, trial._trial_id):
        with locked(path):
            assert failed.wait(PATIENCE_SECONDS)
        query(path, "UPDATE trial_heartbeats SET heartbeat = '2001-01-01 00:00:00'")
        end = time.monotonic() + PATIENCE_SECONDS
        while not beats and time.monotonic() < end:
            ((beats,),) = query(path, "SELECT count(*) FROM trial_heartbeats WHERE heartbeat > '2002-01-01'")
            time.sleep(0.01)
    assert beats == 1


def test_a_point_does_not_fail_when_the_storage_does(opened: Opened, small_data: Dataset, tmp_path: Path) -> None:
    """A lock during a training is no error of the point, which stays to be trained again."""
    job = tiny_job(tmp_path, small_data)
    study, opened_storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    trial = claim(study, opened_storage, "worker", job.points())
    assert trial is not None
    prepared = prepare(job.dataset, job.phase.settings, None, job.seed, quiet=True)
    with locked(tmp_path / "search.db") as other:
        sqlalchemy.event.listen(opened_storage.engine, "handle_error", lambda _: other.close())
        with pytest.raises(STORAGE_FAULTS):
            run_point(job, prepared, study, trial)
    assert ERROR not in study.get_trials()[0].user_attrs
