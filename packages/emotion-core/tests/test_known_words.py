"""Whether a model knows the words of a text, and what is told where it does not."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import product
from pathlib import Path

import pytest

from emotion_core import letters_only
from emotion_core.data.dataset import Dataset
from emotion_core.data.known_words import KnownWords, foreign_remark, foreign_texts, words_of

WRITTEN = Path(__file__).parents[3] / "benchmarks" / "foreign_texts.tsv"
ENGLISH = "i never thought that this would really happen"
GERMAN = "Meine Oma fehlt mir jeden Tag ein bisschen mehr, das h\u00e4tte niemand gedacht"
KNOWN = [*ENGLISH.split(), *map("".join, product("qxzwv", repeat=6))]
"""Some thousands of words, which most texts lack."""
MARKED = {
    "WordPiece": [*KNOWN, "##ing"],
    "byte-level BPE": [*(f"\u0120{word.title()}" for word in KNOWN), "ing"],
    "SentencePiece": [*(f"\u2581{word}" for word in KNOWN), "ing"],
    "BPE of fairseq": [*KNOWN, "ing@@"],
    "BPE of GPT": [*(f"{word}</w>" for word in KNOWN), "ing"],
}
"""Vocabularies of tokenizers that know the same words and mark them in their own ways."""


@pytest.fixture(scope="module")
def known(sample: Dataset) -> KnownWords:
    """The words of the 600 training texts of the sample."""
    found = KnownWords.of_training(
        {word for text in sample.split("train").texts for word in letters_only(text).split()}
    )
    assert found is not None
    return found


def test_most_texts_in_other_languages_are_noticed_and_few_english_ones(known: KnownWords, sample: Dataset) -> None:
    """Nine in ten of each of ten languages, and of English texts fewer than are told."""
    texts = defaultdict(list)
    with WRITTEN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts[row["language"]].append(row["text"])
    del texts["en"]
    assert len(texts) == 10
    for some in texts.values():
        assert sum(map(known.is_foreign, some)) >= 0.9 * len(some)
    english = [*sample.split("validation").texts, *sample.split("test").texts]
    assert foreign_remark(sum(map(known.is_foreign, english)), len(english)) is None


@pytest.mark.parametrize("marks", MARKED)
def test_tokens_that_are_whole_words_are_known(marks: str) -> None:
    """Whatever a tokenizer marks them or their pieces with; in any case, and without the pieces."""
    known = KnownWords.of_tokenizer(MARKED[marks])
    assert known is not None
    assert known.words >= {"never", "thought"}
    assert "ing" not in known.words
    assert foreign_texts(known, [ENGLISH, ENGLISH.upper(), GERMAN]) == [False, False, True]


@pytest.mark.parametrize("vocabulary", [[], KNOWN, [*ENGLISH.split(), "##ing"]])
def test_without_words_enough_nothing_is_said(vocabulary: list[str]) -> None:
    """A tokenizer of characters knows no words, one without marks does not tell them, and a small one has too few."""
    assert KnownWords.of_tokenizer(vocabulary) is None
    assert foreign_texts(KnownWords.of_tokenizer(vocabulary), [GERMAN]) == [False]
    assert KnownWords.of_training(ENGLISH.split()) is None


def test_a_text_of_few_words_is_in_no_language(known: KnownWords) -> None:
    """Names and shouts say nothing; nor do links, mentions, hashtags, emoji and numbers."""
    assert not known.is_foreign("Kopenhagen Aarhus!")
    assert not known.is_foreign("@zzyzx https://zzyzx.example/qwrt #zzyzx #qwrt \U0001f602\U0001f602 12345")


def test_emoji_do_not_make_a_text_english(known: KnownWords) -> None:
    """Their names are English words, which the cleanings write for them and nobody has written."""
    assert known.is_foreign(GERMAN + " \U0001f602\U0001f602\U0001f602\U0001f602")


def test_words_are_compared_without_case_accents_and_apostrophes() -> None:
    """As in the training texts, where apostrophes close up, or as in tokenizers, which part words there."""
    assert words_of("Don\u2019t GO to the caf\u00e9", joined=True) == ["dont", "go", "to", "the", "cafe"]
    assert words_of("don't", joined=False) == ["don", "t"]
    assert words_of("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440", joined=False) == [
        "\u043f\u0440\u0438\u0432\u0435\u0442", "\u043c\u0438\u0440",
    ]  # fmt: skip


def test_a_few_texts_are_not_told() -> None:
    """Of a hundred as many as can be mistakes; one alone is told, and many with the numbers of the first."""
    assert foreign_remark(5, 100) is None
    assert foreign_remark(0, 1) is None
    single = "The text seems to be in a language that the model does not read: do not rely on its prediction."
    assert foreign_remark(1, 1) == single
    assert foreign_remark(1, 4, [3]) == (
        "1 of 4 texts seems to be in a language that the model does not read (row 3): do not rely on its prediction."
    )
    assert foreign_remark(37, 120, [3, 8]) == (
        "37 of 120 texts seem to be in a language that the model does not read (rows 3, 8, ...): do not rely on their "
        "predictions."
    )
