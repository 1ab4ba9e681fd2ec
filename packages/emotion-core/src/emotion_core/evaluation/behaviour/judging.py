"""Whether a classifier fails a case."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from emotion_core.classifier import Probabilities
from emotion_core.evaluation.behaviour.cases import DIRECTION, FUNCTIONALITY, INVARIANCE, LESS, Case
from emotion_core.evaluation.behaviour.record import Failure
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS

TOLERANCE = 0.01
"""A probability that moves by no more has not moved. CheckList passes over moves of up to 0.1 in the wrong direction;
a negation that changes nothing is the very failure that is looked for here."""

NEAR_LIMIT = 0.1
"""A probability so near to 0 or 1 has no room to move; it must only stay there."""


class Said(NamedTuple):
    """The probabilities of a text and of the changed text, each of shape (6,); of one that is not changed, twice."""

    text: Probabilities
    changed: Probabilities


def failure(case: Case, kind: str, said: Said) -> Failure | None:
    """What a classifier said of a case that it fails; None if it does not fail it."""
    before, after = int(said.text.argmax()), int(said.changed.argmax())
    if kind == DIRECTION:
        emotion, way = case.expected.split()
        before = after = EMOTION_TO_ID[emotion]
        fails = not _moves(float(said.text[before]), float(said.changed[before]), way)
    elif kind == INVARIANCE:
        fails = before != after
    elif kind == FUNCTIONALITY:
        fails = EMOTIONS[before] != case.expected
    else:
        fails = EMOTIONS[before] == case.expected != EMOTIONS[after]
    if not fails:
        return None
    told = Failure(case.text, case.expected, EMOTIONS[before], float(said.text[before]))
    if case.changed is None:
        return told
    return replace(
        told,
        changed=case.changed,
        changed_emotion=EMOTIONS[after],
        changed_probability=float(said.changed[after]),
    )


def _moves(start: float, end: float, way: str) -> bool:
    """Whether a probability moves as expected, or has no room to and stays."""
    if way == LESS:
        start, end = 1 - start, 1 - end
    return end - start > TOLERANCE or min(start, end) >= 1 - NEAR_LIMIT
