"""Texts that a run was trained on, in what it is measured on, and the split that it was trained with, made again."""

import json
import shutil

import numpy as np
import pytest

from emotion_core.data.dataset import Dataset
from emotion_core.data.load import load_dataset
from emotion_core.data.splits.parts import with_validation
from emotion_core.evaluation.training_texts import TEXTS_FILE
from emotion_core.runs.folder import read_metrics


@pytest.fixture(scope="module")
def one_file(tmp_path_factory, sample):
    """A file of 600 texts."""
    path = tmp_path_factory.mktemp("data") / "one.csv"
    sample.split("train").frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory, one_file, classifier, train_run):
    """A run that was trained from that file, of which it held 60 texts out with the seed 7."""
    dataset = with_validation(load_dataset(one_file), 7)
    return train_run(tmp_path_factory.mktemp("runs") / "run", classifier, dataset)


def measured(succeed, run, data, *options):
    """What a command says of a run, on both streams, and the data that it measured."""
    result = succeed("evaluate", run, "--data", data, *options, "--json")
    return result.stderr, json.loads(result.stdout)["data"]


def test_training_texts_are_counted_in_the_file_that_a_run_was_trained_from(succeed, run, one_file):
    """All rows have no name of a split, and the message says how those that were held out are measured."""
    told, data = measured(succeed, run, one_file)
    assert (data["split"], data["rows"], data["trained_on"]) == ("all", 600, 540)
    assert f"{run} was trained on 540 of these 600 texts, so that the figures are too good: '" in told
    assert "--split validation measures those alone that were held out." in told


def test_the_held_out_part_is_measured_alone(succeed, run, one_file):
    """The split is made again from the record, so its figures are those of the training."""
    told, data = measured(succeed, run, one_file, "--split", "validation")
    recorded = vars(read_metrics(run).data)
    assert recorded.pop("only") is None
    assert data == recorded
    assert (data["split"], data["rows"], data["trained_on"]) == ("validation", 60, 0)
    assert "was trained on" not in told


def test_spellings_of_training_texts_are_counted_in_any_file(tmp_path, succeed, run, sample, write_rows):
    """Also where the file has nothing to do with that which the run was trained from."""
    texts = [*(text.upper() for text in sample.split("train").texts[:9]), *sample.split("test").texts[:3]]
    path = write_rows(tmp_path / "other.csv", [{"text": text, "label": "joy"} for text in texts])
    told, data = measured(succeed, run, path)
    assert 5 <= data["trained_on"] <= 9
    assert "of these 12 texts" in told


@pytest.mark.parametrize("split", ["validation", "train"])
def test_another_file_has_no_split_of_the_run(tmp_path, refuse, run, sample, split):
    """The rows are compared by their fingerprints."""
    sample.split("test").frame().to_csv(tmp_path / "other.csv", index=False)
    message = refuse("evaluate", run, "--data", tmp_path / "other.csv", "--split", split)
    assert "its rows are not those that" in message


@pytest.mark.parametrize("split", ["test", "nonsense"])
def test_one_file_has_no_other_split(refuse, run, one_file, split):
    """A name that nobody gave to these rows is refused."""
    assert f"is one file, which has no {split!r} split" in refuse("evaluate", run, "--data", one_file, "--split", split)


def test_a_comparison_says_which_runs_know_the_texts(tmp_path, succeed, run, one_file):
    """Below the table, and in the JSON of each run."""
    succeed("evaluate", run, "--data", one_file, "--output", tmp_path / "all")
    assert "all was trained on 540 of these texts" in succeed("compare", tmp_path / "all").stdout


def test_a_run_that_does_not_tell_its_texts_is_measured(tmp_path, succeed, run, one_file):
    """Runs of version 0.1 have no such file; the texts of the whole train split are known by its fingerprint."""
    old = shutil.copytree(run, tmp_path / "run")
    (old / TEXTS_FILE).unlink()
    assert "trained_on" not in measured(succeed, old, one_file)[1]
    assert measured(succeed, old, one_file, "--split", "train")[1]["trained_on"] == 540


def test_a_damaged_file_of_texts_is_told(refuse, run, one_file, tmp_path):
    """It is read without running code in it."""
    broken = shutil.copytree(run, tmp_path / "run")
    np.save(broken / TEXTS_FILE, np.array([{}], dtype=object), allow_pickle=True)
    assert f"{TEXTS_FILE}: is damaged" in refuse("evaluate", broken, "--data", one_file)


def test_emotions_that_a_run_never_saw_are_named(tmp_path, succeed, sample, classifier, train_run):
    """In the record, on the card, and when the run is used."""
    splits = {}
    for name in ("train", "validation"):
        split = sample.split(name)
        splits[name] = split.take(np.flatnonzero(split.labels != 4))
    run = train_run(tmp_path / "run", classifier, Dataset("mine", splits))
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["never_predicted"] == ["fear"]
    assert "**Never predicted: fear.**" in (run / "README.md").read_text(encoding="utf-8")
    assert f"{run}: never predicts fear" in succeed("predict", run, "someone is following me").stderr
