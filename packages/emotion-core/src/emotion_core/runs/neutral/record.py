"""What a neutral gate was learned from."""

from __future__ import annotations

from dataclasses import dataclass, field

from emotion_core.printable import code
from emotion_core.runs.record_parts import Settings


@dataclass(frozen=True)
class NeutralRecord:
    """What the neutral gate of a run was learned from, and how well it tells neutral texts from emotional ones.

    Attributes:
        source: the file of the neutral texts.
        rows, fingerprint: of those.
        emotional_rows: how many training texts it was taught to tell them from.
        text_cleaning: the name of its cleaning, which need not be that of the model.
        n_terms: tokens and pairs of tokens that it knows.
        auroc: by cross-validation on all these texts; 0.5 is guessing.
        threshold: the probability from which on predictions say ``neutral`` without being asked to; None for never.
    """

    source: str
    rows: int
    fingerprint: str
    emotional_rows: int
    text_cleaning: str
    n_terms: int
    auroc: float
    threshold: float | None = None
    extra: Settings = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold: found {self.threshold}, expected a probability")

    def __str__(self) -> str:
        says = "" if self.threshold is None else f" Above {self.threshold:g} a prediction says neutral."
        return (
            f"A gate beside the six emotions says how probable it is that a text shows none; {self.rows} texts of "
            f"{code(self.source)} taught it, AUROC {self.auroc:.4f} by cross-validation.{says}"
        )
