"""Audit a dataset: balance, duplicates, conflicting labels, leakage between splits, lengths, vocabulary."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pandas as pd

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset
from emotion_core.data.splits import normalized_key
from emotion_core.labels import EMOTIONS

if TYPE_CHECKING:
    pass

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
    splits = {name: frame.assign(key=frame["text"].map(normalized_key)) for name, frame in dataset.splits.items()}
    described = dataset.describe()
    return {
        "dataset": dataset.name,
        "splits": {name: described[name] | _audit_split(frame) for name, frame in splits.items()},
        "leakage": [_leakage(a, b, splits[a], splits[b]) for a, b in combinations(splits, 2)],
    }


def _audit_split(frame: pd.DataFrame) -> dict[str, Any]:
    counts = frame["label"].value_counts()
    words = frame["text"].map(letters_only).str.split()
    vocabulary = words.explode().dropna()
    return {
        "classes": {name: int(counts.get(label, 0)) for label, name in enumerate(EMOTIONS)},
        "exact": _repeats(frame, "text"),
        "normalized": _repeats(frame, "key"),
        "words": _percentiles(words.map(len)),
        "characters": _percentiles(frame["text"].map(len)),
        "vocabulary": {
            "tokens": len(vocabulary),
            "types": int(vocabulary.nunique()),
            "types_seen_once": int((vocabulary.value_counts() == 1).sum()),
        },
    }


def _repeats(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """Duplicated and conflicting texts, compared by ``column``."""
    groups = frame.groupby(column, sort=False)["label"].agg(["size", "nunique"])
    duplicated, conflicting = groups[groups["size"] > 1], groups[groups["nunique"] > 1]
    return {
        "duplicated_texts": len(duplicated),
        "surplus_rows": int(duplicated["size"].sum() - len(duplicated)),
        "conflicting_texts": len(conflicting),
        "examples": list(conflicting.index[:N_EXAMPLES]) or list(duplicated.index[:N_EXAMPLES]),
    }


def _leakage(first: str, second: str, a: pd.DataFrame, b: pd.DataFrame) -> dict[str, Any]:
    exact = set(a["text"]) & set(b["text"])
    normalized = set(a["key"]) & set(b["key"])
    in_order = b["text"][b["text"].isin(exact)].drop_duplicates()
    return {
        "splits": [first, second],
        "exact_texts": len(exact),
        "normalized_texts": len(normalized),
        "examples": list(in_order[:N_EXAMPLES]),
    }


def _percentiles(lengths: pd.Series) -> dict[str, int]:
    return {f"p{percent}": int(lengths.quantile(percent / 100)) for percent in LENGTH_PERCENTILES}


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
