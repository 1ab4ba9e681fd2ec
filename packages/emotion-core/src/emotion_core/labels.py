"""The six emotions: the one definition that everything else derives from."""

from __future__ import annotations

from collections.abc import Iterable

EMOTIONS: tuple[str, ...] = ("sadness", "joy", "love", "anger", "fear", "surprise")
"""Emotion names in label order: the index in this tuple is the label's id."""

N_EMOTIONS: int = len(EMOTIONS)
ID_TO_EMOTION: dict[int, str] = dict(enumerate(EMOTIONS))
EMOTION_TO_ID: dict[str, int] = {name: label for label, name in ID_TO_EMOTION.items()}

UNCERTAIN = "uncertain"
"""What a prediction says in place of an emotion when it abstains. No text is labelled so."""

UNCERTAIN_LABEL = -1
"""The id that goes with it, so that a text without prediction, which has none, can be told from it."""


NEUTRAL = "neutral"
"""What a prediction says in place of an emotion of a text that shows none, if it is asked to."""

NEUTRAL_LABEL = -2
"""The id that goes with it."""


def describe_labels() -> str:
    """The accepted labels in words, for messages and help texts."""
    pairs = ", ".join(f"{label} {name}" for label, name in ID_TO_EMOTION.items())
    return f"an id or a name of {pairs}"


def parse_label(value: object) -> int:
    """Turn an id (``3``, ``"3"``, ``3.0``) or a name in any case (``"Anger"``) into a label id.

    Raises:
        ValueError: the value is neither; the message states what was found and what is accepted.
    """
    label: int | None = None
    if isinstance(value, str):
        text = value.strip()
        label = EMOTION_TO_ID.get(text.casefold())
        if label is None:
            # A label column that once held a gap comes back from spreadsheets as "3.0".
            digits = text.removesuffix(".0")
            label = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    elif not isinstance(value, bool):
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = -1.0
        label = int(number) if number.is_integer() else None
    if label not in ID_TO_EMOTION:
        raise ValueError(f"found label {value!r}, expected {describe_labels()}")
    return label


def parse_emotions(values: Iterable[object]) -> tuple[str, ...]:
    """The names of two or more different emotions, in label order; each may be given as to `parse_label`.

    Raises:
        ValueError: one of them is no emotion or is named twice, or there are fewer than two.
    """
    labels = [parse_label(value) for value in values]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise ValueError(f"{ID_TO_EMOTION[twice[0]]} is named twice")
    if len(labels) < 2:
        raise ValueError("name at least two emotions, since nothing is to be decided among one")
    return tuple(ID_TO_EMOTION[label] for label in sorted(labels))
