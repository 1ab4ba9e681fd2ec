"""Predicting with several processes that share the chunks of a file."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emotion_core.classifier import Classifier
from emotion_core.inference.shared_prediction import SharedClassifier

TEXTS = [[f"chunk {chunk} text {number}" for number in range(1 + chunk)] for chunk in range(7)]


class Lengths(Classifier):
    """A classifier whose probabilities tell the text, and which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """Numbers made from each text."""
        self.asked.append(texts)
        progress(len(texts))
        return np.array([[len(text), *map(ord, text[-5:])] for text in texts], dtype=np.float32)


def take_part(run: Path, output: Path, index: int, count: int, told: SimpleQueue) -> None:
    """Predict all chunks as one of several processes, and tell what this one was asked and got."""
    classifier = Lengths()
    with SharedClassifier(classifier, run, output, index, count) as shared:
        got = [shared.predict_proba(texts) for texts in TEXTS]
    told.put((index, classifier.asked, got))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder with a run.json."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.acceptance
def test_the_first_process_gets_all_chunks_and_each_is_predicted_once(run: Path, tmp_path: Path) -> None:
    """Three real processes predict disjoint chunks, the first has all results in order, and no file stays."""
    spawn = multiprocessing.get_context("spawn")
    told = spawn.SimpleQueue()
    output = tmp_path / "predicted.csv"
    processes = [spawn.Process(target=take_part, args=(run, output, index, 3, told)) for index in range(3)]
    for process in processes:
        process.start()
    answers = {index: (asked, got) for index, asked, got in (told.get() for _ in processes)}
    for process in processes:
        process.join(60)
    assert [answers[index][0] for index in range(3)] == [TEXTS[0::3], TEXTS[1::3], TEXTS[2::3]]
    alone = Lengths()
    for got, texts in zip(answers[0][1], TEXTS, strict=True):
        np.testing.assert_array_equal(got, alone.predict_proba(texts))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_another_model_has_left_is_not_taken(run: Path, tmp_path: Path) -> None:
    """A chunk that was predicted with another run, temperature or text has another name."""
    output = tmp_path / "predicted.csv"
    paths = [SharedClassifier(Lengths(), run, output, 0, 2)._path(texts) for texts in (["ab", "c"], ["a", "bc"])]
    warm = Lengths()
    warm.temperature = 2.0
    paths.append(SharedClassifier(warm, run, output, 0, 2)._path(["ab", "c"]))
    (run / "run.json").write_text('{"seed": 1}', encoding="utf-8")
    paths.append(SharedClassifier(Lengths(), run, output, 0, 2)._path(["ab", "c"]))
    assert len(set(paths)) == 4


def test_progress_counts_the_texts_of_all_processes(run: Path, tmp_path: Path) -> None:
    """The first process tells of the chunks of the others, too, when it has them."""
    output = tmp_path / "predicted.csv"
    other = SharedClassifier(Lengths(), run, output, 1, 2)
    for texts in TEXTS:
        other.predict_proba(texts)
    done: list[int] = []
    with SharedClassifier(Lengths(), run, output, 0, 2) as first:
        for texts in TEXTS:
            first.predict_proba(texts, progress=done.append)
    assert sum(done) == sum(map(len, TEXTS))
