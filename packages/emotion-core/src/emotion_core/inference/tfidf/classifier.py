"""A linear classifier on TF-IDF, in two files that hold no code."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, log_softmax
from emotion_core.data.cleaning import CLEANERS, NOTHING_LEFT
from emotion_core.data.known_words import KnownWords, foreign_texts
from emotion_core.errors import ModelError, RunError
from emotion_core.inference.tfidf.vectors import TfIdf
from emotion_core.labels import N_EMOTIONS
from emotion_core.runs.layouts import TFIDF

WORDS_FILE, WEIGHTS_FILE = TFIDF.files
NO_WORDS = "no word of the training texts"
STEP = 100
"""So many texts are predicted before the progress is told."""


class TfIdfClassifier(Classifier):
    """Margins that are linear in the TF-IDF vector of a text, and their softmax as probabilities.

    Without words, as the majority class has it, it gives every text the same probabilities.

    Args:
        vectors: of texts.
        coefficients: of each word for each emotion, shape (n_words, 6).
        intercepts: of the emotions, shape (6,).
        cleaning: the name of the text cleaning.
    """

    def __init__(
        self, vectors: TfIdf, coefficients: NDArray[np.float64], intercepts: NDArray[np.float64], cleaning: str
    ) -> None:
        self.vectors, self.coefficients, self.intercepts = vectors, coefficients, intercepts
        self._clean, self._nothing_left = CLEANERS[cleaning], NOTHING_LEFT[cleaning]

    @property
    def n_weights(self) -> int:
        """How many numbers were learned, the weights of the words included."""
        return self.vectors.idf.size + self.coefficients.size + self.intercepts.size

    def save(self, folder: Path) -> None:
        """Write the classifier into a model folder."""
        words = json.dumps(self.vectors.words, ensure_ascii=False, indent=0)
        (folder / WORDS_FILE).write_text(words + "\n", encoding="utf-8")
        np.savez(
            folder / WEIGHTS_FILE,
            allow_pickle=False,
            idf=self.vectors.idf,
            coefficients=self.coefficients,
            intercepts=self.intercepts,
        )

    @classmethod
    def load_folder(cls, folder: Path, cleaning: str, device: str = "auto") -> TfIdfClassifier:
        """Load the classifier from its model folder, without a temperature.

        Raises:
            RunError: the numbers do not fit the words. What else the libraries raise of an altered file,
                `inference.loading.load_own` turns into one.
            ModelError: a GPU is asked for.
        """
        if device == "gpu":
            raise ModelError("NumPy computes this model, on a CPU. Use --device cpu.")
        words = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as weights:
            idf, coefficients, intercepts = (weights[name] for name in ("idf", "coefficients", "intercepts"))
        fits = isinstance(words, list) and all(isinstance(word, str) for word in words)
        shapes = {(len(words),): idf, (len(words), N_EMOTIONS): coefficients, (N_EMOTIONS,): intercepts}
        if not fits or any(
            found.shape != shape or found.dtype != np.float64 or not np.isfinite(found).all()
            for shape, found in shapes.items()
        ):
            raise RunError(f"{folder}: the weights do not fit the words. The run was altered; copy it again.")
        return cls(TfIdf(words, idf), coefficients, intercepts, cleaning)

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read; None if it has a word of the training texts."""
        return [self._problem(self._clean(text)) if self.vectors.words else None for text in texts]

    @cached_property
    def _known_words(self) -> KnownWords | None:
        return KnownWords.of_training(self.vectors.words)

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """As `Classifier.foreign`, by the words of the training texts."""
        return foreign_texts(self._known_words, texts)

    def _problem(self, cleaned: str) -> str | None:
        if not cleaned:
            return self._nothing_left
        return None if len(self.vectors.vector(cleaned).columns) else NO_WORDS

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The softmax of the margins, shape (n_texts, 6), rows summing to 1."""
        margins = np.empty((len(texts), N_EMOTIONS))
        for start in range(0, len(texts), STEP):
            chosen = texts[start : start + STEP]
            for row, text in enumerate(chosen, start):
                columns, values = self.vectors.vector(self._clean(text))
                margins[row] = values @ self.coefficients[columns] + self.intercepts
            progress(len(chosen))
        return np.exp(log_softmax(margins)).astype(np.float32)
