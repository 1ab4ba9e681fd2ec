"""Tests of what a notebook asks of a classifier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emotion_core import EMOTIONS, DataError, evaluate_frame, predict_emotions, predict_frame
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.runs.typed_json import to_json


@pytest.fixture
def frame(sample):
    """The test split of the sample with other column names, emotions by name, and an index of its own."""
    split = sample.split("test").frame()
    names = [EMOTIONS[label] for label in split["label"]]
    return pd.DataFrame({"tweet": split["text"], "emotion": names}).set_index(split.index + 1000)


def test_emotions_are_the_names_of_the_most_probable_classes(calibrated, frame):
    """predict_emotions names, in the order of the texts, the class that predict_proba finds most probable."""
    best = calibrated.predict_proba(frame["tweet"].tolist()).argmax(axis=1)
    assert predict_emotions(calibrated, frame["tweet"]) == [EMOTIONS[label] for label in best]


def test_what_is_no_text_has_no_emotion(calibrated):
    """A missing, empty or numeric cell among the texts gives None in its place."""
    emotions = predict_emotions(calibrated, ["i feel sad", None, "", 3.5, float("nan")])
    assert emotions[0] in EMOTIONS
    assert emotions[1:] == [None] * 4


@pytest.mark.parametrize(
    "texts",
    [
        pd.DataFrame({"text": ["a day"]}),
        {"text": ["a day"]},
        np.array([["a day"], ["a night"]]),
        np.array("a day"),
        b"a day",
        7,
        None,
    ],
    ids=["DataFrame", "dict", "two dimensions", "no dimension", "bytes", "a number", "None"],
)
def test_what_holds_no_texts_is_refused_with_what_is_expected(calibrated, texts):
    """The names of columns and keys are not predicted."""
    with pytest.raises(TypeError, match=r"texts: found .*, expected"):
        predict_emotions(calibrated, texts)


@pytest.mark.parametrize(
    "texts", [np.array(["a day", "a night"]), ("a day", "a night"), pd.array(["a day", "a night"])]
)
def test_arrays_and_tuples_of_texts_are_predicted(calibrated, texts):
    """Whatever holds one text after the other will do."""
    assert None not in predict_emotions(calibrated, texts)


@pytest.mark.parametrize("frame", [{"text": ["a day"]}, ["a day"], np.array([["a day"]]), None])
def test_what_is_no_data_frame_is_refused(calibrated, frame):
    """Both functions say what they expect."""
    for call in (predict_frame, evaluate_frame):
        with pytest.raises(DataError, match=r"frame: found a .*, expected a DataFrame"):
            call(calibrated, frame)


MISSING_CELLS = [None, float("nan"), pd.NA, pd.NaT, np.float32("nan")]


@pytest.mark.parametrize("cell", MISSING_CELLS, ids=["None", "NaN", "pd.NA", "pd.NaT", "float32"])
@pytest.mark.parametrize("column", ["text", "label"])
def test_every_kind_of_missing_cell_is_named_with_its_row(calibrated, cell, column):
    """A missing text and a missing label are told alike, and the former gets no prediction."""
    rows = {"text": ["a day", "a night"], "label": [1, 3]}
    rows[column][1] = cell
    frame = pd.DataFrame(rows, dtype=object)
    with pytest.raises(DataError, match=rf"row 1: found no {column} \(a missing value, NaN\)"):
        evaluate_frame(calibrated, frame)
    if column == "text":
        assert predict_frame(calibrated, frame)["predicted_emotion"].notna().tolist() == [True, False]


def test_a_predicted_frame_keeps_its_columns_and_index(calibrated, frame):
    """predict_frame adds label, emotion and probabilities beside the user's own columns, row for row."""
    frame.loc[1003, "tweet"] = None
    predicted = predict_frame(calibrated, frame, "tweet")
    pd.testing.assert_frame_equal(predicted[["tweet", "emotion"]], frame)
    assert pd.isna(predicted.loc[1003, "predicted_label"])
    rest = predicted.drop(index=1003)
    assert rest["predicted_emotion"].tolist() == [EMOTIONS[label] for label in rest["predicted_label"]]
    assert np.allclose(rest.filter(like="probability_").sum(axis=1), 1, atol=1e-5)


def test_a_predicted_frame_abstains_as_files_do(calibrated, frame):
    """Below the threshold the emotion is uncertain and the label -1."""
    predicted = predict_frame(calibrated, frame, "tweet", abstain_below=1.01)
    assert set(predicted["predicted_emotion"]) == {"uncertain"}
    assert set(predicted["predicted_label"]) == {-1}


def test_a_frame_is_evaluated_as_a_split_with_labels_by_name_or_id(calibrated, sample, frame):
    """Names and ids give the metrics and the probabilities that the evaluation of the same split gives."""
    measured, probabilities, _ = evaluate(calibrated, sample, "test", speed=False)
    expected = to_json(measured)
    for labelled, columns in ((frame, ("tweet", "emotion")), (sample.split("test").frame(), ())):
        metrics, found = evaluate_frame(calibrated, labelled, *columns)
        np.testing.assert_array_equal(found, probabilities)
        assert metrics["data"].pop("fingerprint") == expected["data"]["fingerprint"]
        assert {**metrics, "data": None} == {**expected, "data": None}


@pytest.mark.parametrize(
    ("cell", "column", "message"),
    [
        ("gladness", "emotion", r"DataFrame, row 2: found label 'gladness', expected an id or a name"),
        (7, "emotion", r"DataFrame, row 2: found label 7, expected"),
        (None, "emotion", r"DataFrame, row 2: found no label"),
        ("  ", "tweet", r"DataFrame, row 2: found an empty text"),
        (None, "tweet", r"DataFrame, row 2: found no text"),
    ],
)
def test_a_bad_row_of_a_frame_is_named(calibrated, frame, cell, column, message):
    """The message counts rows as iloc does, whatever the index, and says so."""
    frame = frame.astype(object)
    frame.iloc[2, frame.columns.get_loc(column)] = cell
    with pytest.raises(DataError, match=f"{message}(.|\n)*the first row is row 0"):
        evaluate_frame(calibrated, frame, "tweet", "emotion")


def test_a_missing_column_is_told_with_the_parameter_that_names_it(calibrated, frame):
    """The message lists the columns there are and names text_column or label_column, not a command's option."""
    with pytest.raises(DataError, match=r"'text' is missing, found 'tweet', 'emotion'.*with text_column\."):
        evaluate_frame(calibrated, frame)
    with pytest.raises(DataError, match=r"with label_column\."):
        evaluate_frame(calibrated, frame, "tweet")
    with pytest.raises(DataError, match=r"with text_column\."):
        predict_frame(calibrated, frame)


def test_a_column_that_prediction_adds_is_not_doubled(calibrated, frame):
    """A frame that was predicted already, or has one name twice, is refused."""
    with pytest.raises(DataError, match="has a column 'predicted_label' already"):
        predict_frame(calibrated, predict_frame(calibrated, frame, "tweet"), "tweet")
    with pytest.raises(DataError, match="'tweet' stands twice"):
        predict_frame(calibrated, pd.concat([frame, frame["tweet"]], axis=1), "tweet")
