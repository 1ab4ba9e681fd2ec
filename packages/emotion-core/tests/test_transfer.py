"""What runs are worth on other data: the command ``transfer``, its figures, and what is told of training texts."""

import json
import xml.etree.ElementTree as ET
from unittest.mock import patch

import numpy as np
import pytest
from sklearn.metrics import f1_score

from emotion_core import load_dataset, transfer
from emotion_core.evaluation.transfer import measure
from emotion_core.evaluation.transfer.selective import abstained, risk_coverage
from emotion_core.labels import EMOTION_TO_ID
from emotion_core.runs.folder import read_json

ROWS = [
    {"text": "so glad today", "label": "joy"},
    {"text": "i cry all night", "label": "sadness"},
    {"text": "this makes me furious", "label": "anger"},
    {"text": "what a happy happy day", "label": "joy"},
]


def said(labels, confidences):
    """Probabilities of predictions with these labels and highest values."""
    rows = np.tile((1 - np.array(confidences))[:, None] / 5, (1, 6))
    rows[np.arange(len(labels)), labels] = confidences
    return rows


def test_the_area_is_the_mean_share_of_wrong_predictions_among_the_surest():
    """Right, wrong, right by falling probability: (0 + 1/2 + 1/3) / 3."""
    found = risk_coverage(np.array([0, 0, 0]), said([0, 1, 0], [0.9, 0.8, 0.7]))
    assert found.area == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert found.coverage == pytest.approx([1 / 3, 2 / 3, 1], abs=1e-6)
    assert found.risk == pytest.approx([0, 1 / 2, 1 / 3], abs=1e-6)


@pytest.mark.parametrize("predicted", [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
def test_texts_of_one_probability_have_no_order(predicted):
    """Wherever the wrong one stands, the area is the share of wrong predictions."""
    assert risk_coverage(np.array([0, 0, 0]), said(predicted, [0.5] * 3)).area == pytest.approx(1 / 3)


def test_a_long_curve_is_recorded_with_few_points_and_its_whole_area():
    """The last point is all texts; the area is that of every text."""
    labels = np.zeros(1000, int)
    predicted = np.repeat([0, 1], 500)
    found = risk_coverage(labels, said(predicted, np.linspace(0.99, 0.5, 1000)))
    assert len(found.coverage) == 100
    assert (found.coverage[-1], found.risk[-1]) == (1, 0.5)
    assert found.area == pytest.approx(np.mean(np.cumsum(predicted) / np.arange(1, 1001)))


def test_abstaining_leaves_the_surer_texts():
    """The share below the threshold, and the accuracy on the rest; none if there is no rest."""
    found = abstained(np.array([0, 0, 0, 0]), said([0, 1, 0, 1], [0.9, 0.8, 0.6, 0.4]), 0.5)
    assert (found.share, found.accuracy.value) == (0.25, pytest.approx(2 / 3))
    assert abstained(np.array([0]), said([0], [0.4]), 0.5).accuracy is None


def test_data_with_three_emotions_are_decided_among_these(calibrated, sample, tmp_path, write_rows):
    """Macro-F1 is over the three; the six-emotion data are decided among six; guessing is the most frequent label."""
    three = load_dataset(write_rows(tmp_path / "three.csv", ROWS))
    few, many = transfer({"words": calibrated}, [three, sample])["worths"]
    assert few["data"]["only"] == ["sadness", "joy", "anger"]
    assert "only" not in many["data"]
    assert few["most_frequent"] == 0.5
    kept = [0, 1, 3]
    probabilities = calibrated.predict_proba([row["text"] for row in ROWS])[:, kept]
    predicted = np.array(kept)[probabilities.argmax(axis=1)]
    labels = [EMOTION_TO_ID[row["label"]] for row in ROWS]
    assert few["macro_f1"]["value"] == pytest.approx(f1_score(labels, predicted, average="macro", labels=kept))
    assert many["data"]["split"] == "test"


def test_the_command_measures_every_run_on_every_data_set(tmp_path, runs, write_rows, succeed):
    """A table, and a folder with JSON, Markdown and a picture that follows the page's colours."""
    data = write_rows(tmp_path / "three.csv", ROWS)
    output = tmp_path / "transfer"
    result = succeed("transfer", runs["words"], runs["better"], "--data", "sample", "--data", data, "--output", output)
    lines = result.stdout.splitlines()
    assert lines[0].split()[:3] == ["data", "run", "accuracy"]
    assert [line.split()[0:3] for line in lines[2:6]] == [["test", "of", "sample"]] * 2 + [["all", "of", str(data)]] * 2
    assert f"all of {data} has 4 texts, decided among sadness, joy, anger; always guessing" in result.stdout
    assert "A run abstains if its highest probability is below 0.5." in result.stdout
    assert len(read_json(output, "transfer.json")["worths"]) == 4
    assert {path.name for path in output.iterdir()} == {"transfer.json", "transfer.md", "transfer.svg"}
    assert "](transfer.svg)" in (output / "transfer.md").read_text(encoding="utf-8")
    picture = (output / "transfer.svg").read_text(encoding="utf-8")
    assert ET.fromstring(picture).tag.endswith("svg")
    assert "prefers-color-scheme: dark" in picture
    assert "var(--ink)" in picture
    assert "#010203" not in picture


def test_training_texts_among_the_measured_ones_are_told(tmp_path, runs, sample, write_rows, succeed):
    """How many, and the accuracy on the others; the accuracy has a sign."""
    train = sample.split("train")
    rows = [{"text": train.texts[row].upper(), "label": int(train.labels[row])} for row in range(3)]
    data = write_rows(tmp_path / "seen.csv", [*rows, *ROWS])
    found = succeed("transfer", runs["words"], "--data", data, "--json")
    worth = json.loads(found.stdout)["worths"][0]
    assert worth["data"]["trained_on"] == 3
    assert 0 <= worth["unseen"]["value"] <= 1
    printed = succeed("transfer", runs["words"], "--data", data).stdout
    assert "was trained on 3 of the 7 texts" in printed
    assert "on the other 4 its accuracy is" in printed


def test_what_was_measured_is_kept_and_the_rest_is_added(tmp_path, runs, write_rows, succeed, refuse):
    """After a fault in the second run the first is there; --resume measures what is missing and nothing twice."""
    data, output = write_rows(tmp_path / "three.csv", ROWS), tmp_path / "transfer"
    succeed("transfer", runs["words"], "--data", data, "--output", output, "--quiet")
    arguments = ("transfer", runs["words"], runs["better"], "--data", data, "--output", output, "--quiet")
    assert "Add to it with --resume" in refuse(*arguments)
    with patch.object(measure, "worth", wraps=measure.worth) as measured:
        succeed(*arguments, "--resume")
        assert measured.call_count == 1
        succeed(*arguments, "--resume", "--abstain-below", "0.6")
        assert measured.call_count == 3
    assert [worth["abstained"]["below"] for worth in read_json(output, "transfer.json")["worths"]] == [0.6, 0.6]


def test_each_data_set_may_have_its_split(runs, succeed, invoke):
    """One --split is for all, several are in the order of --data, and another number is refused."""
    found = succeed("transfer", runs["words"], "--data", "sample", "--split", "validation", "--json")
    assert json.loads(found.stdout)["worths"][0]["data"]["split"] == "validation"
    said = invoke("transfer", runs["words"], "--data", "sample", "--split", "train", "--split", "test")
    assert said.exit_code == 2
    assert "Found 2 --split and 1 --data" in said.stderr


def test_a_folder_of_something_else_is_not_replaced(tmp_path, runs, refuse):
    """Neither with --force nor with --resume."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    for how in ("--force", "--resume"):
        assert "is not a transfer folder" in refuse(
            "transfer", runs["words"], "--data", "sample", "--output", tmp_path / "mine", how
        )


@pytest.fixture
def beyond(tmp_path, runs, write_rows, succeed):
    """A folder with a run, a transfer, and what behave says of two runs, one of them with typos of another seed."""
    data = write_rows(tmp_path / "three.csv", ROWS)
    folder = tmp_path / "all"
    succeed("evaluate", runs["words"], "--data", data, "--only", "joy,sadness,anger", "--output", folder / "words")
    succeed("transfer", runs["words"], "--data", data, "--output", folder / "there", "--quiet")
    asked = ("--capability", "named", "--capability", "typos", "--quiet")
    succeed("behave", runs["words"], *asked, "--output", folder / "words.behaviour.json")
    succeed("behave", runs["better"], *asked, "--seed", "7", "--output", folder / "better.behaviour.json")
    return folder


def test_the_report_shows_transfers_and_behaviour(tmp_path, beyond, runs, succeed):
    """With table, picture, rates and failures; rates of other cases are not set beside these."""
    succeed("report", beyond, "--output", tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    assert "## What runs are worth on other data: there" in page
    assert "![Accuracies and risk-coverage curves](figures/transfer-1.svg)" in page
    assert (tmp_path / "report" / "figures" / "transfer-1.svg").is_file()
    assert "## Behaviour" in page
    typos = next(line for line in page.splitlines() if line.startswith("| typos "))
    assert typos.count("other cases") == 1
    assert "- named, " in page
    report = read_json(tmp_path / "report", "report.json")
    assert [found["name"] for found in report["transfers"]] == ["there"]
    assert {found["run"] for found in report["behaviours"]} == {str(runs["words"]), str(runs["better"])}


def test_a_damaged_result_is_named_and_left_out(tmp_path, beyond, succeed):
    """The report is made without it."""
    (beyond / "there" / "transfer.json").write_text("{}", encoding="utf-8")
    (beyond / "words.behaviour.json").write_text("[", encoding="utf-8")
    said = succeed("report", beyond, "--output", tmp_path / "report").stderr
    assert "transfer.json: has no 'worths'" in said
    assert "words.behaviour.json: cannot be read" in said


def test_the_comparison_page_shows_transfers_and_behaviour(tmp_path, beyond, succeed):
    """If they are named."""
    page = tmp_path / "page.html"
    shown = ("--transfer", beyond / "there", "--behaviour", beyond / "words.behaviour.json")
    succeed("compare", beyond / "words", "--html", page, *shown)
    written = page.read_text(encoding="utf-8")
    assert "<h2>What runs are worth on other data</h2>" in written
    assert "<h2>Behaviour</h2>" in written
    assert "<h3>Failures</h3>" in written
    succeed("compare", beyond / "words", "--html", page, "--force")
    assert "<h2>Behaviour</h2>" not in page.read_text(encoding="utf-8")


def test_only_a_page_can_show_them(beyond, invoke):
    """The message names the option."""
    said = invoke("compare", beyond / "words", "--transfer", beyond / "there")
    assert said.exit_code == 2
    assert "Name it with --html" in said.stderr
