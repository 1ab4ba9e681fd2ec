"""The numbers that a setting may have: command lines and Python check them by the same bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Bounds:
    """A range of finite numbers; a field of a dataclass states its own as ``Annotated[float, Bounds(0, 1)]``.

    Attributes:
        low, high: the smallest and the largest number.
        whole: only whole numbers.
        above, below: ``low`` or ``high`` itself is excluded.
    """

    low: float
    high: float
    whole: bool = False
    above: bool = False
    below: bool = False

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, Integral if self.whole else Real):
            return False
        number: Any = value  # no comparison holds for a NaN
        over = number > self.low if self.above else number >= self.low
        return bool(over and (number < self.high if self.below else number <= self.high))

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"above {self.low:.10g}" if self.above else f"from {self.low:.10g}"
        return f"{kind} {low} {'to below' if self.below else 'to'} {self.high:.10g}"

    def check(self, name: str, value: object) -> None:
        """Raise a ModelError that calls the value ``name`` unless it lies within."""
        if value not in self:
            shown = repr(value)
            raise ModelError(f"{name}: found {shown if len(shown) <= 40 else shown[:40] + '...'}, expected {self}.")


def count(low: int, high: int) -> Bounds:
    """The whole numbers from ``low`` to ``high``."""
    return Bounds(low, high, whole=True)


SEED = count(0, 2**32 - 1)
"""NumPy, scikit-learn and Keras take no others."""

SHARE = Bounds(0, 1)
PART = Bounds(0, 1, below=True)
"""A share that leaves something."""

SEVERAL = count(1, 1_000)
"""How many trainings or processes."""

THREADS = count(0, 4_096)
EPOCHS = count(1, 100_000)
BATCH_SIZE = count(1, 1_000_000)
MAX_LENGTH = count(1, 1_000_000)
LEARNING_RATE = Bounds(0, 10, above=True)
MANY = count(0, 10_000_000)
"""How many texts, or points of a search."""


def bounds_of(kind: type[DataclassInstance], name: str) -> Bounds | None:
    """The bounds that a dataclass states for a field; None if it states none."""
    return _stated(kind).get(name)


def check_fields(record: DataclassInstance) -> None:
    """Raise a ModelError if a field lies outside the bounds that its dataclass states; the message names the field."""
    for name, bounds in _stated(type(record)).items():
        bounds.check(name, getattr(record, name))


@cache  # the types are texts, which take long to evaluate, and help texts wait for the settings of the registries
def _stated(kind: type[DataclassInstance]) -> dict[str, Bounds]:
    return {
        name: bounds
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for bounds in get_args(hint)
        if isinstance(bounds, Bounds)
    }
