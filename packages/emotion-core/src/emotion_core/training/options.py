"""What a training is told besides what decides its result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How the run of a training is made; a model package adds what it needs.

    Attributes:
        force: replace the run folder.
        quiet: no progress.
        calibrate: fit the temperature of the probabilities on validation.
        extras: measure the speed and draw the figures, for a run that somebody keeps.
    """

    force: bool = False
    quiet: bool = False
    calibrate: bool = True
    extras: bool = True
