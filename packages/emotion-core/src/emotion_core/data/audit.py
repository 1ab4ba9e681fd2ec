"""Audit a dataset: balance, duplicates, near duplicates, conflicting labels, leakage, lengths, vocabulary."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.near.search import NearDuplicates, NearSearch, near_duplicates
from emotion_core.data.near.told import near_lines
from emotion_core.data.profile.corpus import Profile, profiled
from emotion_core.data.profile.table import profile_lines
from emotion_core.data.same_text import normalized_key
from emotion_core.defaults import DEFAULT_NEAR_THRESHOLD, DEFAULT_PAIRS
from emotion_core.labels import EMOTIONS

N_EXAMPLES = 3
LONGEST_PIECE = 100_000
"""Characters whose words are counted at once: a list of words takes ten times the memory of their text."""
LENGTH_PERCENTILES = (50, 95, 99, 100)
ANY_NEAR = NearSearch()


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
        exact, normalized: repeated texts, as they are and by their letters alone (`same_text.normalized_key`).
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
    """The texts that stand in both of two splits, as they are and by their letters alone, and examples."""

    splits: list[str]
    exact_texts: int
    normalized_texts: int
    examples: list[str]


@dataclass(frozen=True)
class Audit:
    """A dataset, its splits, and each pair of them; ``described`` is what `Dataset.describe` says of the splits.

    Near duplicates and the profile are None where nobody wants to know them.
    """

    dataset: str
    described: Mapping[str, Mapping[str, Any]]
    splits: dict[str, SplitAudit]
    leakage: list[Leakage]
    near: NearDuplicates | None = None
    profile: Profile | None = None

    def to_json(self) -> dict[str, Any]:
        """As `audit_dataset` returns it."""
        more = {"near_duplicates": self.near, "profile": self.profile}
        return {
            "dataset": self.dataset,
            "splits": {name: {**self.described[name], **asdict(split)} for name, split in self.splits.items()},
            "leakage": [asdict(pair) for pair in self.leakage],
            **{name: part.to_json() for name, part in more.items() if part},
        }


def audit_dataset(
    dataset: Dataset,
    *,
    near_duplicates: bool | None = None,
    near_threshold: float = DEFAULT_NEAR_THRESHOLD,
    pairs: int = DEFAULT_PAIRS,
    profile: bool = False,
) -> dict[str, Any]:
    """Examine every split and every pair of splits.

    Args:
        dataset: the splits.
        near_duplicates: look for them or not; None: in data of at most 20,000 rows, if scikit-learn is installed.
        near_threshold: the Jaccard index of the sequences of five letters from which on texts are near duplicates.
        pairs: so many near duplicates of each kind are listed, the most similar first.
        profile: say what the texts look like, too, as ``"profile"``.

    Returns:
        ``{"dataset", "splits": {name: {...}}, "leakage": [{...}], "near_duplicates": {...}}``, ready for JSON. A
        *duplicated* text is one that stands more than once in a split, a *conflicting* text one that stands there with
        two labels or more, a *leaking* text one that stands in both splits; each is counted once per distinct text,
        exactly and again by its letters alone (of any script), and shown with a few examples.

    Raises:
        MissingLibraryError: near duplicates are wanted, and scikit-learn or datasketch is not installed.
    """
    return audited(dataset, NearSearch(near_duplicates, near_threshold, pairs), profile=profile).to_json()


def audited(
    dataset: Dataset, search: NearSearch = ANY_NEAR, *, profile: bool = False, by_emotion: bool = True
) -> Audit:
    """As `audit_dataset`, as records; without ``by_emotion`` the profile is one of the splits alone."""
    texts = {name: _numbered(split.texts) for name, split in dataset.splits.items()}
    keys: dict[str, dict[bytes, int]] = {}
    splits = {}
    for name, split in dataset.splits.items():
        splits[name], keys[name] = _audit_split(split, texts[name])
    leakage = [
        _leakage((first, second), (texts[first], texts[second]), (keys[first], keys[second]))
        for first, second in combinations(dataset.splits, 2)
    ]
    look = profiled(dataset, by_emotion=by_emotion) if profile else None
    return Audit(dataset.name, dataset.describe(), splits, leakage, near_duplicates(dataset, search), look)


def _numbered(texts: Iterable[str]) -> dict[str, int]:
    """The different texts in the order in which they come first, numbered."""
    return {text: number for number, text in enumerate(dict.fromkeys(texts))}


def _audit_split(split: Split, texts: Mapping[str, int]) -> tuple[SplitAudit, dict[bytes, int]]:
    """One split, and the digests of its keys, numbered. A key is not kept: it takes as much memory as its text."""
    vocabulary: Counter[str] = Counter()
    n_words, keys, key_of_rows = array("q"), dict[bytes, int](), array("q")
    for text in split.texts:
        letters = letters_only(text)
        n_words.append(_count_words(letters, vocabulary))
        plain = letters and text.isascii() and "&" not in text  # then the key is the same
        digest = blake2b((letters if plain else normalized_key(text)).encode(), digest_size=16).digest()
        key_of_rows.append(keys.setdefault(digest, len(keys)))
    of_rows = np.fromiter((texts[text] for text in split.texts), dtype=np.int64, count=len(split))
    audit = SplitAudit(
        classes=split.classes(),
        exact=_repeats(split, of_rows, str),
        normalized=_repeats(split, np.array(key_of_rows, dtype=np.int64), normalized_key),
        words=_percentiles(n_words),
        characters=_percentiles([len(text) for text in split.texts]),
        vocabulary=Vocabulary(vocabulary.total(), len(vocabulary), sum(count == 1 for count in vocabulary.values())),
    )
    return audit, keys


def _count_words(letters: str, vocabulary: Counter[str]) -> int:
    """Count the words of a text into the vocabulary, of a long one in pieces, and return their number."""
    start, n_words = 0, 0
    while start < len(letters):
        end = letters.find(" ", start + LONGEST_PIECE)
        words = letters[start : end if end >= 0 else len(letters)].split()
        vocabulary.update(words)
        n_words += len(words)
        start = end if end >= 0 else len(letters)
    return n_words


def _repeats(split: Split, of_rows: NDArray[np.int64], shown: Callable[[str], str]) -> Repeats:
    """Duplicated and conflicting texts; ``of_rows`` numbers the texts, shape (n,), in the order of their first rows."""
    counts = np.bincount(of_rows)
    lowest, highest = np.full(len(counts), len(EMOTIONS)), np.full(len(counts), -1)
    np.minimum.at(lowest, of_rows, split.labels)
    np.maximum.at(highest, of_rows, split.labels)
    duplicated = np.flatnonzero(counts > 1)
    conflicting = np.flatnonzero(lowest < highest)
    wanted = (conflicting if len(conflicting) else duplicated)[:N_EXAMPLES]
    examples = [shown(split.texts[int(np.argmax(of_rows == number))]) for number in wanted]
    return Repeats(len(duplicated), len(split) - len(counts), len(conflicting), examples)


Numbered = dict[Any, int]
"""Texts or digests of keys, each with its number."""


def _leakage(names: tuple[str, str], texts: tuple[Numbered, Numbered], keys: tuple[Numbered, Numbered]) -> Leakage:
    exact = [text for text in texts[1] if text in texts[0]]
    return Leakage(list(names), len(exact), len(keys[0].keys() & keys[1].keys()), exact[:N_EXAMPLES])


def _percentiles(lengths: Sequence[int]) -> dict[str, int]:
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
    lines += ["", *near_lines(audit.near)] if audit.near else []
    return "\n".join([*lines, *(profile_lines(audit.profile) if audit.profile else ())])


def _shown(percentiles: dict[str, int]) -> str:
    names = {"p50": "median", "p100": "longest"}
    return ", ".join(f"{names.get(name, name)} {value}" for name, value in percentiles.items())
