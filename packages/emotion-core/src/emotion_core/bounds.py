"""The values that a setting may have: command lines and Python check them by the same bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Values(ABC):
    """What a setting may be; as a text, what its message expects."""

    @abstractmethod
    def __contains__(self, value: object) -> bool: ...

    def check(self, name: str, value: object) -> None:
        """Raise a ModelError that calls the value ``name`` unless it is among these."""
        if value not in self:
            shown = repr(value)
            raise ModelError(f"{name}: found {shown if len(shown) <= 40 else shown[:40] + '...'}, expected {self}.")


@dataclass(frozen=True)
class Bounds(Values):
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


@dataclass(frozen=True)
class Choices(Values):
    """One of some names; a field of a dataclass states its own as ``Annotated[str, Choices(NAMES)]``."""

    names: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and value in self.names

    def __str__(self) -> str:
        return f"one of {', '.join(self.names)}"


@dataclass(frozen=True)
class Kind(Values):
    """Any value of some types; a text must say something, since an empty path is the working folder, without NUL.

    Attributes:
        types: that it may have.
        words: what the message expects.
    """

    types: tuple[type, ...]
    words: str

    def __contains__(self, value: object) -> bool:
        says_something = not isinstance(value, str) or (bool(value.strip()) and "\0" not in value)
        return isinstance(value, self.types) and says_something

    def __str__(self) -> str:
        return self.words


def optional(kind: Kind) -> Kind:
    """The same, or None."""
    return Kind((*kind.types, type(None)), f"{kind.words}, or None")


SWITCH = Kind((bool,), "True or False")
NAME = Kind((str,), "a name")
PATH = Kind((str, Path), "a path")
SETTINGS = Kind((dict,), "a dict of settings by name")


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
SIMILARITY = Bounds(0.1, 1)
"""Of near duplicates: with less, texts would be alike that share next to nothing."""
LEARNING_RATE = Bounds(0, 10, above=True)
MANY = count(0, 10_000_000)
"""How many texts, or points of a search."""


def bounds_of(kind: type[DataclassInstance], name: str) -> Bounds | None:
    """The bounds that a dataclass states for a field; None if it states none."""
    values = _stated(kind).get(name)
    return values if isinstance(values, Bounds) else None


def check_fields(record: DataclassInstance) -> None:
    """Raise a ModelError if a field is not as its dataclass states; the message names the field.

    Fields state `Values` in ``Annotated``; a plain bool or str is checked for its type.
    """
    for name, values in _stated(type(record)).items():
        values.check(name, getattr(record, name))


PLAIN: dict[object, Values] = {bool: SWITCH, str: NAME}
"""What a field may be that states nothing but its type."""


@cache  # the types are texts, which take long to evaluate, and help texts wait for the settings of the registries
def _stated(kind: type[DataclassInstance]) -> dict[str, Values]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: values
        for name, hint in hints.items()
        for values in (*get_args(hint), PLAIN.get(hint))
        if isinstance(values, Values)
    }
