"""Stratified, seeded splits and folds that keep equal texts together."""

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.load import load_dataset
from emotion_core.data.same_text import normalized_key
from emotion_core.data.splits.draws import draw_folds, draw_stratified
from emotion_core.data.splits.parts import k_fold, split_texts, with_validation
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS

SPELLINGS = (str.upper, str.title, lambda text: f"{text}!!", lambda text: f"  {text} 1", lambda text: f"#{text}")


@st.composite
def frames(draw):
    """At least 20 distinct texts of each class, some of them repeated in another spelling or with another label."""
    per_class = [draw(st.integers(20, 40)) for _ in EMOTIONS]
    rows = [(f"{name} {_word(n)}", label) for label, name in enumerate(EMOTIONS) for n in range(per_class[label])]
    repeats = draw(
        st.lists(st.tuples(st.sampled_from(rows), st.sampled_from(SPELLINGS), st.integers(0, 5)), max_size=30)
    )
    rows += [(spell(text), label) for (text, _), spell, label in repeats]
    return Split(*zip(*draw(st.permutations(rows)), strict=True))


def _word(number):
    """A number as letters, for digits are no part of a normalized text."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def keys(split):
    """The normalized texts of a split."""
    return set(map(normalized_key, split.texts))


def rows(splits):
    """All rows of some splits, sorted."""
    return sorted(row for split in splits for row in zip(split.texts, split.labels.tolist(), strict=True))


@pytest.mark.parametrize(
    "other", ["SO glad", "so glad!!", "#SoGlad", "  so   glad 2", "so glad @user http://example.com"]
)
def test_spellings_of_one_text_share_a_key(other):
    """Case, signs, digits, mentions, links, hashtags and white space do not tell two texts apart."""
    assert normalized_key(other) == normalized_key("so glad")


def test_texts_without_letters_keep_their_own_keys():
    """Texts of which no letter is left are told apart by what they are."""
    assert len({normalized_key(text) for text in ("!!", "??", "привет", "пока")}) == 4
    assert normalized_key("ПОКА  123") == normalized_key("пока 123")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("RT @a: снег сон lol", "RT @b: голос река lol"),
        ("мой дом rt", "мои дом rt"),
        ("काम lol", "कम lol"),
        ("ガラス ok", "カラス ok"),
        ("안녕 rt", "안넝 rt"),
        ("שלום lol", "שלוש lol"),
        ("สวัสดี ok", "สวัสดา ok"),
        ("⠓⠑ lol", "⠓⠕ lol"),
        ("مرحبا rt", "مرحبه rt"),
    ],
)
def test_texts_of_any_script_are_told_apart(text, other):
    """Latin words that they share do not make them one, and neither do letters that differ in a mark."""
    assert normalized_key(text) != normalized_key(other)


@pytest.mark.parametrize(
    ("text", "other"),
    [("Снег, сон!!", "снег   сон"), ("ガラス", "ｶﾞﾗｽ"), ("Straße", "STRASSE"), ("Café #Été", "cafe ete")],
)
def test_spellings_in_any_script_share_a_key(text, other):
    """Case, punctuation, compatibility forms and the accents of Latin letters do not count."""
    assert normalized_key(text) == normalized_key(other)


@given(st.text(max_size=60))
def test_the_key_of_a_text_in_latin_letters_is_what_the_recurrent_networks_read(text):
    """Splits of such texts stay what they were before other scripts were told apart."""
    if text.isascii() and "&" not in text and letters_only(text):
        assert normalized_key(text) == letters_only(text)


@pytest.mark.parametrize(
    ("counts", "fractions", "message"),
    [
        ((9, 1), {"train": 0.8, "test": 0.2}, "too few different texts of joy 1, expected at least one"),
        ((9, 9), {"train": 0.95, "test": 0.05}, "test would get 1 of 18 different texts, fewer than the 2 emotions"),
        ((9, 9), {"train": 0.05, "test": 0.95}, "the rest would get 1 of 18 different texts"),
    ],
)
def test_what_cannot_be_split_is_named(counts, fractions, message):
    """The rare emotion with its number of texts, or the part that is too small."""
    texts = [f"{name} {_word(n)}" for name, count in zip("ab", counts, strict=True) for n in range(count)]
    split = Split(texts, np.repeat([0, 1], counts))
    with pytest.raises(DataError, match=message):
        split_texts(split, fractions, 1)


def test_an_emotion_of_one_text_cannot_be_folded(sample):
    """The message names it instead of a range of numbers that holds none."""
    split = Split([*sample.split("test").texts[:9], "one"], [0] * 9 + [5])
    with pytest.raises(DataError, match="surprise has 1 different text"):
        list(k_fold(split, 2, 1))


@settings(max_examples=25)
@given(frames(), st.integers(0, 2**32 - 1))
def test_no_text_stands_on_both_sides_and_none_is_lost(frame, seed):
    """The parts together are the rows of the whole, and share no normalized text."""
    parts = split_texts(frame, {"train": 0.8, "validation": 0.1, "test": 0.1}, seed)
    assert rows(parts.values()) == rows([frame])
    assert sum(len(keys(part)) for part in parts.values()) == len(keys(frame))


@settings(max_examples=25)
@given(frames(), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.2, 0.5]))
def test_a_part_has_its_fraction_of_the_distinct_texts(frame, seed, fraction):
    """Counted in distinct texts, the second part has its fraction and the first the rest."""
    parts = split_texts(frame, {"train": 1 - fraction, "test": fraction}, seed)
    assert len(keys(parts["test"])) == round(fraction * len(keys(frame)))


@settings(max_examples=10)
@given(frames(), st.integers(0, 2**32 - 1))
def test_a_seed_gives_the_same_split_again(frame, seed):
    """Two splits with one seed are equal to the row."""
    first, second = (split_texts(frame, {"train": 0.7, "test": 0.3}, seed) for _ in range(2))
    assert all(rows([first[name]]) == rows([second[name]]) for name in first)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5), min_size=12, max_size=200), st.floats(0.1, 0.6), st.integers(0, 2**32 - 1))
def test_the_rows_of_a_split_are_those_that_scikit_learn_draws(labels, fraction, seed):
    """A split that was published with a seed stays as it is."""
    labels, rows = np.array([*range(6), *range(6), *labels]), np.arange(len(labels) + 12)
    size = max(6, round(fraction * len(labels)))
    expected = train_test_split(rows, test_size=size, stratify=labels, random_state=seed)
    for found, wanted in zip(draw_stratified(labels, size, seed), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.skipif(
    Version(sklearn.__version__) < Version("1.8"), reason="folds of groups were drawn otherwise before scikit-learn 1.8"
)
@pytest.mark.filterwarnings("ignore:The least populated class")
@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=60, max_size=200),
    st.integers(2, 7),
    st.integers(0, 2**32 - 1),
)
def test_the_rows_of_a_fold_are_those_that_scikit_learn_draws(rows, folds, seed):
    """Folds that were published with a seed stay as they are."""
    groups, labels = np.array([*((group, group % 6) for group in range(41)), *rows]).T
    expected = StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups)
    found = draw_folds(labels, groups, folds, seed)
    for fold, (_, validation) in enumerate(expected):
        np.testing.assert_array_equal(np.flatnonzero(found == fold), validation)


def test_another_seed_gives_another_split(sample):
    """The choice is random: the seed decides it."""
    frame = sample.split("train")
    first, second = (split_texts(frame, {"train": 0.8, "test": 0.2}, seed)["test"] for seed in (1, 2))
    assert rows([first]) != rows([second])


def test_the_parts_keep_the_class_shares_and_the_order(sample):
    """Of the 100 texts of each class 80, 10 and 10 go to the three parts, in their former order."""
    frame = sample.split("train")
    parts = split_texts(frame, {"train": 0.8, "validation": 0.1, "test": 0.1}, 42)
    for name, count in (("train", 80), ("validation", 10), ("test", 10)):
        assert np.bincount(parts[name].labels).tolist() == [count] * 6
        positions = [frame.texts.index(text) for text in parts[name].texts]
        assert positions == sorted(positions)


@pytest.mark.parametrize(
    "fractions",
    [
        {"train": 0.8, "test": 0.1},
        {"train": 1.1, "test": -0.1},
        {"train": 1.0, "test": 0.0},
        {"train": 0.5, "test": float("nan")},
    ],
)
def test_fractions_that_are_none_are_refused(sample, fractions):
    """They must be above 0 and sum to 1."""
    with pytest.raises(DataError, match="must be above 0 and sum to 1"):
        split_texts(sample.split("train"), fractions, 42)


def test_a_class_with_too_few_texts_is_refused():
    """A class of one text cannot stand in both parts."""
    frame = Split([_word(n) for n in range(11)], [0] * 10 + [1])
    with pytest.raises(DataError, match="The 11 rows cannot be split into train, test with every class in each part"):
        split_texts(frame, {"train": 0.5, "test": 0.5}, 42)


@settings(max_examples=15)
@given(frames(), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_every_row_is_validated_in_exactly_one_fold(frame, folds, seed):
    """The validation parts make up the whole, and within a fold no text stands on both sides."""
    pairs = list(k_fold(frame, folds, seed))
    assert len(pairs) == folds
    assert rows(validation for _, validation in pairs) == rows([frame])
    for train, validation in pairs:
        assert rows([train, validation]) == rows([frame])
        assert keys(train).isdisjoint(keys(validation))


def test_folds_keep_the_class_shares_and_follow_the_seed(sample):
    """Each of 5 folds of the balanced corpus validates 20 texts a class, the same ones for the same seed."""
    frame = sample.split("train")
    folds = {seed: [validation for _, validation in k_fold(frame, 5, seed)] for seed in (1, 2)}
    assert all(np.bincount(fold.labels).tolist() == [20] * 6 for fold in folds[1])
    again = [validation for _, validation in k_fold(frame, 5, 1)]
    assert all(fold.texts == other.texts for fold, other in zip(folds[1], again, strict=True))
    assert folds[1][0].texts != folds[2][0].texts


@pytest.mark.parametrize("folds", [-1, 0, 1, 101])
def test_fewer_than_two_folds_or_more_than_texts_are_refused(sample, folds):
    """The message states the range."""
    with pytest.raises(DataError, match=f"Found {folds} folds, expected 2 to 100"):
        list(k_fold(sample.split("train"), folds, 42))


def test_one_file_is_trained_on_with_a_tenth_held_out(tmp_path, sample):
    """The held-out validation split and its source are part of the dataset."""
    sample.split("train").frame().to_csv(tmp_path / "data.csv", index=False)
    dataset = with_validation(load_dataset(tmp_path / "data.csv"), seed=7)
    assert {name: len(frame) for name, frame in dataset.splits.items()} == {"train": 540, "validation": 60}
    assert rows(dataset.splits.values()) == rows([sample.split("train")])
    assert dataset.sources == {
        "train": str(tmp_path / "data.csv"),
        "validation": "10% of the train split, held out with seed 7",
    }
    other = with_validation(load_dataset(tmp_path / "data.csv"), seed=8)
    assert rows([other.splits["validation"]]) != rows([dataset.splits["validation"]])


def test_rows_that_were_dropped_from_one_file_are_counted_for_the_train_split(sample):
    """The whole file becomes the train split, and so does what is known of it; the test split keeps its own."""
    split = sample.split("train")
    whole = with_validation(Dataset("mine", {"all": split}, {"all": "mine.csv"}, {"all": 3}), seed=7)
    assert (whole.sources["train"], whole.dropped) == ("mine.csv", {"train": 3})
    parts = {"train": split, "test": split}
    dropped = with_validation(
        Dataset("mine", parts, dict.fromkeys(parts, "x"), {"train": 1, "test": 2}), seed=7
    ).dropped
    assert dropped == {"train": 1, "test": 2}


def test_a_dataset_of_one_text_for_each_class_has_none_to_hold_out():
    """Neither part could be filled, and the message counts the texts of a class."""
    with pytest.raises(DataError, match="too few different texts"):
        with_validation(Dataset("tiny", {"train": Split(["a", "b", "c"], [0, 1, 2])}), seed=7)


def test_a_small_dataset_holds_out_a_text_of_each_class(sample):
    """Of 30 texts a tenth would be 3, too few for six classes; 6 are held out, and the source says so."""
    small = Split.from_frame(sample.split("train").frame().groupby("label").head(5))
    dataset = with_validation(Dataset("small", {"train": small}), seed=7)
    assert sorted(dataset.splits["validation"].labels) == [0, 1, 2, 3, 4, 5]
    assert len(dataset.splits["train"]) == 24
    assert dataset.sources["validation"] == "20% of the train split, held out with seed 7"


def test_a_dataset_with_a_validation_split_stays_as_it_is(sample):
    """Nothing is held out where there is something to validate on."""
    dataset = with_validation(sample, seed=7)
    assert all(dataset.splits[name] is sample.splits[name] for name in sample.splits)


def test_a_dataset_without_training_rows_is_refused(sample):
    """Test rows are not trained on."""
    with pytest.raises(DataError, match="there is no train split, only test"):
        with_validation(Dataset("mine", {"test": sample.split("test")}), seed=7)
