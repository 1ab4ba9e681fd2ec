"""Duplicates and contradictions in the train split: which rows stay, and what is counted."""

import json
from dataclasses import replace

import click
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.cli.groups import grouped
from emotion_core.cli.options import EmotionGroup
from emotion_core.cli.training_data import DataOptions, data_options
from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.deduplication import clean_dataset, clean_train
from emotion_core.data.load import load_dataset
from emotion_core.errors import DataError
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.runs.folder import read_json
from emotion_core.runs.writer import RunWriter
from emotion_core.training.finish import finish_training_run
from emotion_core.training.options import RunOptions

KEEP_ALL_CLASSES = [(f"only {name}", label) for label, name in ID_TO_EMOTION.items()]


def table(*rows):
    """A frame of (text, label) rows, with a row of each class that nothing contradicts."""
    return Split(*zip(*rows, *KEEP_ALL_CLASSES, strict=True))


def rows_of(split):
    """The texts of a split with their labels."""
    return list(zip(split.texts, split.labels.tolist(), strict=True))


def cleaned(split, conflicts="majority", cleaning="letters_only"):
    """The rows that stay, as a list without the extra ones, and the counts."""
    kept, counts = clean_train(split, cleaning, conflicts)
    return [row for row in rows_of(kept) if row not in KEEP_ALL_CLASSES], counts


@pytest.mark.parametrize("conflicts", ["majority", "drop"])
def test_a_repeated_text_keeps_its_first_row(conflicts):
    """The order of the others stays."""
    rows, counts = cleaned(table(("b", 0), ("a", 1), ("b", 0), ("c", 2), ("a", 1), ("a", 1)), conflicts)
    assert rows == [("b", 0), ("a", 1), ("c", 2)]
    assert (counts["duplicates_removed"], counts["conflicting_texts"], counts["conflicting_rows_removed"]) == (3, 0, 0)


@pytest.mark.parametrize(
    ("conflicts", "expected", "duplicates", "texts_kept", "removed"),
    [("majority", [("x", 4), ("a", 3)], 1, 1, 1), ("drop", [("x", 4)], 0, 0, 3)],
)
def test_a_text_with_several_labels_keeps_the_most_frequent_one_or_none(
    conflicts, expected, duplicates, texts_kept, removed
):
    """By majority its first row with that label stays; its other rows count as duplicates or as contradictions."""
    rows, counts = cleaned(table(("a", 1), ("x", 4), ("a", 3), ("a", 3)), conflicts)
    assert rows == expected
    assert counts == {
        "conflicts": conflicts,
        "text_cleaning": "letters_only",
        "rows_before": 10,
        "duplicates_removed": duplicates,
        "conflicting_texts": 1,
        "conflicting_texts_kept": texts_kept,
        "conflicting_rows_removed": removed,
        "rows_after": len(expected) + 6,
    }


@pytest.mark.parametrize("labels", [(1, 3), (1, 3, 3, 1), (1, 3, 3, 1, 5)])
def test_a_tie_drops_every_row_of_the_text(labels):
    """Nothing tells which of two equally frequent labels is right."""
    rows, counts = cleaned(table(*(("a", label) for label in labels)))
    assert rows == []
    assert (counts["conflicting_texts_kept"], counts["conflicting_rows_removed"]) == (0, len(labels))


@pytest.mark.parametrize(("cleaning", "n_rows"), [("letters_only", 1), ("social_media", 2)])
def test_two_texts_are_the_same_when_the_model_cannot_tell_them_apart(cleaning, n_rows):
    """Case and signs are nothing to the recurrent networks, and something to the transformers."""
    assert len(cleaned(table(("So glad!", 1), ("so glad", 1)), cleaning=cleaning)[0]) == n_rows


@given(st.lists(st.tuples(st.sampled_from(["a", "A", "b", "c!", "c"]), st.integers(0, 5)), max_size=25))
def test_what_is_left_repeats_and_contradicts_nothing(rows):
    """Each text stands at most once, with a label it had, and the counts add up to the rows there were."""
    whole = table(*rows)
    kept, counts = clean_train(whole, "letters_only", "majority")
    keys = [CLEANERS["letters_only"](text) for text in kept.texts]
    assert len(set(keys)) == len(keys)
    assert set(rows_of(kept)) <= set(rows_of(whole))
    assert len(kept) == counts["rows_after"]
    removed = counts["duplicates_removed"] + counts["conflicting_rows_removed"]
    assert len(whole) - removed == counts["rows_after"]
    again, second = clean_train(kept, "letters_only", "majority")
    assert rows_of(again) == rows_of(kept)
    assert second["conflicting_texts"] == second["duplicates_removed"] == 0


@pytest.mark.parametrize(
    ("rows", "lost"), [([("a", 0), ("b", 1), ("b", 2)], "joy, love"), ([("b", 1), ("b", 2)], "joy")]
)
def test_a_class_that_would_be_lost_is_a_mistake_of_the_data(rows, lost):
    """The message names the option, the classes and the ways out; nothing is trained on five emotions unnoticed."""
    with pytest.raises(DataError, match=rf"--clean-train drop leaves no training text of {lost}.*Mend the labels"):
        clean_train(Split(*zip(*rows, strict=True)), "letters_only", "drop")


def test_only_the_train_split_is_touched():
    """Validation and test stay as they are, whatever stands in them twice."""
    frame = table(("a", 1), ("a", 1))
    dataset = clean_dataset(
        Dataset("mine", {"train": frame, "validation": frame, "test": frame}), "social_media", "drop"
    )
    assert [len(part) for part in dataset.splits.values()] == [7, 8, 8]
    described = dataset.describe()
    assert described["train"]["cleaned"]["duplicates_removed"] == 1
    assert "cleaned" not in described["validation"]


# The option


@pytest.fixture
def loaded():
    """A function that gives training options to a command and returns its result, the splits' texts being its value."""
    group = EmotionGroup()

    @group.command()
    @data_options
    @click.option("--quiet", is_flag=True)
    @grouped(data=DataOptions)
    def train(quiet, data):
        """Load training data as the model packages do."""
        dataset = data.load(42, "letters_only", quiet=quiet)
        click.echo(json.dumps({name: split.texts for name, split in dataset.splits.items()}))

    def run(*arguments):
        return CliRunner().invoke(group, ["train", *map(str, arguments)])

    return run


@pytest.fixture
def twice(tmp_path, sample):
    """A file with the 600 training texts of the sample twice, of which one text has two labels."""
    train = sample.split("train").frame()
    other = train.head(1).assign(label=(train["label"].iloc[0] + 1) % 6)
    path = tmp_path / "twice.csv"
    pd.concat([train, train.iloc[1:], other]).to_csv(path, index=False)
    return path


def test_a_file_is_cleaned_before_validation_is_held_out(twice, loaded):
    """The tenth that is held out is one of what is left, and no text stands on both sides."""
    result = loaded("--data", twice, "--clean-train", "majority")
    splits = json.loads(result.stdout)
    assert {name: len(texts) for name, texts in splits.items()} == {"train": 539, "validation": 60}
    assert len(set(splits["train"]) | set(splits["validation"])) == 599
    assert result.stderr == (
        "Cleaned the train split: removed 599 duplicated and 2 contradicting of 1200 rows, 599 are left. "
        "Texts with several labels: 1, of which the majority kept 0.\n"
    )


def test_without_the_option_nothing_is_removed(twice, loaded):
    """Every row is trained on or held out, and nothing is said."""
    result = loaded("--data", twice)
    assert sum(len(texts) for texts in json.loads(result.stdout).values()) == 1200
    assert result.stderr == ""


def test_quiet_cleans_without_a_word(twice, loaded):
    """The rows are removed all the same."""
    result = loaded("--data", twice, "--clean-train", "drop", "--quiet")
    assert sum(len(texts) for texts in json.loads(result.stdout).values()) == 599
    assert result.stderr == ""


def test_a_lost_class_ends_with_one_message(tmp_path, write_rows, loaded):
    """Exit code 2, on standard error, before anything is trained."""
    rows = [{"text": "a", "label": "joy"}, {"text": "A", "label": "love"}, {"text": "b", "label": "joy"}]
    result = loaded("--data", write_rows(tmp_path / "data.csv", rows), "--clean-train", "majority")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --clean-train majority leaves no training text of love")


def test_a_run_records_how_its_train_split_was_cleaned(tmp_path, sample, classifier):
    """The counts stand in run.json with the train split, and the model card says how many rows are gone."""
    train = sample.split("train")
    doubled = train.take([*range(len(train)), 0, 1, 2])
    dataset = clean_dataset(Dataset("mine", sample.splits | {"train": doubled}), "letters_only", "majority")
    with RunWriter(tmp_path / "run", "train") as run:
        classifier.save(run.model_dir)
        run.record = replace(run.record, package="emotion-words", model="words", hyperparameters={}, parameters=1)
        options = RunOptions(calibrate=False, extras=False)
        finish_training_run(run, classifier, dataset, [{"epoch": 1, "loss": 1.0}], options)
    recorded = read_json(tmp_path / "run", "run.json")["data"]["splits"]
    assert recorded["train"]["cleaned"] == dataset.cleaned
    assert (recorded["train"]["rows"], recorded["train"]["cleaned"]["duplicates_removed"]) == (600, 3)
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert "after 3 duplicated or conflicting rows were removed" in card


# The real tweets


@pytest.mark.parametrize("conflicts", ["majority", "drop"])
@pytest.mark.parametrize("cleaning", list(CLEANERS))
def test_the_emotion_tweets_lose_their_31_duplicated_texts(emotion_folder, cleaning, conflicts):
    """30 texts have two labels, once each, so no majority saves them; one more is repeated with the same label."""
    dataset = clean_dataset(load_dataset(emotion_folder), cleaning, conflicts)
    assert dataset.cleaned == {
        "conflicts": conflicts,
        "text_cleaning": cleaning,
        "rows_before": 16000,
        "duplicates_removed": 1,
        "conflicting_texts": 30,
        "conflicting_texts_kept": 0,
        "conflicting_rows_removed": 60,
        "rows_after": 15939,
    }
    assert (len(dataset.splits["train"]), len(dataset.splits["validation"])) == (15939, 2000)
