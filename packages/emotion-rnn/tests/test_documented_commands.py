"""The commands that the pages show: emotion-rnn takes each of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emotion_core.data.published.manifests import manifest
from emotion_rnn.architectures import PHASES, STUDIES
from emotion_rnn.cli.main import main
from emotion_rnn.cli.study import gru, lstm
from executed_pages import executed, lay_out, replaced, run_pages, without
from page_commands import Command, check_script, documented_commands, faults, scripts

ROOT = Path(__file__).parents[3]
COMMANDS = documented_commands(ROOT)
PROGRAMS = {"emotion-rnn": main, "emotion_rnn.LSTM": lstm, "emotion_rnn.GRU": gru}
PARTS = (
    ("docs/guides/search.md", "packages/emotion-rnn/README.md"),
    ("docs/results.md",),
    (
        "README.md",
        "docs/start.md",
        "docs/guides/data.md",
        "docs/guides/rnn.md",
        "docs/guides/compress.md",
        "docs/guides/compare.md",
    ),
)
"""Pages whose commands follow each other in one folder, so that several processes share the pages."""
OURS = [command for command in COMMANDS if command.program in PROGRAMS]


def test_emotion_rnn_takes_its_commands() -> None:
    """The options, choices and arguments of each exist."""
    assert {command.program for command in OURS} == set(PROGRAMS)
    assert faults(OURS, PROGRAMS) == []


def test_every_page_with_commands_is_in_a_part() -> None:
    """So that each command that has no mark is executed."""
    assert {command.page for command in executed(COMMANDS, PROGRAMS)} == {page for part in PARTS for page in part}


@pytest.mark.parametrize("command", scripts(COMMANDS, "emotion_rnn", ROOT), ids=lambda command: command.place)
def test_the_scripts_take_their_commands(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each script exists and knows the options it is shown with."""
    check_script(command, ROOT, monkeypatch)


def local_vectors(name: str) -> str:
    """A file instead of the name of vectors that would be downloaded."""
    return name if Path(name).exists() or "file" in manifest("glove").get(name, {}) else f"{name}.txt"


def cheap(words: list[str]) -> list[str]:
    """Few units, epochs, seeds and points, in this process, whose first training settles the number of threads."""
    words = replaced(words, "--glove", local_vectors)
    alone = without(words, "--workers", "--threads")
    if words[0] == "search":
        return [*alone, "--max-trials", "1", "--epochs", "1"]
    if words[0] in main.commands and words[0] != "train":
        return words
    few = [*without(alone, "--seeds"), "--seeds", "1"]
    if words[0] != "train":  # a study
        return few
    frozen = {"--frozen-epochs", "--recipe"} & set(words)
    short = ["--frozen-epochs", "1", "--epochs", "2"] if frozen else ["--epochs", "1"]
    return [*without(few, "--epochs", "--frozen-epochs"), *short, "--units", "4"]


def shrink_studies(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point for each phase of a study, and few epochs for its final model."""
    for phase in PHASES.values():
        for name, values in phase.grid.items():
            monkeypatch.setitem(phase.grid, name, values[:1])
    for study in STUDIES.values():
        few = {"epochs": 2, "frozen_epochs": 1}
        for name in few.keys() & study.final.keys():
            monkeypatch.setitem(study.final, name, few[name])


@pytest.fixture
def folder(tmp_path: Path, gru_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with what the pages presume, vectors and a run included."""
    lay_out(tmp_path)
    shutil.copytree(gru_run, tmp_path / "runs" / "gru")
    for name, dimension in (("glove.twitter.27B.25d.txt", 25), ("glove.twitter.27B.100d.txt", 100), ("GLOVE_FILE", 25)):
        vectors = "".join(f"{word} {'0.1 ' * (dimension - 1)}0.2\n" for word in ("i", "the", "day", "feel"))
        (tmp_path / name).write_text(vectors, encoding="utf-8")
    shrink_studies(monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.mark.acceptance
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("pages", PARTS, ids=lambda pages: Path(pages[0]).stem)
def test_the_commands_of_emotion_rnn_end_well(pages: tuple[str, ...]) -> None:
    """Each that has no mark is executed, in the order of the pages."""
    assert run_pages(executed(COMMANDS, PROGRAMS, pages), PROGRAMS, cheap) == []


@pytest.mark.acceptance
@pytest.mark.usefixtures("folder")
def test_the_commands_that_need_a_database_end_well(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is marked as needing a database server is executed where PostgreSQL is installed."""
    monkeypatch.setenv("EMOTION_STORAGE", database)
    (command,) = executed(COMMANDS, PROGRAMS, mark="needs a database server")
    assert run_pages([command], PROGRAMS, cheap) == []
