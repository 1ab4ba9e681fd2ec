"""The capabilities of the suite with their cases, as ``shared-data/behaviour`` holds them or a program makes them."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from emotion_core.data.published.manifests import manifest, shared_data_dir
from emotion_core.data.typos.texts import with_typos
from emotion_core.errors import DataError
from emotion_core.evaluation.behaviour.cue_words import without_cue_words
from emotion_core.labels import EMOTION_TO_ID

FOLDER = "behaviour"
FUNCTIONALITY, INVARIANCE, DIRECTION, MASKING = KINDS = ("functionality", "invariance", "direction", "masking")
SAME, LESS, MORE = "same", "less", "more"
TYPOS, CUE_WORDS = MADE = ("typos", "cue_words")
"""The capabilities whose cases are made from the texts of functionality."""


@dataclass(frozen=True)
class Case:
    """One thing to ask of a classifier.

    Attributes:
        text: that it predicts.
        changed: the text with one change, which it predicts as well; None where nothing is changed.
        expected: an emotion, `SAME`, or an emotion with `LESS` or `MORE`.
    """

    text: str
    changed: str | None
    expected: str

    def texts(self) -> tuple[str, str]:
        """The text, and the changed one; twice the same where nothing is changed."""
        return self.text, self.text if self.changed is None else self.changed


@dataclass(frozen=True)
class Capability:
    """Cases of one kind; ``description`` says in a sentence what they ask."""

    name: str
    kind: str
    description: str
    cases: list[Case]


@dataclass(frozen=True)
class Suite:
    """Capabilities with their cases; ``seed`` is that of the typos."""

    seed: int
    capabilities: list[Capability]

    @classmethod
    def of(cls, names: Collection[str], seed: int) -> Suite:
        """The capabilities of some names, in the order of the manifest; all of them if none is named.

        Raises:
            DataError: there is no capability of such a name.
        """
        told = _told()
        if unknown := [name for name in names if name not in told]:
            raise DataError(f"There is no capability {unknown[0]!r}, only {', '.join(told)}.")
        return cls(seed, [_capability(name, about, seed) for name, about in told.items() if not names or name in names])

    def texts(self) -> list[str]:
        """The different texts of all cases."""
        cases = [case for capability in self.capabilities for case in capability.cases]
        return list(dict.fromkeys(text for case in cases for text in case.texts()))


def _capability(name: str, about: Mapping[str, Any], seed: int) -> Capability:
    cases = _made(name, seed) if name in MADE else _read(name)
    return Capability(name, about["kind"], about["description"], cases)


def _told() -> Mapping[str, Mapping[str, Any]]:
    return manifest(f"{FOLDER}/manifest")


def _read(name: str) -> list[Case]:
    with (shared_data_dir() / FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [Case(row["text"], row["changed"] or None, row["expected"]) for row in csv.DictReader(file)]


def _made(name: str, seed: int) -> list[Case]:
    """The texts of functionality with typos, or without the words that name their emotion, as far as they change."""
    named = [case for told, about in _told().items() if about["kind"] == FUNCTIONALITY for case in _read(told)]
    if name == TYPOS:
        made = [Case(case.text, with_typos(case.text, seed), SAME) for case in named]
    else:
        made = [
            Case(case.text, without_cue_words(case.text, EMOTION_TO_ID[case.expected]), case.expected) for case in named
        ]
    return [case for case in made if case.changed != case.text]
