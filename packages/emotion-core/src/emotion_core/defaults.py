"""What holds unless a command or a caller says otherwise."""

from __future__ import annotations

DEFAULT_SEED = 42


DEFAULT_EXAMPLES = 500
"""Texts on which the runs disagree that a comparison page shows: with ten runs about half a megabyte."""


DEVICES = ("auto", "cpu", "gpu")


DEFAULT_DATA = "emotion"


RUNS_FOLDER = "runs"
