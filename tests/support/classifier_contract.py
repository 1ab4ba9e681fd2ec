"""What every classifier keeps, whatever its format and the library behind it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emotion_core.classifier import Classifier
from emotion_core.inference.frames import predict_emotions
from emotion_core.labels import EMOTIONS, N_EMOTIONS
from emotion_core.runs.folder import read_run
from estimator_checks import check_copies
from shared_checks import predict_in_threads

TEXTS = ("what a day", "no", "i really did not expect to see you here today of all days", "", "so tired of all this")
STRANGE = ("", "12345", "!!!", "привет 😂", "\ud800", "\0", "word " * 5000)
NOTHING = (
    "\u200b\u200d",
    "\ufeff",
    "\0\x1b",
    " &nbsp;",
    "\u200e\u202a\u2069",
    "\xad",
    "&#8203; &shy;",
    "\u3164",
    "\u0301",
)
ROUNDING = 1e-5
"""Probabilities of one text may differ by this when it is computed in batches of other widths."""
THREADS = 8

ELSEWHERE = """
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path
import numpy as np
import pandas as pd
import pytest
module, name, run, found, path, *texts = sys.argv[1:]
sys.path[:] = path.split("|")
classifier = attrgetter(name)(import_module(module))(Path(run))
np.save(found, classifier.predict_proba(texts))
"""


def check_classifier(
    load: Callable[[Path], Classifier], run: Path, folder: Path, *, original: Classifier | None = None
) -> None:
    """Raise an AssertionError unless the classifier of a run keeps the contract.

    Args:
        load: of the package; a new process finds it under its name.
        run: the run folder.
        folder: for files of the checks.
        original: what the run was exported from, which must say the same but for the temperature.
    """
    classifier = load(run)
    check_probabilities(classifier)
    check_names(classifier)
    check_what_holds_texts(classifier)
    record = read_run(run)
    assert f"{record.model} from {run}, " in repr(classifier)
    assert repr(classifier).endswith(f"{(record.model_size_bytes or 0) / 1e6:.1f} MB>")
    check_neighbours(classifier)
    check_progress(classifier)
    check_nothing(classifier)
    check_copies(classifier, TEXTS, folder)
    expected = classifier.predict_proba(TEXTS)
    for found in predict_in_threads(load(run), TEXTS, THREADS):  # their calls are its first ones
        np.testing.assert_allclose(found, expected, atol=ROUNDING)
    np.testing.assert_allclose(predicted_elsewhere(load, run, folder), expected, atol=ROUNDING)
    if original is not None:
        classifier.temperature = original.temperature = 1.0
        exported, its = (each.predict_proba(TEXTS) for each in (classifier, original))
        np.testing.assert_allclose(exported, its, atol=1e-4)


def check_probabilities(classifier: Classifier) -> None:
    """Each text, however strange, has six probabilities in float32; no text has none."""
    found = classifier.predict_proba([*TEXTS, *STRANGE])
    assert (found.shape, found.dtype) == ((len(TEXTS) + len(STRANGE), N_EMOTIONS), np.float32)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert classifier.predict_proba([]).shape == (0, N_EMOTIONS)


def check_names(classifier: Classifier) -> None:
    """Names and ranks are those of the probabilities, for several texts and for one."""
    probabilities = classifier.predict_proba(TEXTS)
    assert tuple(classifier.classes_) == EMOTIONS
    assert classifier.predict(TEXTS).tolist() == [EMOTIONS[best] for best in probabilities.argmax(axis=1)]
    told = classifier(TEXTS[0])
    assert sorted(told.values(), reverse=True) == list(told.values())
    np.testing.assert_allclose([told[name] for name in EMOTIONS], probabilities[0], atol=ROUNDING)


def check_what_holds_texts(classifier: Classifier) -> None:
    """Whatever holds texts is predicted as a list is, and what does not is a TypeError."""
    expected = classifier.predict_proba(TEXTS)
    for several in (tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, object), pd.Series(TEXTS), (text for text in TEXTS)):
        np.testing.assert_allclose(classifier.predict_proba(several), expected, atol=ROUNDING)
    for nothing in ("best day", None, 7, ["best day", None]):
        with pytest.raises(TypeError, match=r"^texts"):
            classifier.predict_proba(nothing)


def check_neighbours(classifier: Classifier) -> None:
    """A text has the same probabilities alone, among many, and in another order."""
    alone = np.vstack([classifier.predict_proba([text]) for text in TEXTS])
    many = [*TEXTS] * 60  # several batches
    together = classifier.predict_proba(many)
    np.testing.assert_allclose(together, np.tile(alone, (60, 1)), atol=ROUNDING)
    np.testing.assert_allclose(classifier.predict_proba(many[::-1]), together[::-1], atol=ROUNDING)


def check_nothing(classifier: Classifier) -> None:
    """A text without anything that can be seen gets no emotion, and its neighbour does."""
    told = predict_emotions(classifier, [*NOTHING, TEXTS[0]])
    assert [emotion is None for emotion in told] == [*(True for _ in NOTHING), False]


def check_progress(classifier: Classifier) -> None:
    """Each text is told once."""
    done: list[int] = []
    classifier.predict_proba([*TEXTS] * 60, progress=done.append)
    assert sum(done) == 60 * len(TEXTS)


def predicted_elsewhere(load: Callable[[Path], Classifier], run: Path, folder: Path) -> np.ndarray:
    """What a process that does nothing else predicts of `TEXTS`."""
    found = folder / "elsewhere.npy"
    words = [load.__module__, load.__qualname__, str(run), str(found), "|".join(sys.path), *TEXTS]
    subprocess.run([sys.executable, "-c", ELSEWHERE, *words], check=True)
    probabilities: np.ndarray = np.load(found)
    return probabilities
