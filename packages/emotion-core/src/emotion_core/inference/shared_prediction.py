"""Predict a file with several processes: each takes every n-th chunk, and the first writes all of them in order.

The processes read the same file, so only probabilities pass between them, and what cannot be read, as files in a hidden
folder beside the output. A chunk's file is named after the run, its temperature and the texts, so what an earlier,
killed prediction has left there is taken if it fits and never if it does not.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, Told
from emotion_core.labels import N_EMOTIONS
from emotion_core.runs.folder import RUN_FILE
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import file_hash

POLL_SECONDS = 0.05


class SharedClassifier(Classifier, AbstractContextManager["SharedClassifier"]):
    """A classifier whose calls are shared by several processes, all of which must make the same calls in order.

    Args:
        classifier: of this process.
        run_dir: that it was loaded from.
        output: the file that will hold the predictions.
        index, count: of this process, and of all.
    """

    def __init__(self, classifier: Classifier, run_dir: Path, output: Path, index: int, count: int) -> None:
        self._classifier, self._index, self._count = classifier, index, count
        self.origin, self.gate, self.abstain_below = classifier.origin, classifier.gate, classifier.abstain_below
        self._key = f"{file_hash(run_dir / RUN_FILE)} {classifier.temperature} "  # the space ends the number
        self._folder = output.with_name(f".{output.name}.shards")
        self._calls = 0

    def __exit__(self, *exception: object) -> None:
        if self._index == 0 and exception[0] is None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read; every process finds out by itself."""
        return self._classifier.unread(texts)

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """As the classifier says; every process finds out by itself."""
        return self._classifier.foreign(texts)

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """What the classifier predicts, shape (n_texts, 6); in all processes but the first, nothing but zeros."""
        return self.raw_and_unread(texts, progress).probabilities

    def raw_and_unread(self, texts: list[str], progress: Callable[[int], None]) -> Told:
        """What `raw_probabilities` says, and what cannot be read; in all processes but the first, of nothing."""
        owner = self._calls % self._count
        self._calls += 1
        if owner == self._index:
            told = self._classifier.predict_and_tell(texts, progress=progress)
            if self._index:
                self._hand_over(self._path(texts), told)
            return told
        if self._index:
            return Told(np.zeros((len(texts), N_EMOTIONS), dtype=np.float32), [None] * len(texts))
        told = self._take(self._path(texts))
        progress(len(texts))
        return told

    def _path(self, texts: Sequence[str]) -> Path:
        digest = hashlib.sha256(self._key.encode())
        for text in texts:
            # The length keeps texts apart; a lone surrogate is a text like any other here.
            digest.update(f"{len(text)} {text}".encode("utf-8", "surrogatepass"))
        return self._folder / f"{digest.hexdigest()[:24]}.npz"

    def _hand_over(self, path: Path, told: Told) -> None:
        self._folder.mkdir(exist_ok=True)
        with claimed(path, wait=True) as aside:
            reasons = np.array([reason or "" for reason in told.unread])  # texts of NumPy, for which nothing is pickled
            np.savez(aside, allow_pickle=False, probabilities=told.probabilities, unread=reasons)
            put_in_place(aside, path)

    def _take(self, path: Path) -> Told:
        # Where a process fails, the launcher ends all others, this one too.
        while not path.exists():
            time.sleep(POLL_SECONDS)
        with np.load(path, allow_pickle=False) as held:
            return Told(held["probabilities"], [reason or None for reason in held["unread"].tolist()])
