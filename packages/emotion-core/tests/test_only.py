"""Decisions among some of the six emotions: ``--only`` of evaluate and predict, and what is recorded of it."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from emotion_core import evaluate_frame, predict_emotions, predict_frame, renormalize
from emotion_core.labels import EMOTIONS, parse_emotions
from emotion_core.runs.folder import read_json
from emotion_core.runs.predictions import PROBABILITY_COLUMNS, read_predictions

ONLY = "joy,sadness,anger"
KEPT = ("sadness", "joy", "anger")
TEXTS = ["so glad today", "i cry all night", "this makes me furious", "i was terrified"]
ROWS = [{"text": text, "label": label} for text, label in zip(TEXTS, ("joy", "sadness", "anger", "fear"), strict=True)]


def test_probabilities_are_divided_by_the_sum_of_the_kept_ones():
    """The others become 0, the rows sum to 1, and a row with nothing on the kept ones is even among them."""
    given = np.array([[0.1, 0.2, 0.3, 0.1, 0.2, 0.1], [0, 0, 1, 0, 0, 0]], np.float32)
    decided = renormalize(given, ["anger", "sadness", "joy"])
    assert decided == pytest.approx(np.array([[0.25, 0.5, 0, 0.25, 0, 0], [1 / 3, 1 / 3, 0, 1 / 3, 0, 0]]), abs=1e-6)


@pytest.mark.parametrize(
    ("named", "said"), [(["joy"], "at least two"), (["joy", "Joy"], "joy is named twice"), (["joy", "glee"], "glee")]
)
def test_less_than_two_different_emotions_are_refused(named, said):
    """The message says what is wrong."""
    with pytest.raises(ValueError, match=said):
        renormalize(np.full((1, 6), 1 / 6), named)


def test_emotions_are_named_in_any_case_and_order_or_by_id():
    """What is recorded is the names in label order."""
    assert parse_emotions(["Anger", 1, " sadness "]) == KEPT


def test_an_evaluation_among_some_emotions_says_so_wherever_it_is_recorded(tmp_path, runs, succeed, calibrated, sample):
    """In metrics.json, run.json, the printed line and empty columns; macro-F1 is over three; others are left out."""
    output = tmp_path / "three"
    result = succeed("evaluate", runs["words"], "--data", "sample", "--only", ONLY, "--output", output)
    test = sample.split("test")
    counts = test.classes()
    others = ", ".join(f"{counts[name]} of {name}" for name in ("love", "fear", "surprise"))
    assert f"Left out, since --only does not name their emotions: {others}." in result.stderr
    left = sum(counts[name] for name in KEPT)
    assert f"({left} texts, decided among sadness, joy, anger): accuracy" in result.stdout
    metrics = read_json(output, "metrics.json")
    assert metrics["data"]["only"] == read_json(output, "run.json")["data"]["only"] == list(KEPT)
    rows = np.isin(test.labels, [0, 1, 3])
    predicted = renormalize(calibrated.predict_proba(test.texts)[rows], KEPT).argmax(axis=1)
    expected = f1_score(test.labels[rows], predicted, average="macro", labels=[0, 1, 3])
    assert metrics["macro_f1"]["value"] == pytest.approx(expected)
    with (output / "predictions.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert {name for row in written for name in EMOTIONS if row[f"probability_{name}"]} == set(KEPT)
    read = read_predictions(output, *PROBABILITY_COLUMNS)
    assert read[list(PROBABILITY_COLUMNS)].sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)


def test_six_way_figures_and_others_are_never_ranked_together(tmp_path, runs, write_rows, succeed, refuse):
    """On the very same texts, compare names both, the report has a part for each, and the like are compared."""
    data = write_rows(tmp_path / "three.csv", ROWS[:3])
    for name, run, only in (
        ("six", "words", ()),
        ("words", "words", ("--only", ONLY)),
        ("same", "same", ("--only", ONLY)),
    ):
        succeed("evaluate", runs[run], "--data", data, *only, "--output", tmp_path / "runs" / name)
    said = refuse("compare", tmp_path / "runs" / "six", tmp_path / "runs" / "words")
    assert "among all six emotions" in said
    assert "among sadness, joy, anger" in said
    assert "Evaluate both with the same --only" in said
    alike = succeed(
        "compare", tmp_path / "runs" / "words", tmp_path / "runs" / "same", "--html", tmp_path / "page.html"
    )
    assert "(3 texts), decided among sadness, joy, anger, 95 %" in alike.stdout
    assert "decided among sadness, joy, anger" in (tmp_path / "page.html").read_text(encoding="utf-8")
    succeed("report", tmp_path / "runs", "--output", tmp_path / "report")
    report = read_json(tmp_path / "report", "report.json")
    assert [section["data"].get("only") for section in report["sections"]] == [list(KEPT), None]


def test_evaluate_names_the_emotions_that_are_missing_and_the_option(tmp_path, runs, write_rows, succeed):
    """Said once on standard error, also where --only names too many, and not if all are there."""
    data = write_rows(tmp_path / "three.csv", ROWS[:3])
    said = succeed("evaluate", runs["words"], "--data", data).stderr
    assert "No text is labelled love, fear, surprise" in said
    assert "--only sadness,joy,anger decides" in said
    said = succeed("evaluate", runs["words"], "--data", data, "--only", "joy,sadness,anger,fear").stderr
    assert "No text is labelled fear, so that each prediction of it is wrong" in said
    assert "No text is labelled" not in succeed("evaluate", runs["words"], "--data", "sample").stderr


def test_emotions_that_no_text_has_are_refused(tmp_path, runs, write_rows, refuse):
    """Nothing would be left to measure."""
    data = write_rows(tmp_path / "three.csv", ROWS[:3])
    assert "no text of all is labelled love, fear" in refuse(
        "evaluate", runs["words"], "--data", data, "--only", "fear,love", "--quiet"
    )


def test_predictions_among_some_emotions_leave_the_columns_of_the_others_empty(tmp_path, write_rows, runs, succeed):
    """In every format; the threshold of abstaining looks at the new probabilities."""
    data = write_rows(tmp_path / "data.csv", [{"text": text} for text in TEXTS])
    output = tmp_path / "out.jsonl"
    succeed("predict", runs["words"], "--input", data, "--output", output, "--only", ONLY, "--abstain-below", "0.34")
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        given = {name: row[f"probability_{name}"] for name in EMOTIONS}
        assert [name for name, value in given.items() if value is None] == ["love", "fear", "surprise"]
        assert sum(value for value in given.values() if value) == pytest.approx(1, abs=1e-5)
        assert row["predicted_emotion"] in KEPT
    line = succeed("predict", runs["words"], "i was terrified", "--only", ONLY).stdout
    assert line.split()[0] in KEPT


def test_python_decides_among_emotions_as_the_commands_do(calibrated):
    """predict_emotions, predict_frame and evaluate_frame take ``only``; a frame has NaN for the others."""
    frame = pd.DataFrame(ROWS)
    assert set(predict_emotions(calibrated, frame["text"], only=["joy", "fear"])) <= {"joy", "fear"}
    predicted = predict_frame(calibrated, frame, only=KEPT)
    assert predicted["probability_fear"].isna().all()
    assert predicted.filter(like="probability_").sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    metrics, probabilities = evaluate_frame(calibrated, frame, only=KEPT)
    assert (metrics["n"], metrics["data"]["only"], probabilities.shape) == (3, list(KEPT), (3, 6))
