"""The commands that the pages show: emotion-rnn takes each of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_core.testing_commands import Command, check_script, documented_commands, faults, scripts
from emotion_rnn.cli import main
from emotion_rnn.cli_study import gru, lstm

ROOT = Path(__file__).parents[3]
COMMANDS = documented_commands(ROOT)
PROGRAMS = {"emotion-rnn": main, "emotion_rnn.LSTM": lstm, "emotion_rnn.GRU": gru}
OURS = [command for command in COMMANDS if command.program in PROGRAMS]


def test_emotion_rnn_takes_its_commands() -> None:
    """The options, choices and arguments of each exist."""
    assert {command.program for command in OURS} == set(PROGRAMS)
    assert faults(OURS, PROGRAMS) == []


@pytest.mark.parametrize("command", scripts(COMMANDS, "emotion_rnn", ROOT), ids=lambda command: command.place)
def test_the_scripts_take_their_commands(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each script exists and knows the options it is shown with."""
    check_script(command, ROOT, monkeypatch)
