"""Predictions of other programs, imported as runs."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from emotion_core import EMOTIONS, LabelMap
from emotion_core.data.dataset import Split
from emotion_core.errors import DataError, RunError
from emotion_core.evaluation.imported.matching import match
from emotion_core.evaluation.imported.reading import FileColumns, read_said
from emotion_core.inference.loading import load
from emotion_core.reporting.compare import ranked_runs
from emotion_core.reporting.disagreements import find_disagreements
from emotion_core.reporting.report import write_report
from emotion_core.runs.folder import read_json, read_metrics, read_run, verify_run

VALIDATION = ("--data", "sample", "--split", "validation")


@pytest.fixture
def predicted(sample, calibrated):
    """What the classifier of the tests says of the validation split, as another program might write it."""
    split = sample.split("validation")
    table = pd.DataFrame(calibrated.predict_proba(split.texts), columns=list(EMOTIONS))
    return table.assign(text=split.texts, emotion=calibrated.predict(split.texts))


def write(table, path):
    """Write a table in the format that the ending of the path names."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_probabilities_in_any_format_and_order_give_the_figures_of_the_run(predicted, runs, tmp_path, succeed, suffix):
    """Rows in another order are found by their texts, and the metrics are those that the model has itself."""
    file = write(predicted.sample(frac=1, random_state=1), tmp_path / f"theirs{suffix}")
    told = succeed("import-predictions", file, "--name", "theirs", *VALIDATION, "--output", tmp_path / "run")
    assert "matched by text." in told.stderr
    found, expected = (read_json(run, "metrics.json") for run in (tmp_path / "run", runs["words"]))
    for name in ("accuracy", "macro_f1", "confusion_matrix"):
        assert found[name] == expected[name]
    assert found["log_loss"]["value"] == pytest.approx(expected["log_loss"]["value"], rel=1e-4)
    assert verify_run(tmp_path / "run") == []
    record = read_run(tmp_path / "run")
    assert (record.kind, record.format, record.model, record.parameters) == (
        "predictions",
        "predictions",
        "theirs",
        None,
    )
    assert record.imported_from.extra["matched"] == "by text"


@pytest.fixture
def emotions_alone(predicted, tmp_path, succeed):
    """A run of predicted emotions without probabilities."""
    file = write(predicted[["text", "emotion"]], tmp_path / "emotions.csv")
    succeed("import-predictions", file, "--name", "theirs", *VALIDATION, "--output", tmp_path / "runs" / "theirs")
    return tmp_path / "runs" / "theirs"


def test_without_probabilities_nothing_is_made_up(emotions_alone, runs):
    """Log loss, calibration error, average precision, temperature and size are absent, and all else is there."""
    metrics = read_json(emotions_alone, "metrics.json")
    absent = {"log_loss", "expected_calibration_error", "average_precision", "temperature", "speed"}
    assert absent & set(metrics) == set()
    assert metrics["macro_f1"] == read_json(runs["words"], "metrics.json")["macro_f1"]
    header = (emotions_alone / "predictions.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "text,label,predicted_label,predicted_emotion"
    assert sorted(path.name for path in (emotions_alone / "figures").iterdir()) == ["confusion_matrix.png"]
    assert "model_size_bytes" not in read_json(emotions_alone, "run.json")
    assert read_metrics(emotions_alone).log_loss is None


def test_they_are_compared_tested_and_reported(emotions_alone, runs, succeed, tmp_path):
    """In the table, on the page with the texts on which they disagree, in JSON, and in a report."""
    page = tmp_path / "page.html"
    lines = succeed("compare", emotions_alone, runs["better"], runs["words"], "--html", page).stdout.splitlines()
    (row,) = (line for line in lines if " theirs " in line)
    assert row.count("unknown") == 2
    assert "(significant)" in row
    assert "2. theirs</bdi>&nbsp;(no probability)" in page.read_text(encoding="utf-8")
    entries = ranked_runs([emotions_alone, runs["better"], runs["words"]])
    found = find_disagreements(entries, 10)
    assert np.isnan(found.probabilities[:, [entry.run == "theirs" for entry in entries]]).all()
    assert not np.isnan(found.probabilities[:, [entry.run == "better" for entry in entries]]).any()
    _, told, _ = json.loads(succeed("compare", emotions_alone, runs["better"], runs["words"], "--json").stdout)
    assert (told["parameters"], told["model_size_bytes"]) == (None, None)
    write_report(emotions_alone.parent, tmp_path / "report")
    assert "| theirs | theirs |" in (tmp_path / "report" / "index.md").read_text(encoding="utf-8")


def test_such_a_run_says_what_it_is(emotions_alone, refuse):
    """Whatever asks for a model is told that there is none."""
    for words in (("predict", emotions_alone, "a day"), ("evaluate", emotions_alone, "--data", "sample")):
        assert "holds predictions of 'theirs', another program, and no model" in refuse(*words)
    with pytest.raises(RunError, match="holds predictions of 'theirs'"):
        load(emotions_alone)


def test_without_texts_the_order_counts(predicted, tmp_path, succeed, refuse):
    """As many rows as texts are matched in their order, which is said; the true labels tell another order."""
    file = write(predicted[["emotion"]], tmp_path / "ordered.csv")
    told = succeed("import-predictions", file, "--name", "theirs", *VALIDATION, "--output", tmp_path / "run")
    assert "matched by order, since the file has no column of texts" in told.stderr
    words = ("--name", "theirs", *VALIDATION, "--output", tmp_path / "other")
    short = write(predicted[["emotion"]].head(100), tmp_path / "short.csv")
    assert "found 100 rows and no column of texts, expected one row for each of the 150" in refuse(
        "import-predictions", short, *words
    )
    turned = predicted[["emotion"]].assign(label=["joy"] * 150)
    message = refuse("import-predictions", write(turned, tmp_path / "turned.csv"), *words)
    assert "have other true labels than validation of sample" in message


def test_what_does_not_match_is_named(predicted, tmp_path, succeed, refuse):
    """Texts without a prediction end the command; rows of other texts are passed over, with their lines."""
    words = ("--name", "theirs", *VALIDATION, "--output", tmp_path / "run")
    short = write(predicted.iloc[2:], tmp_path / "short.csv")
    message = refuse("import-predictions", short, *words)
    assert f"{short}: has no prediction for 2 of the 150 texts of validation of sample: row 1 " in message
    others = pd.DataFrame({"text": ["another text", "one more"], "emotion": ["joy", "fear"]})
    more = write(pd.concat([others, predicted[["text", "emotion"]]]), tmp_path / "more.csv")
    told = succeed("import-predictions", more, *words)
    assert "2 rows are not used, since their texts are not in validation of sample: lines 2, 3" in told.stderr


def said(tmp_path, rows, **columns):
    """What a csv file of some rows says."""
    return read_said(write(pd.DataFrame(rows), tmp_path / "file.csv"), FileColumns(**columns))


def test_spellings_and_repeated_texts_are_matched(tmp_path):
    """First by the text as it stands, then by its letters; equal predictions of one text count everywhere."""
    split = Split(["So glad!", "boo", "boo", "a day"], [1, 3, 3, 1])
    found = said(tmp_path, {"text": ["so glad", "a day", "boo"], "emotion": ["joy", "love", "fear"]})
    matched = match(found, split, "here")
    assert matched.rows == [0, 2, 2, 1]
    assert matched.how == "by text, 1 of 4 in another spelling"
    in_order = said(tmp_path, {"text": ["boo", "so glad", "boo", "a day"], "emotion": ["joy", "joy", "fear", "joy"]})
    assert match(in_order, split, "here").rows == [1, 0, 2, 3]
    three = said(
        tmp_path, {"text": ["boo", "boo", "boo", "So glad!", "a day"], "emotion": ["joy", "fear", *["joy"] * 3]}
    )
    with pytest.raises(DataError, match="lines 2, 3, 4: predict different things of one text, which stands 2 times"):
        match(three, split, "here")


def test_names_go_through_the_label_map(tmp_path, sample, refuse, succeed):
    """Of emotions, and of columns, whose probabilities are added up; without it an unknown name is told."""
    split = sample.split("validation")
    theirs = ["happiness" if label == 1 else EMOTIONS[label] for label in split.labels]
    file = write(pd.DataFrame({"text": split.texts, "prediction": theirs}), tmp_path / "theirs.csv")
    words = ("import-predictions", file, "--name", "theirs", *VALIDATION, "--output", tmp_path / "run")
    assert "theirs.csv, line 4: found label 'happiness'" in refuse(*words)
    names = tmp_path / "map.json"
    names.write_text('{"happiness": "joy", "glee": "joy"}', encoding="utf-8")
    assert "accuracy 1.0000" in succeed(*words, "--label-map", names).stdout
    columns = {name: [0.1] for name in EMOTIONS if name != "joy"} | {"happiness": [0.2], "glee": [0.3]}
    found = said(tmp_path, columns, label_map=LabelMap.read(names))
    np.testing.assert_allclose(found.probabilities, [[0.1, 0.5, 0.1, 0.1, 0.1, 0.1]])


SIX = {name: [0.1] for name in EMOTIONS} | {"joy": [0.5]}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (SIX | {"joy": [3.2]}, "line 2: found '3.2' in 'joy', expected a probability from 0 to 1"),
        (SIX | {"joy": [0.9]}, "line 2: the probabilities add up to 1.4, expected 1"),
        (SIX | {"joy": [None]}, "line 2: found '' in 'joy'"),
        ({"emotion": ["glee"]}, "line 2: found label 'glee'"),
        ({"text": ["a"], "emotion": [None]}, "line 2: found no emotion"),
        ({"text": ["a"], "predicted_emotion": ["uncertain"]}, "line 2: found label 'uncertain'"),
        ({"probability_joy": [1.0], "text": ["a"]}, "has no probability of sadness, love, anger, fear, surprise"),
        ({"text": ["a"], "score": [1]}, "found the columns 'text', 'score', expected the six probabilities"),
    ],
)
def test_what_is_no_prediction_is_told_with_its_row(tmp_path, rows, message):
    """With what was found and what is expected."""
    with pytest.raises(DataError) as caught:
        said(tmp_path, rows)
    assert message in str(caught.value)


def test_rounded_probabilities_are_scaled(tmp_path):
    """Two digits each need not add up to 1."""
    found = said(tmp_path, {name: [0.17] for name in EMOTIONS})
    np.testing.assert_allclose(found.probabilities, [[1 / 6] * 6])


def test_columns_can_be_named(tmp_path):
    """A column of emotions that is named takes precedence over probabilities; one of texts must be there."""
    found = said(tmp_path, SIX | {"mine": ["fear"]}, predicted="mine")
    assert (found.predicted.tolist(), found.probabilities) == ([4], None)
    with pytest.raises(DataError, match=r"the column 'body' is missing.*--predicted-text-column"):
        said(tmp_path, SIX, text="body", needs_text=True)


def test_a_name_is_that_of_a_folder(predicted, tmp_path, refuse):
    """The run lies in the folder of runs unless --output says otherwise."""
    file = write(predicted, tmp_path / "theirs.csv")
    assert "expected a name that a folder can have" in refuse("import-predictions", file, "--name", "a/b", *VALIDATION)
