"""Long texts are cut before they are tokenized, and have the ids of the whole texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from checkpoints_for_tests import sample_texts

from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.trainer.encodings import Encodings
from emotion_core.data.cleaning import social_media
from emotion_core.data.dataset import Split
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.inference.encoding.long_texts import Encoded, Reading

MAX_LENGTH = 16


def test_a_long_text_has_the_ids_of_the_whole_text(checkpoint: Checkpoint) -> None:
    """Every tokenizer gives to texts of hundreds of words, and to short ones, what it gives to them uncut."""
    sentences = list(sample_texts())
    texts = [*sentences[:20], *(" ".join(sentences[start : start + 60]) for start in range(0, 300, 60))]
    tokenizer = load_tokenizer(checkpoint, MAX_LENGTH)
    cleaned = [social_media(text) for text in texts]
    expected = [tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in cleaned]
    frame = Split(texts, [0] * len(texts))
    encodings = Encodings(tokenizer, frame, "social_media", MAX_LENGTH)
    assert [encodings[index]["input_ids"] for index in range(len(texts))] == expected
    assert encodings.lengths[-1] == MAX_LENGTH


def test_each_epoch_has_its_own_typing_errors(checkpoint: Checkpoint) -> None:
    """An epoch has the ids of its mistyped texts, the same ones when it is taken again, and the lengths that fit."""
    tokenizer, texts = load_tokenizer(checkpoint, MAX_LENGTH), list(sample_texts())[:30]
    typos = EpochTypos(0.5, seed=1)
    encodings = Encodings(tokenizer, Split(texts, [0] * len(texts)), "social_media", MAX_LENGTH, typos)

    def ids(epoch: int) -> list[list[int]]:
        encodings.set_epoch(epoch)
        return [list(encodings[index]["input_ids"]) for index in range(len(texts))]

    first, second = ids(0), ids(1)
    assert first != second
    assert ids(0) == first
    assert encodings.lengths == [len(row) for row in first]
    mistyped = [social_media(text) for text in typos.texts(texts, 1)]
    assert second == [tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in mistyped]


@dataclass
class Vowels:
    """A tokenizer to which words other than vowels are nothing, and that notes the longest text it was given."""

    side: str = "right"
    longest: int = 0

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts, cut at the side."""
        self.longest = max([self.longest, *map(len, texts)])
        ids = [[ord(word) for word in text.split() if word in "aeiou"] for text in texts]
        return {"input_ids": [row[-MAX_LENGTH:] if self.side == "left" else row[:MAX_LENGTH] for row in ids]}


@pytest.mark.parametrize("side", ["right", "left"])
def test_of_a_long_text_a_part_is_tokenized(side: str) -> None:
    """A text of 200,000 words is cut before, whichever side is read, and words without a token leave enough."""
    vowels = Vowels(side)
    text = "e " * 100 + "x a " * 100_000 + "o " * 100
    ids = Reading(str, vowels, MAX_LENGTH, side)(["a e", text])["input_ids"]
    assert ids == [[ord("a"), ord("e")], [ord("o" if side == "left" else "e")] * MAX_LENGTH]
    assert vowels.longest < 5000


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_text_whose_words_have_too_few_tokens_is_read_to_its_end(side: str) -> None:
    """Where most words have no token, the ids are those of the whole text all the same."""
    text = "x " * 10_000
    text = "a " * 100 + text if side == "left" else text + "a " * 100
    assert Reading(str, Vowels(side), MAX_LENGTH, side)(["e", text])["input_ids"] == [[101], [97] * MAX_LENGTH]


LONG_WORDS = {
    "letters": "a" * 9001,
    "a word without spaces": "hello" * 2000 + "!",
    "signs": "?!" * 4500,
    "letters and signs": "ab!" * 3001,
    "another script": "好天" * 4000,
    "a rhythm that no cut keeps": "abcdefg" * 1301 + "xyz",
    "spaces without end": "a" + " " * 20_000 + "b c d",
    "nothing but marks": "\u200b" * 9000 + "ok",
    "emoji": "😂" * 3000,
    "a link": "http://" + "x" * 9000 + " and more words",
    "tabs and lines": "so\tlong\n" * 2000,
}


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("kind", LONG_WORDS)
def test_cutting_does_not_change_the_tokens_that_are_kept(kind: str, side: str, checkpoint: Checkpoint) -> None:
    """Words without end, and whatever else has no good place to cut, have the ids of the whole text."""
    tokenizer = load_tokenizer(checkpoint, MAX_LENGTH)
    if not tokenizer.is_fast and side == "left":
        pytest.skip("BERTweet's tokenizer reads the beginning")
    tokenizer.truncation_side = side
    text = LONG_WORDS[kind]
    expected = tokenizer(social_media(text), truncation=True, max_length=MAX_LENGTH)["input_ids"]
    encodings = Encodings(tokenizer, Split(["short", text], [0, 0]), "social_media", MAX_LENGTH)
    assert encodings[1]["input_ids"] == expected


def test_eight_million_characters_are_not_tokenized(checkpoint: Checkpoint) -> None:
    """Of a word without end, too, only the beginning is looked at, in training as in prediction."""
    tokenizer, read = load_tokenizer(checkpoint, MAX_LENGTH), []

    def encode(texts: Sequence[str]) -> Encoded:
        read.extend(map(len, texts))
        return tokenizer(list(texts), truncation=True, max_length=MAX_LENGTH)

    Reading(social_media, encode, MAX_LENGTH)(["so " + "hello" * 1_600_000])
    assert sum(read) < 10_000
