"""What all classifiers have in common, on that of these tests: counts of words and naive Bayes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import WordClassifier

from classifier_contract import check_classifier
from emotion_core import EMOTIONS, predict_emotions
from emotion_core.classifier import Origin, ranked
from emotion_core.errors import DataError, EmotionError
from emotion_core.texts import checked_texts


def test_the_classifier_of_the_tests_keeps_the_contract(runs, tmp_path):
    """So what the tests of this package find with it holds for the classifiers of the model packages."""
    check_classifier(WordClassifier.load, runs["words"], tmp_path)


NO_TEXTS = {
    "best day": 'texts: found one text, expected several. Put it into a list: ["best day"].',
    "best day " * 9: 'Put it into a list: ["best day best day best day best day best...',
    b"best day": "texts: found bytes, expected texts, shape (n,)",
    None: "texts: found None, expected texts, shape (n,)",
    7: "texts: found int, expected texts",
}
TABLES = [
    ({"text": ["a day"]}, "texts: found dict, expected"),
    ({"a day"}, "texts: found set, expected"),
    (pd.DataFrame({"text": ["a day"]}), "texts: found DataFrame of shape (1, 1), expected"),
    (np.array([["a day"], ["a night"]]), "texts: found ndarray of shape (2, 1), expected"),
    (np.array("a day"), "texts: found ndarray of shape (), expected"),
]
ROWS = [
    (["a day", None], "texts, row 1: found None, expected a text"),
    (["a day", 3], "texts, row 1: found int 3, expected a text"),
    ([float("nan")], "texts, row 0: found float nan, expected a text"),
    (pd.Series(["a day", pd.NA], dtype=object), "texts, row 1: found NAType <NA>, expected a text"),
    (np.array([b"a day"]), "texts, row 0: found bytes b'a day', expected a text"),
    ([["a day"], ["a night"]], "texts, row 0: found list ['a day'], expected a text"),
    ((text for text in ("a day", b"")), "texts, row 1: found bytes b'', expected a text"),
]


@pytest.mark.parametrize(("given", "message"), [*NO_TEXTS.items(), *TABLES, *ROWS], ids=lambda value: str(value)[:20])
def test_what_is_no_list_of_texts_is_one_type_error(calibrated, given, message):
    """The message says what was found, in which row, and how to write it; our own errors catch it, too."""
    with pytest.raises(TypeError) as caught:
        calibrated.predict_proba(given)
    assert message in str(caught.value)
    assert isinstance(caught.value, DataError)


def test_names_are_asked_of_the_same_check(calibrated):
    """Names of emotions and the column of a DataFrame are refused as probabilities are; cells may be missing there."""
    for ask in (calibrated.predict, lambda texts: predict_emotions(calibrated, texts)):
        with pytest.raises(TypeError, match=r'Put it into a list: \["i feel sad"\]'):
            ask("i feel sad")
    assert predict_emotions(calibrated, ["i feel sad", None])[1] is None


@pytest.mark.parametrize("texts", [pa.array(["a day"]), pd.array(["a day"]), pd.Index(["a day"])])
def test_other_libraries_columns_are_read(texts):
    """Arrow's, and the kinds of pandas, give texts of Python."""
    assert checked_texts(texts) == ["a day"]
    assert type(checked_texts(texts)[0]) is str


@pytest.mark.parametrize("several", [["a day"], None, 7, b"a day"], ids=str)
def test_a_call_takes_one_text(calibrated, several):
    """Several texts are told where to go."""
    with pytest.raises(TypeError, match=r"expected one text\. For several there are predict and predict_proba"):
        calibrated(several)


def test_equally_probable_emotions_keep_their_order():
    """So the first of them is the one that predict names."""
    assert list(ranked(EMOTIONS, np.float32([0.1, 0.3, 0.1, 0.3, 0.1, 0.1]))) == [
        "joy", "anger", "sadness", "love", "fear", "surprise"
    ]  # fmt: skip


def test_a_classifier_says_what_it_is(calibrated, runs):
    """Model, run and size; and that it is not from a run, or from one that was not kept."""
    assert repr(calibrated).startswith(f"<WordClassifier words from {runs['words']}, 0.0")
    assert repr(WordClassifier(None)) == "<WordClassifier that was not loaded from a run>"
    assert str(Origin("gru", None, 450_000, 1_900_000)) == "gru from a run that was not kept, 0.45 M parameters, 1.9 MB"
    assert "\x1b" not in str(Origin("gru", "runs/\x1b[31m"))


def test_no_text_has_no_probabilities(calibrated):
    """An empty list is one, whatever the model makes of it."""
    assert calibrated.predict_proba([]).shape == (0, 6)
    assert calibrated.predict([]).tolist() == []


def test_every_error_of_ours_can_be_caught_as_one():
    """A TypeError about texts is an EmotionError, as the command lines show them."""
    with pytest.raises(EmotionError):
        checked_texts(None)
