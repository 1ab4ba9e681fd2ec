"""Count what the texts of a dataset look like."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.profile.signs import SIGNS, Post, emotions_named
from emotion_core.data.profile.words import emotion_words
from emotion_core.labels import EMOTIONS

LENGTHS = (5, 10, 18, 28, 40)
"""The longest texts of each class of lengths but the last, in words."""
PERCENTILES = (5, 50, 95)
OPENERS = 3
"""Openers have up to so many words, and a frame as many."""
SHOWN = 10
MOST_PHRASES = 1_000_000
"""When more different ones have been counted, those that stood in one text so far are dropped."""


@dataclass(frozen=True)
class Phrase:
    """Words in a row, in how many texts they stand, and in what share of them."""

    words: str
    texts: int
    share: float


@dataclass(frozen=True)
class Look:
    """What some texts look like.

    Attributes:
        texts: how many they are.
        words, characters: percentiles of their lengths, by ``p5`` and so on, and the mean.
        lengths: the share of texts with so many words, by ``1-5`` and so on.
        signs: the share of texts of which each of `signs.SIGNS` holds.
        emotion_word, own_emotion_word: the share with a word of any emotion, and of that which is their label.
        openers: the commonest first words, first two, and first three.
        frames: the commonest three words in a row anywhere.
    """

    texts: int
    words: dict[str, float]
    characters: dict[str, float]
    lengths: dict[str, float]
    signs: dict[str, float]
    emotion_word: float
    own_emotion_word: float
    openers: list[list[Phrase]]
    frames: list[Phrase]


@dataclass(frozen=True)
class Profile:
    """What the texts of each split look like, and those of each of its emotions, where it was asked for."""

    splits: dict[str, Look]
    emotions: dict[str, dict[str, Look]]

    def to_json(self) -> dict[str, Any]:
        """As `audit_dataset` returns it."""
        return {
            name: {
                **asdict(look),
                "by_emotion": {emotion: asdict(part) for emotion, part in self.emotions.get(name, {}).items()},
            }
            for name, look in self.splits.items()
        }


def profiled(dataset: Dataset, *, by_emotion: bool) -> Profile:
    """The profile of a dataset; with ``by_emotion`` of the emotions that a split has, too."""
    splits, emotions = {}, {}
    for name, split in dataset.splits.items():
        splits[name], emotions[name] = _look_of_split(split, by_emotion=by_emotion)
    return Profile(splits, emotions)


def _look_of_split(split: Split, *, by_emotion: bool) -> tuple[Look, dict[str, Look]]:
    whole, parts, words = _Counts(), [_Counts() for _ in EMOTIONS], emotion_words()
    for text, label in zip(split.texts, split.labels.tolist(), strict=True):
        post = Post.of(text)
        named = emotions_named(post, words)
        signs = [name for name, (_, holds) in SIGNS.items() if holds(post)]
        signs += ["emotion_word"] * bool(named) + ["own_emotion_word"] * (label in named)
        for counts in (whole, parts[label]) if by_emotion else (whole,):
            counts.add(post, signs)
    looks = {emotion: part.look() for emotion, part in zip(EMOTIONS, parts, strict=True) if part.characters}
    return whole.look(), looks


class _Counts:
    """What is counted of some texts."""

    def __init__(self) -> None:
        self.words, self.characters = array("q"), array("q")
        self.signs: Counter[str] = Counter()
        self.openers = [Counter[str]() for _ in range(OPENERS)]
        self.frames: Counter[str] = Counter()

    def add(self, post: Post, signs: list[str]) -> None:
        """Count one text."""
        self.words.append(len(post.bare.split()))
        self.characters.append(len(post.text))
        self.signs.update(signs)
        for length, counted in enumerate(self.openers, start=1):
            if len(post.words) >= length:
                counted[" ".join(post.words[:length])] += 1
        words = zip(*(post.words[start:] for start in range(OPENERS)), strict=False)
        self.frames.update({" ".join(frame) for frame in words})
        for counted in (*self.openers, self.frames):
            if len(counted) > MOST_PHRASES:
                for phrase in [phrase for phrase, texts in counted.items() if texts == 1]:
                    del counted[phrase]

    def look(self) -> Look:
        """The counts as shares of the texts."""
        lengths = np.bincount(np.searchsorted(LENGTHS, self.words), minlength=len(LENGTHS) + 1)
        total = len(self.words)
        names = [
            *(f"{low + 1}-{high}" for low, high in zip((0, *LENGTHS), LENGTHS, strict=False)),
            f"over {LENGTHS[-1]}",
        ]
        return Look(
            texts=total,
            words=_summary(self.words),
            characters=_summary(self.characters),
            lengths={name: int(count) / total for name, count in zip(names, lengths, strict=True)},
            signs={name: self.signs[name] / total for name in SIGNS},
            emotion_word=self.signs["emotion_word"] / total,
            own_emotion_word=self.signs["own_emotion_word"] / total,
            openers=[_commonest(counted, total) for counted in self.openers],
            frames=_commonest(self.frames, total),
        )


def _summary(lengths: array[int]) -> dict[str, float]:
    found = np.percentile(lengths, PERCENTILES).tolist()
    named = {f"p{percent}": float(int(value)) for percent, value in zip(PERCENTILES, found, strict=True)}
    return {**named, "mean": round(float(np.mean(lengths)), 1)}


def _commonest(counted: Counter[str], total: int) -> list[Phrase]:
    """The commonest phrases that stand in two texts or more; equally common ones in the order of the alphabet."""
    several = [(phrase, texts) for phrase, texts in counted.items() if texts > 1]
    first = sorted(several, key=lambda found: (-found[1], found[0]))[:SHOWN]
    return [Phrase(phrase, texts, texts / total) for phrase, texts in first]
