"""What evaluation measures, and what a training run and an evaluation leave in their folders."""

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import WordClassifier
from sklearn.metrics import f1_score

from emotion_core.classifier import apply_temperature
from emotion_core.data.dataset import Dataset, Split, fingerprint
from emotion_core.errors import DataError
from emotion_core.evaluation.calibration import fit_temperature
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.evaluation.metrics import compute_metrics
from emotion_core.evaluation.speed import measure_speed
from emotion_core.inference.batches import length_batches
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.runs.metrics import DataRef
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells
from emotion_core.runs.record import RunRecord
from emotion_core.runs.typed_json import to_json
from emotion_core.training.finish import write_history

FIGURES = {"class_distribution", "confusion_matrix", "precision_recall", "reliability", "training_curves"}
AVERAGES = ["accuracy", *(f"{a}_{n}" for a in ("macro", "weighted") for n in ("precision", "recall", "f1"))]


def test_the_columns_of_predictions_are_label_emotion_and_six_probabilities():
    """Their names and order are the same in every table."""
    expected = ["predicted_label", "predicted_emotion", *(f"probability_{name}" for name in EMOTIONS)]
    assert list(PREDICTION_COLUMNS) == expected


def test_the_cells_of_a_prediction_name_the_most_probable_emotion():
    """Label, name, and the probabilities with six digits."""
    row = np.array([[0.1, 0.05, 0.05, 0.6, 0.1, 0.1]], np.float32)
    assert prediction_cells(row) == [(3, "anger", 0.1, 0.05, 0.05, 0.6, 0.1, 0.1)]


def test_evaluation_measures_the_split_that_is_asked_for(classifier, sample):
    """The metrics are those of the predictions on that split, tied to it by name, rows and fingerprint."""
    metrics, probabilities, _ = evaluate(classifier, sample, "test", speed=False)
    split = sample.split("test")
    expected = classifier.predict_proba(split.texts)
    np.testing.assert_array_equal(probabilities, expected)
    assert metrics.macro_f1.value == pytest.approx(f1_score(split.labels, expected.argmax(axis=1), average="macro"))
    assert metrics.data == DataRef("sample", "test", 150, fingerprint(split))
    assert metrics.speed is None


def test_progress_counts_every_text_once(classifier, sample):
    """What the bar is told adds up to the rows of the split."""
    done = []
    evaluate(classifier, sample, "test", speed=False, progress=done.append)
    assert sum(done) == 150


def test_speed_is_measured_on_the_texts(classifier, sample):
    """Up to 100 texts one at a time, and up to 1,000 at once, with p50 at most p95."""
    speed = measure_speed(classifier, sample.split("test").texts)
    assert (speed.latency_ms.n_texts, speed.texts_per_second.n_texts) == (100, 150)
    assert 0 < speed.latency_ms.p50 <= speed.latency_ms.p95
    assert speed.texts_per_second.value > 0


def test_a_training_run_holds_all_that_the_design_names(runs):
    """The record, metrics, history, predictions, five figures, the model and its card, each with its hash."""
    run = runs["words"]
    assert {path.stem for path in (run / "figures").iterdir()} == FIGURES
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (run / "figures").iterdir())
    names = {path.name for path in run.iterdir()}
    assert names == {
        "README.md", "figures", "history.csv", "metrics.json", "model", "predictions.csv", "run.json",
        "training_texts.npy",
    }  # fmt: skip
    assert verify_run(run) == []


def test_a_run_that_nobody_keeps_has_neither_figures_nor_speed(tmp_path, runs, sample, classifier, train_run):
    """Without the extras a training ends sooner, and its run is whole and says the same of the model."""
    run = train_run(tmp_path / "run", classifier, sample, extras=False)
    assert not list(run.glob("figures/*"))
    assert verify_run(run) == []
    with_extras = read_json(runs["words"], "metrics.json")
    del with_extras["speed"]
    assert read_json(run, "metrics.json") == with_extras


def test_a_training_run_records_its_data(runs, sample):
    """Every split with rows and fingerprint, so that a result can be traced to its texts."""
    data = read_json(runs["words"], "run.json")["data"]
    assert data["name"] == "sample"
    assert {name: split["fingerprint"] for name, split in data["splits"].items()} == {
        name: fingerprint(frame) for name, frame in sample.splits.items()
    }


def test_the_predictions_of_a_run_are_those_of_its_metrics(runs, sample):
    """predictions.csv has the validation rows in order, and its accuracy is the one in metrics.json."""
    table = pd.read_csv(runs["words"] / "predictions.csv")
    split = sample.split("validation")
    assert table.columns.tolist() == ["text", "label", *PREDICTION_COLUMNS]
    assert table["text"].tolist() == split.texts
    assert table["label"].tolist() == split.labels.tolist()
    metrics = read_json(runs["words"], "metrics.json")
    assert metrics["accuracy"]["value"] == pytest.approx((table["label"] == table["predicted_label"]).mean())
    assert table.filter(like="probability_").sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)


def test_the_metrics_of_a_run_have_intervals_and_speed(runs):
    """Each average has value, low and high; the speed is there for the comparison."""
    metrics = read_json(runs["words"], "metrics.json")
    for name in AVERAGES:
        assert metrics[name]["low"] <= metrics[name]["value"] <= metrics[name]["high"]
    assert {"latency_ms", "texts_per_second", "other_programs"} == set(metrics["speed"])


def test_the_history_has_a_row_an_epoch_and_all_columns(tmp_path):
    """An epoch without a value has an empty cell."""
    write_history(tmp_path / "history.csv", [{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.5, "val_loss": 1.8}])
    with (tmp_path / "history.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["epoch", "loss", "val_loss"], ["1", "2.0", ""], ["2", "1.5", "1.8"]]


def test_the_command_prints_one_json_object_and_nothing_else(runs, succeed, calibrated, sample):
    """Standard output is the content of metrics.json; messages go to standard error."""
    result = succeed("evaluate", runs["words"], "--data", "sample", "--json")
    printed = json.loads(result.stdout)
    expected, *_ = evaluate(calibrated, sample, "test", speed=False)
    speed = printed.pop("speed")
    assert printed["data"].pop("trained_on") == 0
    assert printed == to_json(expected)
    assert speed["latency_ms"]["n_texts"] == 100


def test_the_command_prints_the_figures_that_are_looked_for_first(runs, succeed, classifier, sample):
    """Accuracy and macro-F1 with intervals in one line, then F1 of each emotion with its support."""
    result = succeed("evaluate", runs["words"], "--data", "sample", "--split", "validation")
    first, *rest = result.stdout.splitlines()
    metrics = read_json(runs["words"], "metrics.json")
    assert first.startswith(
        f"validation of sample (150 texts): accuracy {metrics['accuracy']['value']:.4f} "
        f"[{metrics['accuracy']['low']:.4f}, {metrics['accuracy']['high']:.4f}], macro-F1 "
    )
    assert [line.split()[0] for line in rest] == list(EMOTIONS)
    assert all(line.endswith("(25 texts)") for line in rest)


def test_the_command_keeps_an_evaluation_as_a_run(tmp_path, runs, succeed, refuse):
    """It holds metrics, predictions and figures and no model, says which run it measured, and can be compared."""
    output = tmp_path / "evaluation"
    arguments = ("evaluate", runs["words"], "--data", "sample", "--output", output)
    succeed(*arguments)
    record = read_json(output, "run.json")
    assert (record["kind"], record["evaluated_run"], record["model"]) == ("evaluate", str(runs["words"]), "words")
    assert record["model_size_bytes"] == read_json(runs["words"], "run.json")["model_size_bytes"] > 0
    assert read_json(output, "metrics.json")["data"]["split"] == "test"
    assert {path.stem for path in (output / "figures").iterdir()} == FIGURES - {"class_distribution", "training_curves"}
    assert verify_run(output) == []
    assert "exists already" in refuse(*arguments)
    succeed(*arguments, "--force")
    assert "holds an evaluation and no model" in refuse("evaluate", output, "--data", "sample")


def test_the_quiet_command_prints_json_and_nothing_else(tmp_path, runs, succeed):
    """Bad rows that were dropped are a remark; without --quiet it stands on standard error."""
    path = tmp_path / "data.csv"
    path.write_text("text,label\nso glad,joy\n,fear\n", encoding="utf-8")
    arguments = ("evaluate", runs["words"], "--data", path, "--on-bad-rows", "drop", "--json")
    assert "Dropped 1 bad rows" in succeed(*arguments).stderr
    quiet = succeed(*arguments, "--quiet")
    assert json.loads(quiet.stdout)["n"] == 1
    assert quiet.stderr == ""


def test_the_command_measures_a_file_of_any_form_and_any_text(tmp_path, runs, succeed):
    """A jsonl file with half an emoji, classes missing, is measured and kept."""
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "so glad \\ud83d", "label": "joy"}\n{"text": "boo", "label": 3}\n', encoding="utf-8")
    succeed("evaluate", runs["words"], "--data", path, "--output", tmp_path / "evaluation")
    metrics = read_json(tmp_path / "evaluation", "metrics.json")
    assert metrics["n"] == 2
    assert metrics["absent_classes"] == ["sadness", "love", "fear", "surprise"]


@pytest.mark.parametrize("texts", [["so glad"], ["so glad", "lovely", "glad"]], ids=["one row", "one emotion"])
def test_few_rows_of_one_emotion_have_figures_and_say_what_is_undefined(tmp_path, runs, write_rows, succeed, texts):
    """Emotions without texts and predictions are undefined, in words and as null, and every figure is drawn."""
    data = write_rows(tmp_path / "data.csv", [{"text": text, "label": "joy"} for text in texts])
    result = succeed("evaluate", runs["words"], "--data", data, "--output", tmp_path / "kept")
    metrics = read_json(tmp_path / "kept", "metrics.json")
    assert metrics["absent_classes"] == ["sadness", "love", "anger", "fear", "surprise"]
    undefined = [name for name, scores in metrics["per_class"].items() if scores["f1"]["value"] is None]
    assert {line.split()[0] for line in result.stdout.splitlines() if "undefined" in line} == set(undefined)
    assert len(undefined) >= 4
    assert metrics["per_class"]["joy"]["average_precision"] is None
    assert "NaN" not in (tmp_path / "kept" / "metrics.json").read_text(encoding="utf-8")
    assert verify_run(tmp_path / "kept") == []


def test_a_model_that_answers_one_emotion_says_so(tmp_path, sample, train_run, succeed, capsys):
    """After training and in evaluate, with what a guess would reach, unless quiet or the texts have one emotion."""
    joyful = WordClassifier.fit(["so glad", "lovely"], [1, 1])
    frame = sample.split("validation").frame()
    rare = Split.from_frame(frame[frame.label.isin([0, 1])].iloc[5:])
    assert rare.labels.tolist().count(0) != rare.labels.tolist().count(1)
    run = train_run(tmp_path / "run", joyful, Dataset("rare", {"validation": rare}), calibrate=False, quiet=False)
    said = "The model answers joy for all 45 texts and tells nothing apart. Always guessing "
    assert said in capsys.readouterr().err
    measured = succeed("evaluate", run, "--data", "sample").stderr
    assert measured.splitlines()[-1] == (
        "The model answers joy for all 150 texts and tells nothing apart. Always guessing sadness, the most frequent "
        "emotion, would be right for 0.1667 of them."
    )
    assert succeed("evaluate", run, "--data", "sample", "--quiet").stderr == ""
    joys = tmp_path / "joys.csv"
    joys.write_text("text,label\nso glad,1\nlovely,1\n", encoding="utf-8")
    assert "tells nothing apart" not in succeed("evaluate", run, "--data", joys).stderr


def test_a_split_that_is_not_there_is_refused(runs, refuse):
    """The message lists those there are."""
    message = refuse("evaluate", runs["words"], "--data", "sample", "--split", "dev")
    assert message == "sample: there is no 'dev' split, only train, validation, test. Choose one of them with --split."


def test_what_is_no_run_is_refused(tmp_path, refuse):
    """A folder that is not there, and one that is no run."""
    assert "no such run folder" in refuse("evaluate", tmp_path / "nowhere", "--data", "sample")
    assert "run.json is missing" in refuse("evaluate", tmp_path, "--data", "sample")


def test_a_dataset_without_the_split_is_refused_before_predicting(classifier, sample):
    """evaluate() raises for a split that is not there."""
    with pytest.raises(DataError, match="no 'test' split, only train"):
        evaluate(classifier, Dataset("mine", {"train": sample.split("train")}), "test")


def test_length_batches_hold_every_text_once_and_texts_of_similar_length():
    """Batches go from short to long, keep the order of equal lengths, and are full but for the last."""
    assert list(length_batches([5, 1, 3, 1, 9], 2)) == [[1, 3], [2, 0], [4]]
    assert list(length_batches([], 2)) == []


# Calibration


def test_a_training_run_is_calibrated_on_validation(runs, sample, classifier):
    """It records the temperature that fits the model's own probabilities, and log loss and error before and after."""
    split = sample.split("validation")
    labels, raw = split.labels, classifier.predict_proba(split.texts)
    recorded = read_json(runs["words"], "run.json")["calibration"]
    temperature = fit_temperature(raw, labels)
    scaled = apply_temperature(raw, temperature)
    before, after = compute_metrics(labels, raw), compute_metrics(labels, scaled)
    assert recorded == {
        "temperature": temperature,
        "fitted_on": "validation",
        "log_loss_before": pytest.approx(before["log_loss"]["value"]),
        "log_loss_after": pytest.approx(after["log_loss"]["value"]),
        "ece_before": pytest.approx(before["expected_calibration_error"]["value"]),
        "ece_after": pytest.approx(after["expected_calibration_error"]["value"]),
    }
    assert recorded["log_loss_after"] < recorded["log_loss_before"]


def test_the_files_of_a_calibrated_run_are_what_loading_it_predicts(runs, sample, calibrated):
    """Its predictions.csv and metrics.json have the calibrated probabilities, those of the loaded classifier."""
    probabilities = calibrated.predict_proba(sample.split("validation").texts)
    table = pd.read_csv(runs["words"] / "predictions.csv")
    np.testing.assert_allclose(table.filter(like="probability_"), probabilities, atol=1e-6)
    metrics = read_json(runs["words"], "metrics.json")
    assert metrics["temperature"] == calibrated.temperature != 1
    assert metrics["log_loss"]["value"] == pytest.approx(
        read_json(runs["words"], "run.json")["calibration"]["log_loss_after"]
    )


def test_without_calibration_a_run_has_the_probabilities_of_its_model(tmp_path, sample, classifier, train_run, runs):
    """The temperature is 1, nothing is recorded of a calibration, and the emotions are those of the calibrated run."""
    run = train_run(tmp_path / "raw", classifier, sample, calibrate=False)
    assert "calibration" not in read_json(run, "run.json")
    raw, scaled = pd.read_csv(run / "predictions.csv"), pd.read_csv(runs["words"] / "predictions.csv")
    expected = classifier.predict_proba(sample.split("validation").texts)
    np.testing.assert_allclose(raw.filter(like="probability_"), expected, atol=1e-6)
    assert raw["predicted_label"].tolist() == scaled["predicted_label"].tolist()


def test_the_model_card_states_the_temperature(tmp_path, sample, classifier, train_run, runs):
    """With four digits and the split it was fitted on, or that there is none."""
    temperature = read_json(runs["words"], "run.json")["calibration"]["temperature"]
    card = (runs["words"] / "README.md").read_text(encoding="utf-8")
    assert f"- temperature: {temperature:.4f}, fitted on validation" in card
    raw = train_run(tmp_path / "raw", classifier, sample, calibrate=False)
    assert "- temperature: none" in (raw / "README.md").read_text(encoding="utf-8")


def test_an_evaluation_can_leave_the_temperature_out(runs, succeed, classifier, calibrated, sample):
    """With --uncalibrated the log loss is that of the model alone, the accuracy is the same, and the file says so."""
    arguments = ("evaluate", runs["words"], "--data", "sample", "--json")
    raw, scaled = (json.loads(succeed(*arguments, *options).stdout) for options in (["--uncalibrated"], []))
    assert (raw["temperature"], scaled["temperature"]) == (1, calibrated.temperature)
    expected, *_ = evaluate(classifier, sample, "test", speed=False)
    assert raw["log_loss"] == to_json(expected.log_loss) != scaled["log_loss"]
    assert (raw["accuracy"], raw["macro_f1"]) == (scaled["accuracy"], scaled["macro_f1"])


@pytest.mark.parametrize("calibration", [{"temperature": 0}, {"temperature": "hot"}, {"temperature": None}, 2])
def test_a_temperature_that_is_none_is_told(tmp_path, runs, refuse, calibration):
    """A record that was altered by hand is named with what was found."""
    copy = shutil.copytree(runs["words"], tmp_path / "altered")
    record = read_json(copy, "run.json") | {"calibration": calibration}
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert "run.json: calibration" in refuse("predict", copy, "so glad")


def test_a_run_without_calibration_has_the_temperature_1(tmp_path, runs):
    """Runs from before there was calibration load as they always did."""
    record = {name: value for name, value in read_json(runs["words"], "run.json").items() if name != "calibration"}
    assert RunRecord.from_json(record, tmp_path).temperature == 1
