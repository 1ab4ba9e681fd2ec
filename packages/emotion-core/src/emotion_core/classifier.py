"""What a classifier is: the one seam through which core evaluates, predicts and compares every model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTION_TO_ID, EMOTIONS, N_EMOTIONS, parse_emotions
from emotion_core.printable import one_line
from emotion_core.texts import checked_texts, one_text

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
Label = TypeVar("Label")
SMALLEST_PROBABILITY = 1e-15
"""What the log loss takes for a probability of 0, which would make it infinite."""


@dataclass(frozen=True)
class Origin:
    """Where a classifier comes from.

    Attributes:
        model: its name.
        run: the path of its run folder; None where that was not kept.
        parameters: how many weights.
        size_bytes: of the saved model.
    """

    model: str
    run: str | None
    parameters: int | None = None
    size_bytes: int | None = None

    def __str__(self) -> str:
        parts = [f"{self.model} from {self.run or 'a run that was not kept'}"]
        if self.parameters is not None:
            parts.append(f"{self.parameters / 1e6:.2f} M parameters")
        if self.size_bytes is not None:
            parts.append(f"{self.size_bytes / 1e6:.1f} MB")
        return one_line(", ".join(parts))


class Told(NamedTuple):
    """What a classifier says of some texts.

    Attributes:
        probabilities: shape (n_texts, 6), rows summing to 1.
        unread: as `Classifier.unread`.
    """

    probabilities: NDArray[np.float32]
    unread: list[str | None]


class Gate(Protocol):
    """What tells neutral texts; `emotion_core.inference.neutral.gate` says more."""

    threshold: float | None
    taught: NDArray[np.uint64]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """As `Classifier.neutral_proba`."""


class Classifier(ABC):
    """A trained six-emotion classifier, whatever the format of its model and the library behind it.

    What every format has in common is written here; a format adds `raw_probabilities`.

    Attributes:
        temperature: what `apply_temperature` scales the probabilities with; 1 leaves them as the model gives them.
        abstain_below: the highest probability below which a prediction abstains, unless somebody asks for another one.
        origin: the run that it was loaded from, None for one that was not.
        gate: the neutral gate of the run, None for one without.
    """

    temperature: float = 1.0
    abstain_below: float = 0.0
    origin: Origin | None = None
    gate: Gate | None = None

    @abstractmethod
    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """Probabilities as the model gives them, shape (n_texts, 6), rows summing to 1.

        Args:
            texts: raw texts, at least one; the classifier cleans them as its training texts were cleaned.
            progress: to call with the number of texts done since the last call.
        """

    def predict_proba(
        self, texts: Iterable[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of `classes_`, in their order, shape (n_texts, 6), rows summing to 1.

        Args:
            texts: raw texts, shape (n_texts,): a list, an array, a column of a DataFrame, a generator, or the like.
            progress: called with the number of texts done since the last call.

        Raises:
            TypeError: ``texts`` is one text or nothing that holds texts, or one of them is no text.
        """
        checked = checked_texts(texts)
        if not checked:
            return np.zeros((0, N_EMOTIONS), dtype=np.float32)
        return apply_temperature(self.raw_probabilities(checked, progress or _told_nobody), self.temperature)

    def predict(self, texts: Iterable[str]) -> NDArray[np.str_]:
        """The name of the most probable emotion of each text, shape (n_texts,).

        Every text gets one, also one of which nothing is read; `predict_emotions` gives those None.

        Args:
            texts: as in `predict_proba`.

        Raises:
            TypeError: as in `predict_proba`.
        """
        predicted: NDArray[np.str_] = self.classes_[self.predict_proba(texts).argmax(axis=1)]
        return predicted

    def __call__(self, text: str) -> dict[str, float]:
        """The probability of each emotion for one text, the most probable first.

        Raises:
            TypeError: it is no text, or several.
        """
        return ranked(self.classes_.tolist(), self.predict_proba([one_text(text)])[0])

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The names of the six emotions in the order of the probabilities, shape (6,)."""
        return np.array(EMOTIONS)

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read, such as ``no Latin letters``; None if it is read.

        All texts of which nothing is read would get the same probabilities.
        """
        return [None] * len(texts)

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether it seems to be in a language that the model does not read.

        Then the model knows fewer than half of its words, of which there are three or more
        (`emotion_core.data.known_words`). A model that cannot tell which words it knows says so of no text.
        """
        return [False] * len(texts)

    def neutral_proba(self, texts: Sequence[str]) -> NDArray[np.float64] | None:
        """Of each raw text the probability that it shows none of the emotions, shape (n,); None without a gate."""
        return None if self.gate is None else self.gate.probabilities(texts)

    def truncated(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether it is longer than what is read of it."""
        return [False] * len(texts)

    def predict_and_tell(self, texts: Iterable[str], *, progress: Callable[[int], None] | None = None) -> Told:
        """What `predict_proba` and `unread` say, with each text cleaned once for both; takes what the former takes.

        Raises:
            TypeError: as in `predict_proba`.
        """
        checked = checked_texts(texts)
        if not checked:
            return Told(np.zeros((0, N_EMOTIONS), dtype=np.float32), [])
        raw, unread = self.raw_and_unread(checked, progress or _told_nobody)
        return Told(apply_temperature(raw, self.temperature), unread)

    def raw_and_unread(self, texts: list[str], progress: Callable[[int], None]) -> Told:
        """What `raw_probabilities` and `unread` say; a format that cleans texts does it here once for both."""
        return Told(self.raw_probabilities(texts, progress), self.unread(texts))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin or 'that was not loaded from a run'}>"


def _told_nobody(_: int) -> None:
    pass


def ranked(classes: Sequence[Label], probabilities: Probabilities) -> dict[Label, float]:
    """The probability of each class, the most probable first; of equally probable ones the first of the classes.

    Args:
        classes: in the order of the probabilities.
        probabilities: of one text, shape (n_classes,).
    """
    return {classes[place]: float(probabilities[place]) for place in np.argsort(-probabilities, kind="stable")}


def apply_temperature(probabilities: Probabilities, temperature: float) -> NDArray[np.float32]:
    """softmax(log p / T): the most probable emotion of a text stays the same, only how sure it is changes.

    Args:
        probabilities: shape (n, 6), rows summing to 1.
        temperature: T, above 0; 1 changes nothing.

    Returns:
        Shape (n, 6), rows summing to 1.
    """
    if temperature == 1:
        return np.asarray(probabilities, np.float32)
    scaled = np.exp(log_softmax(log_probabilities(probabilities) / temperature)).astype(np.float32)
    # float32 has no room for a difference that a high temperature makes tiny; the first of two equal ones would win.
    rows, best = np.arange(len(scaled)), np.argmax(probabilities, axis=1)
    tied = scaled.argmax(axis=1) != best
    scaled[rows[tied], best[tied]] = np.nextafter(scaled[tied].max(axis=1), np.float32(2))
    return scaled


def renormalize(probabilities: Probabilities, only: Iterable[str]) -> NDArray[np.float64]:
    """Probabilities that are decided among some of the emotions: theirs are divided by their sum, the others become 0.

    Args:
        probabilities: shape (n, 6), rows summing to 1.
        only: two or more emotions.

    Returns:
        Shape (n, 6), rows summing to 1. A row that gave all of these emotions 0 gives each of them the same.

    Raises:
        ValueError: an emotion is unknown or named twice, or there are fewer than two.
    """
    kept = [EMOTION_TO_ID[name] for name in parse_emotions(only)]
    decided = np.zeros(np.shape(probabilities), np.float64)
    decided[:, kept] = np.asarray(probabilities, np.float64)[:, kept]
    decided[np.ix_(decided.sum(axis=1) == 0, kept)] = 1.0
    decided /= decided.sum(axis=1, keepdims=True)
    return decided


def log_probabilities(probabilities: Probabilities) -> NDArray[np.float64]:
    """The logarithms of probabilities; 0 has that of `SMALLEST_PROBABILITY`, as in the log loss."""
    return np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY))


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithms of the probabilities of logits, shape (n, 6)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    scaled: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return scaled
