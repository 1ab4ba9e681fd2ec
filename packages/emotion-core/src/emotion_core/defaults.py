"""What holds unless a command or a caller says otherwise."""

from __future__ import annotations

DEFAULT_SEED = 42


DEFAULT_EXAMPLES = 500
"""Texts on which the runs disagree that a comparison page shows: with ten runs about half a megabyte."""


DEVICES = ("auto", "cpu", "gpu")


DEFAULT_DATA = "emotion"


EQUAL, SIZE = MIX_RULES = ("equal", "size")
"""How several sources of training texts are mixed, unless weights are given."""


RUNS_FOLDER = "runs"


DEFAULT_NEAR_THRESHOLD = 0.5
"""Two texts are near duplicates if they share so much of their letters in sequence."""


DEFAULT_PAIRS = 5
"""Pairs of near duplicates of each kind that an audit lists."""


NEAR_UNASKED = 20_000
"""In data of at most so many rows near duplicates are looked for without being asked for."""
