"""What the audit counts, and how it shows it."""

import pytest

from emotion_core.data.audit import audit_dataset, audit_text, audited
from emotion_core.data.dataset import Dataset, Split, fingerprint
from emotion_core.evaluation.figures import audit_figure

TRAIN = [
    ("so glad", 1),
    ("so glad", 1),
    ("so glad", 2),  # one text thrice, with two labels
    ("SO GLAD!!", 1),  # the same once normalized
    ("what a day", 0),
    ("What a day", 3),  # twice once normalized, with two labels
    ("no no no never", 3),
]
TEST = [("so glad", 1), ("so glad", 1), ("no no, no: never", 3), ("one of a kind", 5)]


@pytest.fixture
def dataset():
    """Two splits with known faults."""
    splits = {"train": TRAIN, "test": TEST}
    return Dataset("mine", {name: Split(*zip(*rows, strict=True)) for name, rows in splits.items()})


@pytest.fixture
def report(dataset):
    """The audit of the two splits."""
    return audit_dataset(dataset)


def test_a_text_that_repeats_is_counted_once_with_its_surplus_rows(report):
    """Exactly, one text stands three times; normalized, two texts stand four times and twice."""
    train = report["splits"]["train"]
    assert (train["exact"]["duplicated_texts"], train["exact"]["surplus_rows"]) == (1, 2)
    assert (train["normalized"]["duplicated_texts"], train["normalized"]["surplus_rows"]) == (2, 4)


def test_a_text_with_two_labels_conflicts(report):
    """Exactly one text has two labels; normalized, two have."""
    train = report["splits"]["train"]
    assert (train["exact"]["conflicting_texts"], train["normalized"]["conflicting_texts"]) == (1, 2)
    assert train["exact"]["examples"] == ["so glad"]
    assert report["splits"]["test"]["exact"]["conflicting_texts"] == 0


def test_a_text_in_two_splits_leaks_and_is_counted_once(report):
    """Exactly one distinct text stands in both splits; normalized, two do."""
    assert report["leakage"] == [
        {"splits": ["train", "test"], "exact_texts": 1, "normalized_texts": 2, "examples": ["so glad"]}
    ]


def test_every_pair_of_splits_is_looked_at(dataset):
    """Three splits make three pairs."""
    dataset.splits["more"] = dataset.splits["test"]
    pairs = [pair["splits"] for pair in audit_dataset(dataset)["leakage"]]
    assert pairs == [["train", "test"], ["train", "more"], ["test", "more"]]


def test_the_balance_lists_every_emotion(report):
    """A class without rows is listed with 0."""
    counts = {"sadness": 1, "joy": 3, "love": 1, "anger": 2, "fear": 0, "surprise": 0}
    assert report["splits"]["train"]["classes"] == counts


def test_lengths_are_counted_in_words_and_characters(report):
    """The longest text of train has 4 words and 14 characters, the median one 2 words."""
    train = report["splits"]["train"]
    assert (train["words"]["p50"], train["words"]["p100"]) == (2, 4)
    assert train["characters"]["p100"] == 14


def test_the_vocabulary_counts_tokens_and_types(report):
    """Test has 2 + 2 + 4 + 4 words; so, glad and no occur more than once."""
    assert report["splits"]["test"]["vocabulary"] == {"tokens": 12, "types": 8, "types_seen_once": 5}


def test_a_split_is_identified_by_rows_and_fingerprint(report, dataset):
    """So that an audit can be tied to the file it was made of."""
    train = report["splits"]["train"]
    assert (train["rows"], train["fingerprint"]) == (7, fingerprint(dataset.splits["train"]))


def test_a_text_without_any_word_has_length_zero():
    """Texts of signs alone count as rows, and add nothing to the vocabulary."""
    dataset = Dataset("mine", {"all": Split(["?!", "123"], [0, 1])})
    split = audit_dataset(dataset)["splits"]["all"]
    assert split["words"]["p100"] == 0
    assert split["vocabulary"] == {"tokens": 0, "types": 0, "types_seen_once": 0}


def test_the_text_states_the_counts(dataset):
    """The terminal shows each finding of each split and pair."""
    text = audit_text(audited(dataset))
    for line in (
        "train: 7 rows",
        "joy 3 (42.9%)",
        "duplicated   1 texts (2 surplus rows); normalized 2 (4)",
        "conflicting  1 texts with more than one label; normalized 2",
        "words        median 2",
        "8 types, 12 tokens, 5 types seen once",
        "train and test: 1 texts stand in both; normalized 2",
    ):
        assert line in text


def test_the_figure_has_one_bar_for_each_emotion_and_split(dataset):
    """Two splits of six emotions, each split summing to 100 %."""
    (axes,) = audit_figure(audited(dataset)).axes
    heights = [[bar.get_height() for bar in container] for container in axes.containers]
    assert [len(bars) for bars in heights] == [6, 6]
    assert [sum(bars) for bars in heights] == pytest.approx([100, 100])
