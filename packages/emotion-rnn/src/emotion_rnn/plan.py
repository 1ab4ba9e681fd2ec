"""What a study states: the phases that it searches, and how the final model follows from the best point."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emotion_rnn.hyperparameters import Architecture, Hyperparameters

Point = dict[str, Any]
"""Values of some hyperparameters by name."""


@dataclass(frozen=True)
class Phase:
    """One search: the settings that all its trainings share, and the values that are tried.

    Attributes:
        name: for the command line and the folder.
        title: for the report.
        settings: what every training has.
        grid: values of each hyperparameter that is searched; the grid is their product.
    """

    name: str
    title: str
    settings: Hyperparameters
    grid: Mapping[str, tuple[Any, ...]]

    @property
    def defaults(self) -> Hyperparameters:
        """The settings, by the name under which the command line looks for defaults."""
        return self.settings

    def points(self) -> list[Point]:
        """All points of the grid, the last hyperparameter changing fastest."""
        return [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]

    def at(self, point: Point) -> Hyperparameters:
        """The settings of one point."""
        return dataclasses.replace(self.settings, **point)


@dataclass(frozen=True)
class Study:
    """The phases of an architecture, in order.

    Attributes:
        architecture: what is studied.
        phases: each is searched whole.
        final: what the final trainings change in the best point of the last phase; empty keeps it as it is.
    """

    architecture: Architecture
    phases: tuple[Phase, ...]
    final: Mapping[str, Any] = field(default_factory=dict)

    def phase(self, name: str) -> Phase:
        """The phase called ``name``."""
        return next(phase for phase in self.phases if phase.name == name)

    def final_settings(self, point: Point) -> Hyperparameters:
        """The settings of the final trainings, from the best point of the last phase."""
        return dataclasses.replace(self.phases[-1].at(point), **self.final)


SAMPLERS = ("grid", "tpe")


PRUNERS = ("none", "median", "hyperband")
