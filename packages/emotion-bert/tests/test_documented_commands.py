"""The commands that the pages show: emotion-bert takes each of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from emotion_bert.emotion_classifier import main
from emotion_core.testing_commands import Command, check_script, documented_commands, faults, scripts

ROOT = Path(__file__).parents[3]
COMMANDS = documented_commands(ROOT)
PROGRAMS = {"emotion-bert": main}
OURS = [command for command in COMMANDS if command.program in PROGRAMS]
LAUNCHED = [
    dataclasses.replace(command, words=("emotion-bert", *command.words[command.words.index("emotion_bert") + 1 :]))
    for command in COMMANDS
    if command.program == "accelerate"
]


def test_emotion_bert_takes_its_commands() -> None:
    """The options, choices and arguments of each exist, also under ``accelerate launch``."""
    assert {command.program for command in OURS} == set(PROGRAMS)
    assert LAUNCHED
    assert faults(OURS + LAUNCHED, PROGRAMS) == []


@pytest.mark.parametrize("command", scripts(COMMANDS, "emotion_bert", ROOT), ids=lambda command: command.place)
def test_the_scripts_take_their_commands(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each script exists and knows the options it is shown with."""
    check_script(command, ROOT, monkeypatch)
