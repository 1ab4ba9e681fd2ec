"""Audit a dataset: balance, duplicates, conflicting labels, leakage between splits, lengths, vocabulary."""

from __future__ import annotations

from collections import Counter
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


def audit_dataset(dataset: Dataset) -> dict[str, Any]:
    """Examine every split and every pair of splits.

    Returns:
        ``{"dataset", "splits": {name: {...}}, "leakage": [{...}]}``, ready for JSON. A *duplicated* text is one
        that stands more than once in a split, a *conflicting* text one that stands there with two labels or
        more, a *leaking* text one that stands in both splits; each is counted once per distinct text, exactly
        and again after normalization (the letters-only form), and shown with a few examples.
    """
    described = dataset.describe()
    keys = {name: [normalized_key(text) for text in split.texts] for name, split in dataset.splits.items()}
    return {
        "dataset": dataset.name,
        "splits": {name: described[name] | _audit_split(split, keys[name]) for name, split in dataset.splits.items()},
        "leakage": [
            {"splits": [a, b]} | _leakage(dataset.splits[a].texts, dataset.splits[b].texts, keys[a], keys[b])
            for a, b in combinations(dataset.splits, 2)
        ],
    }


def _audit_split(split: Split, keys: list[str]) -> dict[str, Any]:
    counts = np.bincount(split.labels, minlength=len(EMOTIONS)).tolist()
    words = [letters_only(text).split() for text in split.texts]
    vocabulary = Counter(word for of_text in words for word in of_text)
    return {
        "classes": dict(zip(EMOTIONS, counts, strict=True)),
        "exact": _repeats(split.texts, split.labels),
        "normalized": _repeats(keys, split.labels),
        "words": _percentiles([len(of_text) for of_text in words]),
        "characters": _percentiles([len(text) for text in split.texts]),
        "vocabulary": {
            "tokens": vocabulary.total(),
            "types": len(vocabulary),
            "types_seen_once": sum(count == 1 for count in vocabulary.values()),
        },
    }


def _repeats(texts: list[str], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Duplicated and conflicting texts."""
    groups: dict[str, list[int]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        groups.setdefault(text, []).append(label)
    duplicated = [text for text, found in groups.items() if len(found) > 1]
    conflicting = [text for text in duplicated if len(set(groups[text])) > 1]
    return {
        "duplicated_texts": len(duplicated),
        "surplus_rows": len(texts) - len(groups),
        "conflicting_texts": len(conflicting),
        "examples": (conflicting or duplicated)[:N_EXAMPLES],
    }


def _leakage(first: list[str], second: list[str], first_keys: list[str], second_keys: list[str]) -> dict[str, Any]:
    known = set(first)
    exact = [text for text in dict.fromkeys(second) if text in known]
    return {
        "exact_texts": len(exact),
        "normalized_texts": len(set(first_keys) & set(second_keys)),
        "examples": exact[:N_EXAMPLES],
    }


def _percentiles(lengths: list[int]) -> dict[str, int]:
    found = np.percentile(lengths, LENGTH_PERCENTILES).tolist()
    return {f"p{percent}": int(value) for percent, value in zip(LENGTH_PERCENTILES, found, strict=True)}


def audit_text(report: dict[str, Any]) -> str:
    """The audit as plain text for a terminal."""
    lines = [f"Audit of {report['dataset']}"]
    for name, split in report["splits"].items():
        exact, normalized, vocabulary = split["exact"], split["normalized"], split["vocabulary"]
        classes = ", ".join(
            f"{emotion} {count} ({count / split['rows']:.1%})" for emotion, count in split["classes"].items()
        )
        lines += [
            "",
            f"{name}: {split['rows']} rows, fingerprint {split['fingerprint'][:16]}..., dropped {split['dropped']}",
            f"  classes      {classes}",
            f"  duplicated   {exact['duplicated_texts']} texts ({exact['surplus_rows']} surplus rows); "
            f"normalized {normalized['duplicated_texts']} ({normalized['surplus_rows']})",
            f"  conflicting  {exact['conflicting_texts']} texts with more than one label; "
            f"normalized {normalized['conflicting_texts']}",
            f"  words        {_shown(split['words'])}",
            f"  characters   {_shown(split['characters'])}",
            f"  vocabulary   {vocabulary['types']} types, {vocabulary['tokens']} tokens, "
            f"{vocabulary['types_seen_once']} types seen once",
        ]
    for pair in report["leakage"]:
        first, second = pair["splits"]
        lines += [
            "",
            f"{first} and {second}: {pair['exact_texts']} texts stand in both; normalized {pair['normalized_texts']}",
        ]
    return "\n".join(lines)


def _shown(percentiles: dict[str, int]) -> str:
    names = {"p50": "median", "p100": "longest"}
    return ", ".join(f"{names.get(name, name)} {value}" for name, value in percentiles.items())
