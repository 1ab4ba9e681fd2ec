"""One process at a time writes a path, and what killed ones left is thrown away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emotion_core.errors import RunError
from emotion_core.system.claim import claimed, hidden, put_in_place
from shared_checks import HOLDER, writing_elsewhere


def test_a_second_process_is_told_that_the_path_is_being_written(tmp_path: Path) -> None:
    """The claim is refused, and what the first has written aside stays as it is."""
    path = tmp_path / "out.csv"
    with writing_elsewhere(path):
        with pytest.raises(RunError, match=r"out\.csv: another process is writing it"), claimed(path):
            pass
        assert hidden(path, "partial").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_waits_has_its_turn_when_the_first_is_killed(tmp_path: Path) -> None:
    """A claim ends with its process, and what that has written aside is thrown away."""
    path = tmp_path / "out.csv"
    with writing_elsewhere(path) as other:
        other.kill()
    assert hidden(path, "partial").exists()
    with claimed(path, wait=True) as aside:
        assert not aside.exists()
        aside.write_text("whole")
        put_in_place(aside, path)
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_a_path_is_claimed_once_however_it_is_spelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative and an absolute path of the same file are one claim."""
    monkeypatch.chdir(tmp_path)
    with (
        writing_elsewhere(tmp_path / "run"),
        pytest.raises(RunError, match="another process"),
        claimed(Path("run")),
    ):
        pass


def test_a_claim_within_a_claim_leaves_the_outer_one(tmp_path: Path) -> None:
    """What the outer block wrote aside outlives the inner block, and others are still kept out."""
    path = tmp_path / "run"
    with claimed(path) as aside:
        aside.mkdir()
        with claimed(path) as inner:
            assert inner == aside
            assert aside.is_dir()
        assert aside.is_dir()
        told = subprocess.run([sys.executable, "-c", HOLDER, str(path)], capture_output=True, text=True, check=False)
        assert "another process" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_being_replaced_when_the_kill_came_is_there_again(tmp_path: Path) -> None:
    """Between the two renames of a replacement no folder has the name; the next claim gives it back."""
    path = tmp_path / "run"
    hidden(path, "replaced").mkdir()
    (hidden(path, "replaced") / "old").touch()
    hidden(path, "partial").mkdir()
    with claimed(path):
        assert (path / "old").exists()
    assert os.listdir(tmp_path) == ["run"]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    """Nothing of the old folder is left, in it or beside it."""
    path = tmp_path / "run"
    path.mkdir()
    (path / "old").touch()
    with claimed(path) as aside:
        aside.mkdir()
        (aside / "new").touch()
        put_in_place(aside, path)
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")] == ["run", "run/new"]


def test_a_file_does_not_take_the_place_of_a_folder(tmp_path: Path) -> None:
    """It is refused, and the folder keeps what it has."""
    path = tmp_path / "out.csv"
    (path / "kept").mkdir(parents=True)
    with claimed(path) as aside:
        aside.write_text("rows")
        with pytest.raises(IsADirectoryError):
            put_in_place(aside, path)
    assert [file.name for file in path.iterdir()] == ["kept"]
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
