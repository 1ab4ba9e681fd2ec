"""The numbers that options take: each has finite bounds, which are checked before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from emotion_core.bounds import Bounds, bounds_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


SLIP = 100_000
"""An upper bound from here on refuses slips of the finger only; the help leaves it out, and messages state it."""


def shown(bounds: Bounds) -> str:
    """What the help calls a number within ``bounds``: ``INT >= 1``, ``FLOAT 0-1``, ``FLOAT > 0, < 1``."""
    kind = "INT" if bounds.whole else "FLOAT"
    low, high = f"{bounds.low:.10g}", f"{bounds.high:.10g}"
    above, below = ">" if bounds.above else ">=", "<" if bounds.below else "<="
    if bounds.high >= SLIP:
        return f"{kind} {above} {low}"
    if bounds.above or bounds.below:
        return f"{kind} {above} {low}, {below} {high}"
    return f"{kind} {low} to {high}" if bounds.low < 0 else f"{kind} {low}-{high}"


class WholeNumber(click.IntRange):
    """The whole numbers within some bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        super().__init__(int(bounds.low), int(bounds.high))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What the help calls the number."""
        return shown(self.bounds)


class FiniteNumber(click.FloatRange):
    """The numbers within some bounds, which are finite: a NaN, for which no comparison holds, is refused as well."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        super().__init__(bounds.low, bounds.high, min_open=bounds.above, max_open=bounds.below)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What the help calls the number."""
        return shown(self.bounds)

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
