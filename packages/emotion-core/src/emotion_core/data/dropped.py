"""The rows of a file that are left out: how many, why, and with which labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NO_TEXT, NO_LABEL, UNKNOWN_LABEL, BROKEN_ROW, BY_LABEL_MAP = (
    "no text", "no label", "unknown label", "broken row", "label map",
)  # fmt: skip
"""Why a row is left out."""

_MANY_LABELS, _SHOWN_OF_MANY, _SHOWN_CHARACTERS = 60, 5, 40


@dataclass(frozen=True)
class Dropped:
    """The rows of a file that were left out.

    Attributes:
        of: rows of the file.
        reasons: of each reason the labels, as the file has them, with the number of rows; ``""`` for no label.
    """

    of: int = 0
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def together(cls, parts: Sequence[Dropped]) -> Dropped:
        """What was left out of several files."""
        reasons: dict[str, Counter[str]] = {}
        for part in parts:
            for reason, labels in part.reasons.items():
                reasons.setdefault(reason, Counter()).update(labels)
        return cls(sum(part.of for part in parts), reasons)

    @property
    def rows(self) -> int:
        """How many rows were left out."""
        return sum(sum(labels.values()) for labels in self.reasons.values())

    def lines(self, where: str) -> list[str]:
        """What was left out of ``where``, in words: bad rows, and rows that the label map leaves out."""
        bad = {reason: labels for reason, labels in self.reasons.items() if reason != BY_LABEL_MAP}
        lines = []
        if bad:
            why = "; ".join(f"{reason} {sum(labels.values())}{_bracketed(labels)}" for reason, labels in bad.items())
            number = sum(sum(labels.values()) for labels in bad.values())
            advice = " --label-map FILE keeps such rows." if UNKNOWN_LABEL in bad else ""
            lines.append(f"Dropped {number} bad rows of {where}, which has {self.of}: {why}.{advice}")
        if mapped := self.reasons.get(BY_LABEL_MAP):
            lines.append(f"Left {sum(mapped.values())} rows of {where} out by --label-map: {counted_labels(mapped)}.")
        return lines


def counted_labels(labels: Mapping[str, int]) -> str:
    """The labels with their numbers of rows, the most frequent first; of very many, a few."""
    counted = [(label, count) for label, count in Counter(labels).most_common() if label]
    few = counted if len(counted) <= _MANY_LABELS else counted[:_SHOWN_OF_MANY]
    words = ", ".join(f"{_shown(label)} {count}" for label, count in few)
    return words + (f" and {len(counted) - len(few)} more labels" if len(few) < len(counted) else "")


def _bracketed(labels: Mapping[str, int]) -> str:
    words = counted_labels(labels)
    return f" ({words})" if words else ""


def _shown(label: str) -> str:
    plain = label if label.isprintable() and "," not in label else repr(label)
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[:_SHOWN_CHARACTERS]}..."
