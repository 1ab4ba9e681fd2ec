"""Tell neutral texts by their words, with NumPy alone, whatever the format of the model beside it.

The gate is a logistic regression on the TF-IDF vector of a text, of single tokens and pairs. It leaves the six
probabilities of the model as they are, which tell little about neutral texts: docs/results.md compares both.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import CLEANERS
from emotion_core.errors import RunError
from emotion_core.inference.tfidf.vectors import TfIdf
from emotion_core.runs.folder import GATE_FILE
from emotion_core.runs.record import RunRecord

TOKEN = re.compile(r"\w+|[^\w\s]")
"""A word, a number, or a single mark: exclamation marks and hashtags say much here."""


def terms(cleaned: str) -> list[str]:
    """The tokens of a cleaned text, and each two that follow each other."""
    tokens = TOKEN.findall(cleaned.lower())
    return [*tokens, *map(" ".join, pairwise(tokens))]


class NeutralGate:
    """The probability that a text shows none of the six emotions.

    Args:
        vectors: of texts.
        weights: of each term, shape (n_terms,); positive ones speak for a neutral text.
        bias: what a text without known terms gets.
        cleaning: the name of the text cleaning.
        threshold: the probability from which on predictions say ``neutral`` without being asked to; None for never.
        taught: the numbers of the neutral texts that it was taught with, as `training_texts.text_numbers` has them.
    """

    def __init__(
        self,
        vectors: TfIdf,
        weights: NDArray[np.float64],
        bias: float,
        *,
        cleaning: str,
        threshold: float | None = None,
        taught: Iterable[int] = (),
    ) -> None:
        self.vectors, self.weights, self.bias = vectors, weights, bias
        self.threshold, self.taught = threshold, np.array(list(taught), dtype=np.uint64)
        self._clean = CLEANERS[cleaning]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Of each raw text the probability that it is neutral, shape (n,).

        It was learned as if neutral and emotional texts were equally many; docs/results.md says what thresholds find.
        """
        margins = np.empty(len(texts))
        for row, text in enumerate(texts):
            columns, values = self.vectors.vector_of(terms(self._clean(text)))
            margins[row] = values @ self.weights[columns] + self.bias
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-margins))
        return probabilities

    def save(self, run: Path) -> None:
        """Write the gate into a run folder."""
        np.savez_compressed(
            run / GATE_FILE,
            allow_pickle=False,
            words=np.array(self.vectors.words),
            idf=self.vectors.idf,
            weights=self.weights,
            bias=np.float64(self.bias),
            taught=self.taught,
        )

    @classmethod
    def load(cls, run: Path, record: RunRecord) -> NeutralGate | None:
        """The gate of a run; None for a run without.

        Raises:
            RunError: its file is missing or damaged.
        """
        if record.neutral is None:
            return None
        path, stated = run / GATE_FILE, record.neutral
        try:
            with np.load(path, allow_pickle=False) as held:
                words, idf, weights, taught = (held[name] for name in ("words", "idf", "weights", "taught"))
                bias = float(held["bias"])
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RunError(f"{path}: cannot be read ({error}). Copy the run again from where it was whole.") from error
        numbers = (idf, weights)
        fits = words.ndim == 1 and words.dtype.kind == "U" and stated.text_cleaning in CLEANERS
        if (
            not fits
            or not np.isfinite(bias)
            or any(
                found.shape != words.shape or found.dtype != np.float64 or not np.isfinite(found).all()
                for found in numbers
            )
        ):
            raise RunError(f"{path}: its weights do not fit its words. The run was altered; copy it again.")
        return cls(
            TfIdf(words.tolist(), idf),
            weights,
            bias,
            cleaning=stated.text_cleaning,
            threshold=stated.threshold,
            taught=taught.tolist(),
        )


def copy_gate(run_dir: Path, folder: Path) -> None:
    """Copy the gate into the folder of a run that is made from another, which may have none."""
    if (run_dir / GATE_FILE).is_file():
        shutil.copyfile(run_dir / GATE_FILE, folder / GATE_FILE)
