"""The data door: names, folders and files become checked splits."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.data.dataset import Split, fingerprint
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.rows import read_labelled
from emotion_core.data.load import load_dataset
from emotion_core.data.readers import FORMATS
from emotion_core.data.split_files.load import load_files
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS

ROWS = [{"text": f"text {number}", "label": name} for number, name in enumerate(EMOTIONS)]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("as_ids", [False, True])
def test_a_file_of_any_form_is_one_split_of_texts_and_ids(tmp_path, write_rows, suffix, as_ids):
    """Labels may be names or ids; the texts stay as they are, in file order."""
    rows = [row | {"label": number} for number, row in enumerate(ROWS)] if as_ids else ROWS
    dataset = load_dataset(write_rows(tmp_path / f"data{suffix}", rows))
    split = dataset.split("test")
    assert list(dataset.splits) == ["all"]
    assert split.texts == [row["text"] for row in ROWS]
    assert split.labels.tolist() == [0, 1, 2, 3, 4, 5]


def test_the_fingerprint_is_the_sha256_over_label_tab_text_lines():
    """The published recipe, on two rows with their label ids."""
    split = Split(["café", "so\tglad"], [3, 1])
    assert fingerprint(split) == hashlib.sha256("3\tcafé\n1\tso\tglad\n".encode()).hexdigest()


@pytest.mark.parametrize("path", [".", "..", "./", "mine/..", "mine/../.."])
def test_a_folder_whose_path_says_nothing_gives_its_own_name(tmp_path, write_rows, monkeypatch, path):
    """The dataset of the working folder, or of one above it, is called like that folder."""
    (tmp_path / "tweets" / "mine").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "tweets"):
        write_rows(folder / "train.csv", ROWS)
    monkeypatch.chdir(tmp_path / "tweets")
    folder = (tmp_path / "tweets" / path).resolve()
    assert load_dataset(path).name == folder.name in (tmp_path.name, "tweets")


def test_a_folder_that_has_a_name_is_called_as_it_was_given(tmp_path, write_rows, monkeypatch):
    """A path stays the path that a user knows."""
    (tmp_path / "mine").mkdir()
    write_rows(tmp_path / "mine" / "train.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    assert load_dataset("mine").name == "mine"


@given(parts=st.lists(st.text("a1\t\n"), min_size=2, max_size=4))
def test_texts_with_line_feeds_never_share_the_fingerprint_of_other_rows(parts):
    """However parts are joined to texts by what a row begins with, each choice of rows has its own fingerprint."""
    choices = [[parts[0]]]
    for part in parts[1:]:
        choices = [rows for row in choices for rows in ([*row, part], [*row[:-1], f"{row[-1]}\n1\t{part}"])]
    frames = [Split(texts, [1] * len(texts)) for texts in choices]
    assert len({fingerprint(split) for split in frames}) == 2 ** (len(parts) - 1)


def test_the_further_lines_of_a_text_begin_with_a_tab_in_the_fingerprint():
    """The published recipe, on a text of three lines."""
    split = Split(["so\n\n1\tglad"], [1])
    assert fingerprint(split) == hashlib.sha256(b"1\tso\n\t\n\t1\tglad\n").hexdigest()


def test_the_fingerprint_tells_order_label_and_text():
    """Swapped rows, another label and another text each give another fingerprint."""
    frames = [
        Split(texts, labels)
        for texts, labels in ((["a", "b"], [0, 1]), (["b", "a"], [1, 0]), (["a", "b"], [0, 2]), (["a", "c"], [0, 1]))
    ]
    assert len({fingerprint(split) for split in frames}) == 4


def test_a_folder_holds_its_splits_under_any_of_the_usual_names(tmp_path, write_rows):
    """training.csv, val.jsonl and test.txt become train, validation and test, in that order."""
    for name in ("test.txt", "training.csv", "val.jsonl"):
        write_rows(tmp_path / name, [{"text": name, "label": "joy"}])
    dataset = load_dataset(tmp_path)
    texts = {name: split.texts for name, split in dataset.splits.items()}
    assert list(texts.items()) == [("train", ["training.csv"]), ("validation", ["val.jsonl"]), ("test", ["test.txt"])]


def test_two_files_for_one_split_are_refused(tmp_path, write_rows):
    """Which of the two counts is not guessed."""
    for name in ("val.csv", "dev.tsv"):
        write_rows(tmp_path / name, ROWS)
    with pytest.raises(DataError, match=r"dev\.tsv and val\.csv both claim to be the validation split"):
        load_dataset(tmp_path)


def test_other_column_names_are_named_by_option(tmp_path, write_rows):
    """The texts and labels are taken from the columns that are named."""
    path = write_rows(tmp_path / "data.csv", [{"id": 7, "tweet": "hello", "mood": "Fear"}])
    split, *_ = read_labelled(path, Columns(text="tweet", label="mood"))
    assert (split.texts, split.labels.tolist()) == (["hello"], [4])


def test_a_split_that_is_not_there_is_refused_with_those_that_are(tmp_path, write_rows):
    """The message lists the splits of the dataset."""
    write_rows(tmp_path / "train.csv", ROWS)
    with pytest.raises(DataError, match="no 'test' split, only train"):
        load_dataset(tmp_path).split("test")


def test_one_file_serves_as_any_split(tmp_path, write_rows):
    """A dataset of one file has but that one split, whatever name it is asked for."""
    dataset = load_dataset(write_rows(tmp_path / "data.csv", ROWS))
    assert dataset.split("validation") is dataset.split("test")


def test_a_description_holds_what_a_run_records(tmp_path, write_rows):
    """Rows, fingerprint, source file and dropped rows of each split."""
    path = write_rows(tmp_path / "data.csv", [*ROWS, {"text": "", "label": "joy"}])
    dataset = load_files({"train": path}, "mine", Columns(on_bad_rows="drop"))
    split = dataset.splits["train"]
    assert dataset.describe() == {
        "train": {
            "rows": 6,
            "classes": split.classes(),
            "fingerprint": fingerprint(split),
            "source": str(path),
            "dropped": 1,
            "dropped_labels": {"no text": {"joy": 1}},
        }
    }


def test_only_the_first_bad_rows_are_shown_and_the_rest_counted(tmp_path, write_rows):
    """A file with 8 bad rows shows 5 of them."""
    path = write_rows(tmp_path / "data.csv", [{"text": "x", "label": "bliss"}] * 8)
    with pytest.raises(DataError) as caught:
        read_labelled(path)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0].rsplit(", ")[-1] for line in lines[:5]] == [f"line {n}" for n in range(2, 7)]
    assert lines[5] == "... and 3 more bad rows."
    assert lines[6].startswith("Unknown labels, with their rows: bliss 8. Say with --label-map FILE which")
    assert lines[6].endswith("leave them out with --on-bad-rows drop.")


def test_a_lone_surrogate_becomes_the_replacement_character(tmp_path):
    """JSON can escape half of an emoji, which no table and no UTF-8 file can hold."""
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "cut off \\ud83d", "label": 1}\n', encoding="utf-8")
    assert load_dataset(path).split("all").texts == ["cut off \ufffd"]
