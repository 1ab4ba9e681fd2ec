"""What a training is told: how its run is made, and settings that are known to be good, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from emotion_core.errors import ModelError

Settings = TypeVar("Settings")


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


def recipe_settings(model: str, defaults: Settings, recipes: Mapping[str, Settings], recipe: str | None) -> Settings:
    """The settings of a model's recipe, or its defaults for None.

    Raises:
        ModelError: the model has no such recipe; the message lists those it has.
    """
    if recipe is None:
        return defaults
    if recipe not in recipes:
        known = ", ".join(recipes) or "none"
        raise ModelError(f"{model} has no recipe {recipe!r}; it has: {known}. Leave --recipe out.")
    return recipes[recipe]
