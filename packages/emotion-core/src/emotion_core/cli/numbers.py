"""The numbers that options take: each has finite bounds, which are checked before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from emotion_core.bounds import Bounds, bounds_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class WholeNumber(click.IntRange):
    """The whole numbers within some bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        super().__init__(int(bounds.low), int(bounds.high))


class FiniteNumber(click.FloatRange):
    """The numbers within some bounds, which are finite: a NaN, for which no comparison holds, is refused as well."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        super().__init__(bounds.low, bounds.high, min_open=bounds.above, max_open=bounds.below)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or click's error that says what is wrong."""
        number: float = super().convert(value, param, ctx)
        if number not in self.bounds:
            self.fail(f"{value} is not {self.bounds}.", param, ctx)
        return number


def number(bounds: Bounds) -> click.ParamType[Any]:
    """The type of an option that takes a number within ``bounds``; the help shows them."""
    return WholeNumber(bounds) if bounds.whole else FiniteNumber(bounds)


def field_number(kind: type[DataclassInstance], name: str) -> click.ParamType[Any]:
    """The type of an option for a field of a dataclass, which states its bounds."""
    bounds = bounds_of(kind, name)
    if bounds is None:
        raise TypeError(f"{kind.__name__}.{name} states no bounds")
    return number(bounds)
