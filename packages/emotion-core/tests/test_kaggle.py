"""The emotion tweets from Kaggle, which is here on loopback, by the real kagglehub."""

from pathlib import Path

import pytest

from emotion_core.data.dataset import fingerprint
from emotion_core.data.load import load_dataset
from emotion_core.data.published.kaggle import fetch_from_kaggle
from emotion_core.data.published.manifests import manifest, named_datasets
from emotion_core.errors import DataError
from kaggle_on_loopback import archive_of, kaggle_on_loopback

pytestmark = pytest.mark.acceptance

ENTRY = manifest("datasets")["emotion"]
HANDLE = ENTRY["kaggle_handle"]


@pytest.fixture
def kaggle(tmp_path, monkeypatch):
    """A Kaggle that has other texts under the name of the tweets."""
    monkeypatch.delenv("EMOTION_DATA_DIR", raising=False)
    with kaggle_on_loopback(tmp_path) as running:
        # the names that the files have on Kaggle
        names = {"train": "training", "validation": "validation", "test": "test"}
        folder = Path(named_datasets()["sample"]["folder"])
        sample = {f"{there}.csv": folder / f"{here}.csv" for here, there in names.items()}
        running.archives[HANDLE] = archive_of({name: path.read_bytes() for name, path in sample.items()})
        yield running


@pytest.fixture
def refused(invoke):
    """A function that audits the tweets, which must end with one message, and returns that message."""

    def run():
        result = invoke("audit", "emotion")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Traceback" not in result.stderr
        return result.stderr[result.stderr.index("\nError: ") :]

    return run


def test_the_tweets_are_downloaded_once_and_verified(kaggle, emotion_folder):
    """They have their published fingerprints, and the second time they come from the cache."""
    tweets = {f"{name}.csv": (emotion_folder / f"{name}.csv").read_bytes() for name in ("train", "validation")}
    kaggle.archives[HANDLE] = archive_of(tweets)
    for _ in range(2):
        dataset = load_dataset("emotion")
        found = {name: fingerprint(frame) for name, frame in dataset.splits.items()}
        assert found == {name: ENTRY["splits"][name]["sha256"] for name in ("train", "validation")}
    assert sum(path.startswith("/archives/") for path in kaggle.asked) == 1


def test_other_texts_under_the_name_of_the_tweets_are_refused(kaggle, sample, refused):
    """One message has the file, what was found and expected, and the folder that must go before they come anew."""
    message = refused()
    folder = kaggle.cache / "datasets" / HANDLE / "versions" / "1"
    assert f"{folder / 'training.csv'}: this is not the train split" in message
    assert f"600 rows with the fingerprint {fingerprint(sample.split('train'))}" in message
    assert f"16000 rows with {ENTRY['splits']['train']['sha256']}" in message
    assert f"Delete the folder {folder} and run the command again" in message


def test_a_dataset_that_is_deleted_is_downloaded_anew(kaggle):
    """What the message advises helps: without its folder the cached download is not used."""
    folder = fetch_from_kaggle("emotion", ENTRY, "")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    kaggle.archives[HANDLE] = archive_of({"train.csv": b"new"})
    assert [file.read_text() for file in fetch_from_kaggle("emotion", ENTRY, "").iterdir()] == ["new"]


def test_a_connection_that_is_cut_ends_in_one_message_and_the_next_run_has_the_whole(kaggle, refused):
    """Half an archive is never taken for a dataset."""
    kaggle.cutting = True
    assert f"could not be fetched from Kaggle as {HANDLE}" in refused()
    kaggle.cutting = False
    assert len(list(fetch_from_kaggle("emotion", ENTRY, "").iterdir())) == 3


def test_half_an_archive_is_completed(kaggle):
    """A download that a kill ended goes on where it ended."""
    whole = kaggle.archives[HANDLE]
    archive = kaggle.cache / "datasets" / HANDLE / "1.archive"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(whole[: len(whole) // 2])
    files = fetch_from_kaggle("emotion", ENTRY, "").iterdir()
    assert {file.name for file in files} == {"training.csv", "validation.csv", "test.csv"}


@pytest.mark.parametrize("share", [0.5, 1])
def test_an_archive_that_is_damaged_is_not_kept(kaggle, share):
    """Neither one that fails Kaggle's hash nor one that cannot be unpacked is in the way of the next download."""
    archive = kaggle.cache / "datasets" / HANDLE / "1.archive"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"x" * int(share * len(kaggle.archives[HANDLE])))
    with pytest.raises(DataError, match="could not be fetched from Kaggle"):
        fetch_from_kaggle("emotion", ENTRY, "")
    assert len(list(fetch_from_kaggle("emotion", ENTRY, "").iterdir())) == 3


def test_a_dataset_that_kaggle_has_not_is_said(kaggle, refused):
    """A 404 ends in one message with the ways round."""
    kaggle.archives.clear()
    message = refused()
    assert "404" in message
    assert "EMOTION_DATA_DIR=FOLDER" in message
