"""Settings that are known to be good, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from emotion_core.errors import ModelError

Settings = TypeVar("Settings")


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
