"""Audit a dataset: balance, duplicates, conflicting labels, leakage between splits, lengths, vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.splits.same_text import normalized_key
from emotion_core.labels import EMOTIONS

N_EXAMPLES = 3
LENGTH_PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True)
class Repeats:
    """The texts of a split that stand there more than once, those among them with two labels or more, and examples."""

    duplicated_texts: int
    surplus_rows: int
    conflicting_texts: int
    examples: list[str]


@dataclass(frozen=True)
class Vocabulary:
    """Words, different words, and words that stand in one text once."""

    tokens: int
    types: int
    types_seen_once: int


@dataclass(frozen=True)
class SplitAudit:
    """One split.

    Attributes:
        classes: texts by emotion.
        exact, normalized: repeated texts, as they are and in the letters-only form.
        words, characters: percentiles of the lengths of the texts, by ``p50`` and so on.
        vocabulary: of the letters-only forms.
    """

    classes: dict[str, int]
    exact: Repeats
    normalized: Repeats
    words: dict[str, int]
    characters: dict[str, int]
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Leakage:
    """The texts that stand in both of two splits, as they are and in the letters-only form, and examples."""

    splits: list[str]
    exact_texts: int
    normalized_texts: int
    examples: list[str]


@dataclass(frozen=True)
class Audit:
    """A dataset, its splits, and each pair of them; ``described`` is what `Dataset.describe` says of the splits."""

    dataset: str
    described: Mapping[str, Mapping[str, Any]]
    splits: dict[str, SplitAudit]
    leakage: list[Leakage]

    def to_json(self) -> dict[str, Any]:
        """As `audit_dataset` returns it."""
        return {
            "dataset": self.dataset,
            "splits": {name: {**self.described[name], **asdict(split)} for name, split in self.splits.items()},
            "leakage": [asdict(pair) for pair in self.leakage],
        }


def audit_dataset(dataset: Dataset) -> dict[str, Any]:
    """Examine every split and every pair of splits.

    Returns:
        ``{"dataset", "splits": {name: {...}}, "leakage": [{...}]}``, ready for JSON. A *duplicated* text is one
        that stands more than once in a split, a *conflicting* text one that stands there with two labels or
        more, a *leaking* text one that stands in both splits; each is counted once per distinct text, exactly
        and again after normalization (the letters-only form), and shown with a few examples.
    """
    return audited(dataset).to_json()


def audited(dataset: Dataset) -> Audit:
    """As `audit_dataset`, as records."""
    keys = {name: [normalized_key(text) for text in split.texts] for name, split in dataset.splits.items()}
    return Audit(
        dataset.name,
        dataset.describe(),
        {name: _audit_split(split, keys[name]) for name, split in dataset.splits.items()},
        [_leakage(dataset, (first, second), keys) for first, second in combinations(dataset.splits, 2)],
    )


def _audit_split(split: Split, keys: list[str]) -> SplitAudit:
    counts = np.bincount(split.labels, minlength=len(EMOTIONS)).tolist()
    words = [letters_only(text).split() for text in split.texts]
    vocabulary = Counter(word for of_text in words for word in of_text)
    return SplitAudit(
        classes=dict(zip(EMOTIONS, counts, strict=True)),
        exact=_repeats(split.texts, split.labels),
        normalized=_repeats(keys, split.labels),
        words=_percentiles([len(of_text) for of_text in words]),
        characters=_percentiles([len(text) for text in split.texts]),
        vocabulary=Vocabulary(vocabulary.total(), len(vocabulary), sum(count == 1 for count in vocabulary.values())),
    )


def _repeats(texts: list[str], labels: NDArray[np.int64]) -> Repeats:
    """Duplicated and conflicting texts."""
    groups: dict[str, list[int]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        groups.setdefault(text, []).append(label)
    duplicated = [text for text, found in groups.items() if len(found) > 1]
    conflicting = [text for text in duplicated if len(set(groups[text])) > 1]
    examples = (conflicting or duplicated)[:N_EXAMPLES]
    return Repeats(len(duplicated), len(texts) - len(groups), len(conflicting), examples)


def _leakage(dataset: Dataset, pair: tuple[str, str], keys: Mapping[str, list[str]]) -> Leakage:
    first, second = pair
    known = set(dataset.splits[first].texts)
    exact = [text for text in dict.fromkeys(dataset.splits[second].texts) if text in known]
    return Leakage([first, second], len(exact), len(set(keys[first]) & set(keys[second])), exact[:N_EXAMPLES])


def _percentiles(lengths: list[int]) -> dict[str, int]:
    found = np.percentile(lengths, LENGTH_PERCENTILES).tolist()
    return {f"p{percent}": int(value) for percent, value in zip(LENGTH_PERCENTILES, found, strict=True)}


def audit_text(audit: Audit) -> str:
    """The audit as plain text for a terminal."""
    lines = [f"Audit of {audit.dataset}"]
    for name, split in audit.splits.items():
        told, exact, normalized = audit.described[name], split.exact, split.normalized
        classes = ", ".join(
            f"{emotion} {count} ({count / told['rows']:.1%})" for emotion, count in split.classes.items()
        )
        lines += [
            "",
            f"{name}: {told['rows']} rows, fingerprint {told['fingerprint'][:16]}..., dropped {told['dropped']}",
            f"  classes      {classes}",
            f"  duplicated   {exact.duplicated_texts} texts ({exact.surplus_rows} surplus rows); "
            f"normalized {normalized.duplicated_texts} ({normalized.surplus_rows})",
            f"  conflicting  {exact.conflicting_texts} texts with more than one label; "
            f"normalized {normalized.conflicting_texts}",
            f"  words        {_shown(split.words)}",
            f"  characters   {_shown(split.characters)}",
            f"  vocabulary   {split.vocabulary.types} types, {split.vocabulary.tokens} tokens, "
            f"{split.vocabulary.types_seen_once} types seen once",
        ]
    for pair in audit.leakage:
        both = " and ".join(pair.splits)
        lines += ["", f"{both}: {pair.exact_texts} texts stand in both; normalized {pair.normalized_texts}"]
    return "\n".join(lines)


def _shown(percentiles: dict[str, int]) -> str:
    names = {"p50": "median", "p100": "longest"}
    return ", ".join(f"{names.get(name, name)} {value}" for name, value in percentiles.items())
