"""Which files of a folder hold its splits."""

import gzip

import pytest

from emotion_core import load_dataset
from emotion_core.data.readers import FORMATS
from emotion_core.data.split_files.find import find_split_files
from emotion_core.errors import DataError

JOY, FEAR = {"text": "so glad", "label": "joy"}, {"text": "who is there", "label": "fear"}


@pytest.fixture
def put(tmp_path, write_rows):
    """A function that writes rows into a file below the folder, which it makes."""

    def write(name, *rows):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = name.endswith(".gz")
        written = write_rows(path.with_suffix("") if packed else path, rows or [JOY])
        if packed:
            path.write_bytes(gzip.compress(written.read_bytes()))
            written.unlink()
        return path

    return write


def names(folder):
    """The files of each split, relative to the folder."""
    found = find_split_files(folder).files
    return {split: [file.relative_to(folder).as_posix() for file in files] for split, files in found.items()}


@pytest.mark.parametrize("suffix", [*FORMATS, *(f"{suffix}.gz" for suffix in FORMATS)])
def test_a_split_may_have_any_format(tmp_path, put, suffix):
    """Compressed or not, in any case."""
    put(f"train{suffix}")
    put(f"Dev{suffix}")
    assert names(tmp_path) == {"train": [f"train{suffix}"], "validation": [f"Dev{suffix}"]}
    assert {name: len(split) for name, split in load_dataset(tmp_path).splits.items()} == {"train": 1, "validation": 1}


@pytest.mark.parametrize("place", ["", "data/", "emotion/data/"])
def test_shards_of_the_hub_are_one_split_in_their_order(tmp_path, put, place):
    """Also in a folder below, and with the hash that older ones have; the fingerprint is that of one file."""
    put(f"{place}train-00001-of-00002.parquet", FEAR)
    put(f"{place}train-00000-of-00002.parquet", JOY)
    put(f"{place}test-00000-of-00001-0123456789abcdef.parquet", FEAR)
    put("whole/train.csv", JOY, FEAR)
    (tmp_path / "whole" / "train.csv").rename(tmp_path / "whole.csv")
    (tmp_path / "whole").rmdir()
    dataset = load_dataset(tmp_path)
    assert dataset.splits["train"].texts == ["so glad", "who is there"]
    assert dataset.sources["train"].endswith("train-00000-of-00002.parquet and 1 more")
    assert len(dataset.splits["test"]) == 1
    one = load_dataset(tmp_path / "whole.csv")
    assert dataset.describe()["train"]["fingerprint"] == one.describe()["all"]["fingerprint"]


def test_a_folder_may_be_called_like_a_split(tmp_path, put):
    """All data files in it are the split, as in the parquet files that the hub makes of a data set."""
    put("default/train/0000.parquet", JOY)
    put("default/train/0001.parquet", FEAR)
    put("default/validation/0000.parquet", FEAR)
    assert names(tmp_path) == {
        "train": ["default/train/0000.parquet", "default/train/0001.parquet"],
        "validation": ["default/validation/0000.parquet"],
    }


def test_what_lies_at_the_top_takes_precedence(tmp_path, put):
    """A folder below is named as not used."""
    put("train.csv")
    put("old/train.csv")
    put("notes.md.csv")
    found = find_split_files(tmp_path)
    assert found.files == {"train": (tmp_path / "train.csv",)}
    assert found.unused == ("notes.md.csv", "old")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["a/train.csv", "b/train.csv"], r"has several folders with splits, a, b\. Name one of them"),
        (["train-00000-of-00002.csv"], r"train-00001-of-00002\.csv of the train split is missing\. Fetch all 2 files"),
        (["train-00000-of-00001.csv", "train.csv"], "both claim to be the train split"),
        (["train-00000-of-00001.csv", "train-00000-of-00001.jsonl"], "both claim to be the train split"),
        (["train.csv", "training.csv.gz"], "both claim to be the train split"),
        (["emotions.csv", "more/notes.csv"], r"no split found, .* It holds emotions\.csv, more/\."),
        ([], r"no split found, .* The folder is empty\."),
    ],
)
def test_a_folder_whose_splits_are_not_clear_is_told(tmp_path, put, files, message):
    """With the names of the files that are there."""
    for name in files:
        put(name)
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path)


@pytest.mark.parametrize("folder", [".", "train"])
def test_a_data_set_that_was_saved_as_arrow_is_told(tmp_path, put, folder):
    """The JSON files beside the Arrow files describe rows and hold none."""
    put(f"{folder}/state.json")
    (tmp_path / folder / "data-00000-of-00001.arrow").write_bytes(b"ARROW1")
    with pytest.raises(DataError, match="holds Arrow files, as save_to_disk of the library datasets writes them"):
        load_dataset(tmp_path)


def test_the_empty_name_is_not_the_working_folder():
    """A variable of a shell that is not set gives it."""
    with pytest.raises(DataError, match="The name of the data is empty"):
        load_dataset("")
