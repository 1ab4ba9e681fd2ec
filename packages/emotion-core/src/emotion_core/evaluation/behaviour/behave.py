"""Ask a classifier the cases of the suite, and count its failures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from emotion_core.classifier import Classifier
from emotion_core.defaults import DEFAULT_SEED
from emotion_core.evaluation.behaviour.cases import MASKING, Capability, Case, Suite
from emotion_core.evaluation.behaviour.judging import Said, failure
from emotion_core.evaluation.behaviour.record import Behaviour, CapabilityResult, Masked
from emotion_core.evaluation.intervals import proportion_bounds
from emotion_core.labels import EMOTIONS
from emotion_core.runs.metrics import Score
from emotion_core.runs.typed_json import to_json


def behave(
    classifier: Classifier, capabilities: Collection[str] = (), *, examples: int = 1, seed: int = DEFAULT_SEED
) -> dict[str, Any]:
    """How often a classifier fails the cases of each capability of the behavioural suite.

    Args:
        classifier: of any package, or your own.
        capabilities: their names; all, if none is named.
        examples: the failures of each that are returned, at most.
        seed: of the typos.

    Returns:
        ``{"model", "run", "seed", "capabilities": [{...}]}``, ready for JSON. Each capability has ``name``, ``kind``,
        ``description``, ``cases``, ``failures``, ``failure_rate`` with ``value``, ``low`` and ``high``, the
        ``examples``, and the ``fingerprint`` of its cases. The one of kind masking has ``masking`` as well: the
        accuracy on the texts as they were written, on the same texts with gaps, and how far it falls.

    Raises:
        DataError: there is no such capability.
    """
    return to_json(behaved(classifier, Suite.of(capabilities, seed), examples=examples))


def behaved(
    classifier: Classifier, suite: Suite, *, examples: int = 1, progress: Callable[[int], None] | None = None
) -> Behaviour:
    """As `behave`, as records; ``progress`` is called with the number of texts done since the last call."""
    texts = suite.texts()
    said = dict(zip(texts, classifier.predict_proba(texts, progress=progress), strict=True))
    results = [
        _result(capability, [Said(*(said[text] for text in case.texts())) for case in capability.cases], examples)
        for capability in suite.capabilities
    ]
    origin = classifier.origin
    return Behaviour(origin.model if origin else None, origin.run if origin else None, suite.seed, results)


def _result(capability: Capability, said: list[Said], examples: int) -> CapabilityResult:
    cases = capability.cases
    judged = [failure(case, capability.kind, told) for case, told in zip(cases, said, strict=True)]
    failures = [found for found in judged if found is not None]
    return CapabilityResult(
        name=capability.name,
        kind=capability.kind,
        description=capability.description,
        fingerprint=_fingerprint(cases),
        cases=len(cases),
        failures=len(failures),
        failure_rate=_share(len(failures), len(cases)),
        examples=failures[:examples],
        masking=_masked(cases, said) if capability.kind == MASKING else None,
    )


def _fingerprint(cases: list[Case]) -> str:
    """The sha256, in hex, over text, changed text and expectation of each case, each of them with a NUL after it."""
    digest = hashlib.sha256()
    for case in cases:
        digest.update("\0".join((case.text, case.changed or "", case.expected, "")).encode())
    return digest.hexdigest()


def _masked(cases: list[Case], said: list[Said]) -> Masked:
    right = [
        sum(EMOTIONS[int(of.argmax())] == case.expected for case, of in zip(cases, column, strict=True))
        for column in zip(*said, strict=True)
    ]
    before, after = (_share(count, len(cases)) for count in right)
    return Masked(before, after, before.value - after.value)


def _share(count: int, of: int) -> Score:
    low, high = proportion_bounds(np.array(count), np.array(of))
    return Score(count / of, float(low), float(high))
