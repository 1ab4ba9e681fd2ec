"""Datasets that have a name: the public tweets and one's own, and the proof that they are the right ones."""

import json
import os
import subprocess
import sys

import pytest

from emotion_core.data.audit import audit_dataset
from emotion_core.data.dataset import Split, fingerprint
from emotion_core.data.load import load_dataset
from emotion_core.data.published.manifests import manifest, named_datasets, shared_data_dir
from emotion_core.data.published.named import load_named
from emotion_core.data.split_files.find import find_split_files
from emotion_core.data.split_files.load import load_files
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS

EMOTION_FINGERPRINTS = {
    "train": "11b9972eee334292a696fdb6d4c76284a011e01505d5d300cfcf6a4cc2a297c6",
    "validation": "08209696bacc9a57a6e5b87fafb9f1005dece4f332ba9df91dc033441a5b7e70",
    "test": "13b36536800fad763015c408aa4bb83053a5fc76f341b25ccf5136b21c0b6705",
}


def test_the_names_are_those_of_the_manifest():
    """A dataset that is added to the manifest has a name at once."""
    assert set(named_datasets()) == set(manifest("datasets")) == {"sample", "emotion"}


@pytest.fixture
def own_manifest(tmp_path, monkeypatch, sample):
    """A manifest of the user's own with the dataset ``ours``, as a dictionary, and a function that writes it."""
    sample.split("test").frame().to_csv(tmp_path / "test.csv", index=False)
    stated = {"test": {"rows": 150, "sha256": fingerprint(sample.split("test"))}}
    entry = {"title": "Our posts", "source": "our group", "licence": "CC0-1.0", "folder": ".", "splits": stated}

    def write(content=None):
        # A name of its own, since a manifest is read once.
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        file.write_text(content or json.dumps({"ours": entry}), encoding="utf-8")
        monkeypatch.setenv("EMOTION_DATASETS", str(file))
        return file

    return entry, write


def test_a_group_gives_its_own_datasets_names(own_manifest, sample):
    """They lie beside the manifest, have their names in runs, and are there beside the bundled ones."""
    _, write = own_manifest
    write()
    ours = load_dataset("ours")
    assert (ours.name, ours.sources) == ("ours", {"test": "ours/test.csv"})
    assert ours.split("test").texts == sample.split("test").texts
    assert set(named_datasets()) == {"sample", "emotion", "ours"}


def test_a_manifest_of_ones_own_may_be_named_from_the_working_folder(own_manifest, monkeypatch, refuse):
    """Its folders lie beside it, wherever it is named from; one that is not there is named."""
    entry, write = own_manifest
    file = write()
    monkeypatch.chdir(file.parent)
    monkeypatch.setenv("EMOTION_DATASETS", file.name)
    assert load_dataset("ours").sources == {"test": "ours/test.csv"}
    entry["folder"] = "elsewhere"
    write()
    assert refuse("audit", "ours").startswith(f"{file.parent / 'elsewhere'}: the folder of 'ours' is not there")


def test_a_dataset_of_ones_own_is_verified(own_manifest):
    """A split with another fingerprint than the manifest states, or of which it knows nothing, is refused."""
    entry, write = own_manifest
    entry["splits"]["test"]["sha256"] = "0" * 64
    write()
    with pytest.raises(DataError, match="this is not the test split of 'ours'"):
        load_dataset("ours")
    entry["splits"] = {}
    write()
    with pytest.raises(DataError, match="the manifest of 'ours' knows no test split"):
        load_dataset("ours")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no JSON"),
        ("[]", "it is no dataset of a manifest"),
        ('{"ours": {"title": "Our posts"}}', "the entry 'ours' is no dataset of a manifest, which has title, source"),
    ],
)
def test_a_manifest_of_ones_own_that_is_none_is_refused(own_manifest, refuse, content, message):
    """The message names the file, what is wrong, and the variable."""
    file = own_manifest[1](content)
    told = refuse("audit", "ours")
    assert told.startswith(f"{file}: ")
    assert message in told
    assert told.endswith("EMOTION_DATASETS names this file.")


def test_a_manifest_of_ones_own_that_is_not_there_is_refused(tmp_path, monkeypatch, refuse):
    """The message names the file and the variable."""
    monkeypatch.setenv("EMOTION_DATASETS", str(tmp_path / "nowhere.json"))
    told = refuse("audit", "sample")
    assert told == (
        f"{tmp_path / 'nowhere.json'}: cannot be read (No such file or directory). EMOTION_DATASETS names this file."
    )


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
    """Wheel and source tree hold one folder with the four manifests and the corpus."""
    folder = shared_data_dir()
    assert {path.stem for path in folder.glob("*.json")} == {"datasets", "glove", "checkpoints", "ready"}
    assert all(json.loads(path.read_text(encoding="utf-8")) == manifest(path.stem) for path in folder.glob("*.json"))
    assert {"train.csv", "validation.csv", "test.csv"} <= {path.name for path in (folder / "sample").glob("*.csv")}
