"""What a run measured, as ``metrics.json`` holds it: figures with their intervals, the data, and the speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emotion_core.labels import EMOTIONS


@dataclass(frozen=True)
class Value:
    """A figure without an interval; None where it is undefined."""

    value: float | None


@dataclass(frozen=True)
class Score:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 4) -> str:
        """``0.9300 [0.9185, 0.9410]``."""
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class ClassScore:
    """A figure of one emotion with its interval; all None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None

    def text(self, digits: int = 4) -> str:
        """As `Score.text`, or ``undefined``."""
        if self.value is None or self.low is None or self.high is None:
            return "undefined"
        return Score(self.value, self.low, self.high).text(digits)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Difference(Score):
    """How much better one classifier is than another, and the p-value of a test that they are equally good.

    Attributes:
        p_holm: the p-value after Holm's correction, where several runs are compared.
        significant: whether that is below 0.05.
    """

    p: float
    p_holm: float | None = None
    significant: bool | None = None


@dataclass(frozen=True)
class Versus:
    """A classifier against another on the same texts; its figures minus those of the other.

    Attributes:
        only_first_right, only_second_right: texts that one of them alone has right; None where several seeds are
            compared.
    """

    macro_f1_difference: Difference
    accuracy_difference: Difference
    only_first_right: int | None
    only_second_right: int | None


@dataclass(frozen=True)
class ClassScores:
    """The figures of one emotion; ``support`` is how many texts have it."""

    precision: ClassScore
    recall: ClassScore
    f1: ClassScore
    average_precision: float | None
    support: int


@dataclass(frozen=True)
class Latency:
    """Milliseconds for one text at a time: the median and the 95th percentile of ``n_texts`` calls."""

    p50: float
    p95: float
    n_texts: int


@dataclass(frozen=True)
class Throughput:
    """Texts a second in one call with ``n_texts`` texts."""

    value: float
    n_texts: int


BUSY = 1 / 3
"""From this share of the cores on, other programs spoil a measurement: a program that wants half of them gets a third
beside one that wants all."""


@dataclass(frozen=True)
class OtherPrograms:
    """What other programs used of the processor while something was measured.

    Attributes:
        cores_used: of the cores, on average.
        cores: that the measured program may use.
    """

    cores_used: float
    cores: int

    @property
    def share(self) -> float:
        """Of the cores."""
        return self.cores_used / max(1, self.cores)

    @property
    def disturb(self) -> bool:
        """Whether the program would have been faster without them."""
        return self.share > BUSY

    def __str__(self) -> str:
        return f"{self.cores_used:.1f} of {self.cores} cores"


@dataclass(frozen=True)
class Speed:
    """How fast a warm classifier predicts, cleaning and tokenization included.

    Attributes:
        other_programs: None where nobody knows: without psutil, and of runs of version 0.1.
    """

    latency_ms: Latency
    texts_per_second: Throughput
    other_programs: OtherPrograms | None = None

    @property
    def disturbed(self) -> bool:
        """Whether other programs kept the machine busy, as far as is known."""
        return self.other_programs is not None and self.other_programs.disturb


@dataclass(frozen=True)
class DataRef:
    """The texts that were measured; equal fingerprints are equal texts with equal labels in the same order.

    Attributes:
        name: of the data set.
        split: its name, or ``all`` for the rows of one file.
        rows: how many texts.
        fingerprint: of texts and labels.
        trained_on: how many of the texts the run was trained on; None where nobody knows.
        only: the emotions that the predictions were decided among; None for all six.
    """

    name: str
    split: str
    rows: int
    fingerprint: str
    trained_on: int | None = None
    only: list[str] | None = None

    def among(self) -> str:
        """``, decided among sadness, joy, anger``; nothing where it was among all six."""
        return f", decided among {', '.join(self.only)}" if self.only else ""

    def texts(self) -> str:
        """How many texts, how many of them are training texts, and among which emotions it was decided."""
        known = f", {self.trained_on} of which it was trained on" if self.trained_on else ""
        return f"{self.rows} texts{known}{self.among()}"


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The figures of one set of predictions.

    Attributes:
        n: how many texts.
        per_class: by emotion name.
        confusion_matrix: counts, rows true and columns predicted, 6 x 6.
        absent_classes: the emotions that no text has.
        log_loss, expected_calibration_error, average_precision: None where the predictions have no probabilities.
    """

    n: int
    accuracy: Score
    macro_precision: Score
    macro_recall: Score
    macro_f1: Score
    weighted_precision: Score
    weighted_recall: Score
    weighted_f1: Score
    log_loss: Score | None = None
    expected_calibration_error: Value | None = None
    average_precision: Value | None = None
    per_class: Mapping[str, ClassScores]
    confusion_matrix: list[list[int]]
    absent_classes: list[str]

    def single_answer(self) -> str | None:
        """A sentence about predictions that are one emotion for all texts, where these have several; else None."""
        counts = [sum(row) for row in self.confusion_matrix]
        predicted = [name for i, name in enumerate(EMOTIONS) if any(row[i] for row in self.confusion_matrix)]
        if len(predicted) != 1 or max(counts) == self.n:
            return None
        frequent, share = EMOTIONS[counts.index(max(counts))], max(counts) / self.n
        return (
            f"The model answers {predicted[0]} for all {self.n} texts and tells nothing apart. Always guessing "
            f"{frequent}, the most frequent emotion, would be right for {share:.4f} of them."
        )


@dataclass(frozen=True, kw_only=True)
class Metrics(Scores):
    """The content of ``metrics.json``.

    Attributes:
        temperature: that the probabilities are scaled with; None without probabilities.
        data: what was measured.
        speed: None where it was not measured.
        extra: entries of other versions.
    """

    temperature: float | None = None
    data: DataRef
    speed: Speed | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """The figures a user looks for first, in one line."""
        data = self.data
        return f"{data.split} of {data.name} ({data.texts()}): accuracy {self.accuracy}, macro-F1 {self.macro_f1}"
