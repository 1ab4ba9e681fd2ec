"""The commands that the pages show: each is one that its program takes, and is executed or says why not."""

from __future__ import annotations

import ast
import re
import shutil
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from emotion_core.cli.main import main
from executed_pages import executed, lay_out, replaced, run_pages
from page_commands import documented_commands, faults

ROOT = Path(__file__).parents[3]
COMMANDS = documented_commands(ROOT)
OURS = {"emotion-core", "emotion-rnn", "emotion-bert"}
STUDIES = {"emotion_rnn.LSTM", "emotion_rnn.GRU"}
SHELL = {"export", "cat"}
PROGRAMS = {"emotion-core": main}
OTHERS = {"nox", "pip", "accelerate", "tensorboard", "python"}


def of(program):
    """The commands that call a program."""
    return [command for command in COMMANDS if command.program == program]


def test_every_command_calls_a_program_that_a_test_knows():
    """A fence without a language holds commands and nothing else, so that none escapes the tests."""
    assert {command.program for command in COMMANDS} <= OURS | STUDIES | SHELL | OTHERS
    assert {"emotion-core", "emotion-rnn", "emotion-bert", "nox", "pip"} <= {command.program for command in COMMANDS}


def test_what_no_test_executes_says_why():
    """Programs of others, and the scripts, are marked ``not run``; ours at most ``parsed only``, then parsed."""
    others = {command.place: command.kind for command in COMMANDS if command.program in OTHERS}
    assert set(others.values()) == {"not run"}, others
    ours = {command.place: command.kind for command in COMMANDS if command.program in OURS | STUDIES}
    assert "not run" not in ours.values(), ours


def test_emotion_core_takes_its_commands():
    """The options, choices and arguments of each exist."""
    assert faults(of("emotion-core"), PROGRAMS) == []


def on_validation(words):
    """The words for the texts that the runs in the place of others were measured on."""
    if words[0] not in ("baseline", "evaluate"):
        return words
    return replaced(replaced(words, "--data", lambda _: "sample"), "--split", lambda _: "validation")


@pytest.mark.acceptance
def test_the_commands_of_emotion_core_end_well(tmp_path, runs, monkeypatch):
    """Each that has no mark is executed, with small runs in the place of those that the other packages make."""
    lay_out(tmp_path)
    for name in ("gru", "minilm", "gru-test", "minilm-test"):
        shutil.copytree(runs["words" if "gru" in name else "better"], tmp_path / "runs" / name)
    monkeypatch.chdir(tmp_path)
    commands = executed(COMMANDS, PROGRAMS)
    assert len(commands) > 1
    assert run_pages(commands, PROGRAMS, on_validation) == []


@pytest.mark.acceptance
def test_the_commands_on_the_emotion_tweets_end_well(tmp_path, emotion_folder, monkeypatch):
    """What is marked as needing the tweets is executed where they are."""
    monkeypatch.setenv("EMOTION_DATA_DIR", str(emotion_folder))
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    (command,) = executed(COMMANDS, PROGRAMS, mark="needs the emotion tweets")
    assert run_pages([command], PROGRAMS, list) == []


def test_the_sessions_exist():
    """Each word after ``nox -s`` is a session of noxfile.py or of the modules that it imports."""
    files = (ROOT / "noxfile.py", *(ROOT / "sessions").glob("*.py"))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    sessions = {
        next((word.value.value for word in getattr(mark, "keywords", ()) if word.arg == "name"), node.name)
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if "session" in ast.dump(mark)
    }
    named = {command.arguments[1] for command in of("nox") if command.arguments[:1] == ["-s"]}
    assert named
    assert named <= sessions


@pytest.mark.parametrize("command", of("pip"), ids=lambda command: command.place)
def test_what_pip_installs_exists(command):
    """Our packages have the extras that are named, all else is pinned, and the sessions take the same index."""
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for before, word in pairwise(command.arguments):
        if before == "--index-url":
            assert f'"{word}"' in (ROOT / "sessions" / "common.py").read_text(encoding="utf-8")
            continue
        if word.startswith("-") or word == "constraints.txt" or (ROOT / word / "pyproject.toml").is_file():
            continue
        name, extras = re.fullmatch(r"(?:\./packages/)?([\w-]+)(?:\[(.+)\])?", word).groups()
        if name in OURS:
            project = tomllib.loads((ROOT / "packages" / name / "pyproject.toml").read_text(encoding="utf-8"))
            metadata = project["tool"]["hatch"]["metadata"]["hooks"]["requirements_txt"]
            assert set((extras or "").split(",")) - {""} <= set(metadata.get("optional-dependencies", {}))
        else:
            assert f"\n{name.lower()}==" in f"\n{pinned}"
