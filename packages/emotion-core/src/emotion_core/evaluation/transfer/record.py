"""What is recorded of classifiers on data sets, as ``transfer.json`` holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emotion_core.runs.metrics import DataRef, Score


@dataclass(frozen=True)
class Abstained:
    """What a classifier does that abstains if its highest probability is below a threshold.

    Attributes:
        below: the threshold.
        share: of the texts that it abstains on.
        accuracy: on the others; None if it abstains on all.
    """

    below: float
    share: float
    accuracy: Score | None = None


@dataclass(frozen=True)
class RiskCoverage:
    """The risk-coverage curve.

    Attributes:
        area: under the curve of all texts; 0 is best, and the share of wrong predictions is what a classifier gets
            whose probabilities do not tell right from wrong.
        coverage: shares of the texts that the classifier is surest of, rising to 1.
        risk: the share of wrong predictions among these.
    """

    area: float
    coverage: list[float]
    risk: list[float]


@dataclass(frozen=True)
class Worth:
    """What a classifier is worth on a data set.

    Attributes:
        run: what the classifier is called.
        model: its name; None of a classifier that was not loaded from a run.
        data: the texts; ``trained_on`` and ``only`` say what to be careful with.
        most_frequent: the accuracy of always guessing the most frequent emotion.
        accuracy, macro_f1: with 95 % intervals; macro-F1 is the mean over the emotions that the data set has.
        expected_calibration_error: over 15 bins.
        abstained: with a threshold.
        risk_coverage: with all thresholds.
        unseen: the accuracy on the texts that it was not trained on, if it was trained on some and not on all.
        temperature: of the classifier.
        run_sha256: of its ``run.json``, so that another run of that name is noticed; None if it has none.
    """

    run: str
    model: str | None
    data: DataRef
    most_frequent: float
    accuracy: Score
    macro_f1: Score
    expected_calibration_error: float
    abstained: Abstained
    risk_coverage: RiskCoverage
    temperature: float
    unseen: Score | None = None
    run_sha256: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Transfer:
    """What several classifiers are worth on several data sets."""

    worths: list[Worth]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def runs(self) -> list[str]:
        """What the classifiers are called, in the order in which they came."""
        return list(dict.fromkeys(worth.run for worth in self.worths))

    def data(self) -> list[DataRef]:
        """The data sets in the order in which they came, as the first classifier was measured on them."""
        found: dict[tuple[str, ...], DataRef] = {}
        for worth in self.worths:
            found.setdefault(texts_of(worth.data), worth.data)
        return list(found.values())

    def of(self, run: str, data: DataRef) -> Worth | None:
        """What a classifier is worth on a data set; None if that was not measured."""
        fitting = (worth for worth in self.worths if worth.run == run and texts_of(worth.data) == texts_of(data))
        return next(fitting, None)

    def with_worth(self, new: Worth) -> Transfer:
        """The same with one more, in the place of that of the same classifier on the same data."""
        old = self.of(new.run, new.data)
        kept = [new if worth is old else worth for worth in self.worths]
        return Transfer(kept if old else [*kept, new], self.extra)


def texts_of(data: DataRef) -> tuple[str, ...]:
    """What is the same of two measurements on the same texts: the name, the split, and the fingerprint."""
    return data.name, data.split, data.fingerprint
