"""What is recorded of a classifier's behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from emotion_core.runs.metrics import Score


@dataclass(frozen=True)
class Failure:
    """A case that a classifier fails, and what it said.

    Attributes:
        text, expected, changed: as in `emotion_core.evaluation.behaviour.cases.Case`.
        emotion, probability: the most probable emotion of the text; of a direction the one that it is about.
        changed_emotion, changed_probability: the same of the changed text.
    """

    text: str
    expected: str
    emotion: str
    probability: float
    changed: str | None = None
    changed_emotion: str | None = None
    changed_probability: float | None = None


@dataclass(frozen=True)
class Masked:
    """The accuracy on texts as they were written, on the same texts with gaps, and how far it falls."""

    accuracy: Score
    masked_accuracy: Score
    fall: float


@dataclass(frozen=True)
class CapabilityResult:
    """How often a classifier fails the cases of a capability.

    Attributes:
        name, kind, description: of the capability.
        fingerprint: the sha256 of the cases; rates of other cases are not to be compared.
        cases: how many there are.
        failures: how many of them fail.
        failure_rate: the share of them, with its 95 % interval.
        examples: the first failures, in the order of the cases.
        masking: the accuracies, where words are masked.
    """

    name: str
    kind: str
    description: str
    fingerprint: str
    cases: int
    failures: int
    failure_rate: Score
    examples: list[Failure]
    masking: Masked | None = None


@dataclass(frozen=True)
class Behaviour:
    """How a classifier behaves.

    Attributes:
        model, run: where it comes from; None of a classifier that was not loaded from a run.
        seed: of the typos.
        capabilities: what was tried.
    """

    model: str | None
    run: str | None
    seed: int
    capabilities: list[CapabilityResult]
