"""The settings of the gate, which those of the techniques are added to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

from emotion_core.bounds import Bounds, check_fields

if TYPE_CHECKING:  # the choices of the command line do not wait for NumPy
    from emotion_core.runs.definition import Definition

SPLIT = "validation"
"""On which compressed models are measured."""


@dataclass(frozen=True, kw_only=True)
class GateOptions:
    """The settings of the gate; a value that is not allowed is a ModelError.

    Attributes:
        max_drop: of macro-F1 on validation against the original, before a variant fails the gate.
    """

    max_drop: Annotated[float, Bounds(-1, 1)] = 0.005

    def __post_init__(self) -> None:
        check_fields(self)

    def definition(self) -> Definition:
        """What of the settings decides how a variant turns out."""
        return asdict(self)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that the variants depend on."""
        return (SPLIT,)
