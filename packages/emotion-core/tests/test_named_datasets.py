"""The bundled corpus, the public tweets, and the proof that they are the right ones."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from emotion_core.data.audit import audit_dataset
from emotion_core.data.dataset import Split, fingerprint
from emotion_core.data.load import load_dataset
from emotion_core.data.published.manifests import manifest, shared_data_dir
from emotion_core.data.published.named import DATASET_NAMES, load_named
from emotion_core.data.split_files.find import find_split_files
from emotion_core.data.split_files.load import load_files
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS

EMOTION_FINGERPRINTS = {
    "train": "11b9972eee334292a696fdb6d4c76284a011e01505d5d300cfcf6a4cc2a297c6",
    "validation": "08209696bacc9a57a6e5b87fafb9f1005dece4f332ba9df91dc033441a5b7e70",
    "test": "13b36536800fad763015c408aa4bb83053a5fc76f341b25ccf5136b21c0b6705",
}


@pytest.fixture(scope="module")
def sample_audit(sample):
    """The audit of the bundled corpus."""
    return audit_dataset(sample)


def test_the_names_are_those_of_the_manifest():
    """A dataset that is added to the manifest has a name at once."""
    assert set(DATASET_NAMES) == set(manifest("datasets")) == {"sample", "emotion"}


@pytest.mark.parametrize(("split", "rows"), [("train", 600), ("validation", 150), ("test", 150)])
def test_the_sample_has_its_rows_its_balance_and_its_fingerprints(sample, split, rows):
    """Each split has a sixth of its rows in each class, and is what the manifest says."""
    rows_of_split = sample.split(split)
    assert np.bincount(rows_of_split.labels).tolist() == [rows // 6] * 6
    assert manifest("datasets")["sample"]["splits"][split] == {"rows": rows, "sha256": fingerprint(rows_of_split)}


@pytest.mark.parametrize("kind", ["exact", "normalized"])
def test_the_sample_repeats_no_text(sample_audit, kind):
    """No text stands twice in a split, also not in another spelling."""
    for split in sample_audit["splits"].values():
        assert (split[kind]["duplicated_texts"], split[kind]["conflicting_texts"]) == (0, 0)


def test_the_sample_leaks_no_text(sample_audit):
    """No text stands in two splits, also not in another spelling."""
    counts = [(pair["exact_texts"], pair["normalized_texts"]) for pair in sample_audit["leakage"]]
    assert counts == [(0, 0)] * 3


def test_the_sample_names_no_account_and_no_site(sample):
    """Mentions are @user or @user1 to @user9, links lead to example.com, and there is no email address."""
    text = "\n".join(text for split in sample.splits.values() for text in split.texts)
    assert set(re.findall(r"@\w*", text)) <= {"@user", *(f"@user{n}" for n in range(1, 10))}
    hosts = re.findall(r"(?:https?://|www\.)([^\s/]+)", text, re.IGNORECASE)
    assert set(hosts) <= {"example.com", "www.example.com"}
    assert not re.search(r"\w@\w", text)


def test_every_source_and_licence_is_stated():
    """Each entry of each manifest says where it comes from and under what licence."""
    for name in ("datasets", "glove", "checkpoints"):
        for entry in manifest(name).values():
            assert entry["source"]
            assert entry["licence"]


def test_the_manifest_publishes_the_fingerprints_of_the_tweets():
    """They are those that others computed from the same data."""
    splits = manifest("datasets")["emotion"]["splits"]
    assert {name: split["sha256"] for name, split in splits.items()} == EMOTION_FINGERPRINTS
    assert [split["rows"] for split in splits.values()] == [16_000, 2_000, 2_000]


def test_the_tweets_load_from_the_folder_that_the_environment_names(emotion_folder, monkeypatch):
    """Every split that the folder holds is verified and has its published fingerprint."""
    monkeypatch.setenv("EMOTION_DATA_DIR", str(emotion_folder))
    dataset = load_dataset("emotion")
    assert {"train", "validation"} <= set(dataset.splits)
    for name, frame in dataset.splits.items():
        assert fingerprint(frame) == EMOTION_FINGERPRINTS[name]


def test_the_tweets_load_from_a_folder_that_is_named_as_data(emotion_folder):
    """As one's own data they are the same rows."""
    frame = load_dataset(emotion_folder).split("validation")
    assert fingerprint(frame) == EMOTION_FINGERPRINTS["validation"]


def test_the_audit_finds_what_is_known_to_be_wrong_with_the_tweets(emotion_folder):
    """31 duplicated and 30 conflicting texts in train, 5 validation texts that also stand in train."""
    files = {name: file for name, file in find_split_files(emotion_folder).files.items() if name != "test"}
    report = audit_dataset(load_files(files, "tweets"))
    train = report["splits"]["train"]["exact"]
    assert (train["duplicated_texts"], train["conflicting_texts"]) == (31, 30)
    (pair,) = report["leakage"]
    assert (pair["splits"], pair["exact_texts"]) == (["train", "validation"], 5)


def test_an_altered_copy_is_refused_with_both_fingerprints(tmp_path, monkeypatch, sample):
    """The message names the file, what was found and what was expected."""
    altered = sample.split("train").take(range(60))
    altered.frame().to_csv(tmp_path / "train.csv", index=False)
    monkeypatch.setenv("EMOTION_DATA_DIR", str(tmp_path))
    with pytest.raises(DataError) as caught:
        load_named("emotion")
    message = str(caught.value)
    assert str(tmp_path / "train.csv") in message
    assert f"60 rows with the fingerprint {fingerprint(altered)}" in message
    assert f"16000 rows with {EMOTION_FINGERPRINTS['train']}" in message


def test_an_altered_copy_of_the_sample_is_refused_too(tmp_path, monkeypatch, sample, refuse):
    """One changed label among 150 rows is noticed, on the command line with exit code 2."""
    labels = sample.split("test").labels.copy()
    labels[7] = (labels[7] + 1) % len(EMOTIONS)
    altered = Split(sample.split("test").texts, labels)
    altered.frame().to_csv(tmp_path / "test.csv", index=False)
    monkeypatch.setenv("EMOTION_DATA_DIR", str(tmp_path))
    message = refuse("audit", "emotion")
    assert fingerprint(altered) in message
    assert EMOTION_FINGERPRINTS["test"] in message


def test_a_folder_that_is_not_there_is_refused(tmp_path, monkeypatch):
    """The message names the variable and the folder."""
    monkeypatch.setenv("EMOTION_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"EMOTION_DATA_DIR names .*nowhere, which is not a folder"):
        load_dataset("emotion")


def test_without_the_network_the_message_names_the_ways_round(tmp_path):
    """A real attempt through a proxy that is not there ends by itself, with exit code 2 and one message."""
    environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    environment.pop("EMOTION_DATA_DIR", None)
    environment["KAGGLEHUB_CACHE"] = str(tmp_path)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        environment[name] = "http://127.0.0.1:9"
    command = [sys.executable, "-m", "emotion_core", "audit", "emotion"]
    result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    message = result.stderr[result.stderr.index("Error: ") :]
    assert message == (
        "Error: 'emotion' could not be fetched from Kaggle as parulpandey/emotion-dataset (Connection refused). "
        "Use texts of your own with --data FILE or FOLDER, the bundled ones with --data sample, or download it by hand "
        "from https://www.kaggle.com/datasets/parulpandey/emotion-dataset and name its folder with "
        "EMOTION_DATA_DIR=FOLDER.\n"
    )


def test_the_manifests_are_json_beside_the_corpus():
    """Wheel and source tree hold one folder with the three manifests and the corpus."""
    folder = shared_data_dir()
    assert {path.stem for path in folder.glob("*.json")} == {"datasets", "glove", "checkpoints"}
    assert all(json.loads(path.read_text(encoding="utf-8")) == manifest(path.stem) for path in folder.glob("*.json"))
    assert {path.name for path in (folder / "sample").glob("*.csv")} == {"train.csv", "validation.csv", "test.csv"}
