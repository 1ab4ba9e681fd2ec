"""Near duplicates: which pairs are found, how they are counted, and when they are looked for."""

import json
import random

import numpy as np
import pytest

from emotion_core.data.audit import audit_text, audited
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.near.exact import exact_pairs
from emotion_core.data.near.grams import grams, jaccard
from emotion_core.data.near.minhash import FOUND, minhash_pairs, rows_of_a_band
from emotion_core.data.near.search import NearSearch, near_duplicates

TRAIN = [
    ("The bus was late again this morning, so angry", 3),
    ("the bus was late again THIS morning... so angry!", 3),  # the same once normalized
    ("The bus was late again this morning, so very angry", 0),
    ("Nobody told me there would be cake", 1),
]
TEST = [("Well nobody told me there would be cake", 5), ("A quiet day at the sea", 1)]


def data(**splits):
    """A dataset of rows of texts and labels."""
    return Dataset("mine", {name: Split(*zip(*rows, strict=True)) for name, rows in splits.items()})


@pytest.fixture
def found():
    """The near duplicates of the two splits, by the names of the splits."""
    near = near_duplicates(data(train=TRAIN, test=TEST), NearSearch())
    return {" ".join(part.splits): part for part in near.found}


@pytest.fixture(scope="module")
def many():
    """Texts of which many share parts, each once."""
    draw = random.Random(3)
    words = ("rain", "sun", "shop", "queue", "ticket", "friend", "always", "never", "laughing", "crying", "waiting")
    texts = {" ".join(draw.choices(words, k=draw.randint(1, 9))) for _ in range(600)}
    for text in sorted(texts)[:200]:
        texts.add(text.replace(draw.choice(words), draw.choice(words), 1))
    return sorted(texts)


def as_set(pairs):
    """The pairs and their indices, rounded, in no order."""
    return {(one, other, round(index, 9)) for part in pairs for one, other, index in zip(*part, strict=True)}


def plainly(texts, threshold):
    """The same by comparing each text with each."""
    found, sets = set(), [grams(text) for text in texts]
    for other, second in enumerate(sets):
        for one, first in enumerate(sets[:other]):
            shared = len(first & second)
            index = shared / (len(first) + len(second) - shared)
            if index >= threshold - 1e-9:
                found.add((one, other, round(index, 9)))
    return found


def test_a_text_is_its_sequences_of_five_letters():
    """A shorter text is one sequence."""
    assert grams("so glad") == {"so gl", "o gla", " glad"}
    assert grams("no") == {"no"}


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 2 / 3, 0.8, 1])
def test_the_exact_search_finds_what_comparing_all_pairs_finds(many, threshold):
    """Also pairs that are exactly at the threshold, and among texts shorter than a sequence."""
    texts = [*many, "no", "so", "no no", "no no no"]
    assert as_set(exact_pairs(texts, threshold)) == plainly(texts, threshold)


def test_small_blocks_change_nothing(many, monkeypatch):
    """The products are made in blocks, which may be as small as one row, and the pairs are checked in blocks."""
    whole = as_set(exact_pairs(many, 0.5))
    monkeypatch.setattr("emotion_core.data.near.exact.PRODUCTS", 1)
    monkeypatch.setattr("emotion_core.data.near.exact.CHECKED", 7)
    assert as_set(exact_pairs(many, 0.5)) == whole


@pytest.mark.parametrize("pairs_at_once", [100_000, 3])
def test_minhash_finds_nearly_all_pairs_each_once_and_no_other(many, monkeypatch, pairs_at_once):
    """Each with its exact Jaccard index."""
    pytest.importorskip("datasketch")
    monkeypatch.setattr("emotion_core.data.near.minhash.COMPARED", pairs_at_once)
    parts = list(minhash_pairs(many, 0.5))
    wanted = plainly(many, 0.5)
    assert as_set(parts) <= wanted
    assert len(wanted) * FOUND <= sum(len(part.first) for part in parts) == len(as_set(parts))


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.8, 0.95, 1])
def test_bands_are_as_wide_as_the_wanted_share_of_pairs_allows(threshold):
    """A pair at the threshold has a band of equal values with 95 % probability or more."""
    width = rows_of_a_band(threshold)
    assert 1 - (1 - threshold**width) ** (200 // width) >= FOUND


def test_texts_that_are_the_same_once_normalized_are_no_near_duplicates(found):
    """They are counted as duplicates; the pair with the third text counts once, with the label of the first row."""
    within = found["train"]
    assert (within.pairs, within.texts, within.different_labels) == (1, 2, 1)
    assert [(pair.rows, pair.labels) for pair in within.examples] == [([0, 2], ["anger", "sadness"])]


def test_pairs_between_splits_are_leakage_with_rows_labels_and_both_texts(found):
    """The first text is that of the first split."""
    (pair,) = found["train test"].examples
    assert (pair.rows, pair.labels, pair.texts) == ([3, 0], ["joy", "surprise"], [TRAIN[3][0], TEST[0][0]])
    assert pair.jaccard == round(jaccard("nobody told me there would be cake", TEST[0][0].lower()), 4)
    assert found["test"].pairs == 0


def test_the_most_similar_pairs_come_first_and_those_with_different_labels_apart():
    """As many as are asked for of each."""
    base = "the whole street came out to see the lights"
    rows = [(base, 1), (base + " go", 1), (base + " go on", 1), (base + " go on and on", 5)]
    (within,) = near_duplicates(data(train=rows), NearSearch(pairs=1)).found
    assert (within.pairs, within.texts, within.different_labels) == (6, 4, 3)
    assert [pair.rows for pair in within.examples] == [[1, 2]]
    assert [pair.rows for pair in within.different_label_examples] == [[2, 3]]


def test_a_pair_that_stands_in_both_splits_counts_once_between_them():
    """Whichever way round."""
    rows = [TRAIN[0], TRAIN[2]]
    within, between, _ = near_duplicates(data(train=rows, test=rows[::-1]), NearSearch()).found
    assert (within.pairs, between.pairs) == (1, 1)
    assert [pair.rows for pair in between.examples] == [[0, 0]]


def test_large_data_are_left_alone_unless_near_duplicates_are_asked_for(monkeypatch):
    """What is not looked for is said, with the option that looks for it."""
    monkeypatch.setattr("emotion_core.data.near.search.NEAR_UNASKED", 3)
    rows = data(train=TRAIN)
    assert "4 rows are more than 3. --near-duplicates" in near_duplicates(rows, NearSearch()).skipped
    assert near_duplicates(rows, NearSearch(wanted=True)).found[0].pairs == 1
    assert near_duplicates(rows, NearSearch(wanted=False)) is None


def test_very_many_texts_are_compared_by_minhash(monkeypatch):
    """The audit says by what."""
    pytest.importorskip("datasketch")
    monkeypatch.setattr("emotion_core.data.near.search.EXACT", 2)
    near = near_duplicates(data(train=TRAIN, test=TEST), NearSearch())
    assert (near.method, [part.pairs for part in near.found]) == ("minhash", [1, 1, 0])


@pytest.mark.parametrize("rows", [[("so glad", 1)], [("so glad", 1), ("SO GLAD", 1)], [("\ud83d", 1), ("a", 2)]])
def test_fewer_than_two_texts_and_odd_ones_have_no_near_duplicates(rows):
    """One text, one text twice, and a lone surrogate."""
    assert near_duplicates(data(train=rows), NearSearch()).found[0].pairs == 0


def test_only_the_start_of_a_very_long_text_is_compared():
    """Two books with the same first pages are near duplicates, and still two texts."""
    pages = " ".join(map(str, np.arange(2_000))).translate(str.maketrans("0123456789", "abcdefghij"))
    rows = [(pages, 1), (pages[:6_000] + "z" * 9_000, 1)]
    assert near_duplicates(data(train=rows), NearSearch()).found[0].pairs == 1


def test_the_terminal_shows_the_counts_and_the_pairs():
    """With split, row, emotion and text."""
    text = audit_text(audited(data(train=TRAIN, test=TEST)))
    for line in (
        "near duplicates: Jaccard index of 5 letters in a row >= 0.5 (all pairs)",
        "  train: 1 pairs of 2 texts, 1 of them with different labels",
        "  train and test: 1 pairs of 2 texts, 1 of them with different labels",
        "  test row 0, surprise: Well nobody told me there would be cake",
    ):
        assert line in text


def test_the_command_takes_a_threshold_and_a_number_of_pairs(tmp_path, write_rows, succeed, refuse):
    """A stated threshold looks for near duplicates; with --no-near-duplicates it is refused."""
    path = write_rows(tmp_path / "posts.csv", [{"text": text, "label": label} for text, label in TRAIN])
    near = json.loads(succeed("audit", path, "--json", "--near-threshold", "0.95").stdout)["near_duplicates"]
    assert (near["threshold"], near["found"][0]["pairs"]) == (0.95, 0)
    none = json.loads(succeed("audit", path, "--json", "--pairs", "0").stdout)["near_duplicates"]["found"][0]
    assert (none["pairs"], none["examples"]) == (1, [])
    assert "near_duplicates" not in json.loads(succeed("audit", path, "--json", "--no-near-duplicates").stdout)
    message = refuse("audit", path, "--near-threshold", "0.6", "--no-near-duplicates")
    assert message.startswith("--near-threshold and --no-near-duplicates exclude each other")
