"""Where a long text is cut off and a short one filled up, and what else decides the answer of a graph: `Inputs`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.inference.encoding.long_texts import Encoded
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json
from emotion_core.runs.layouts import ONNX
from emotion_core.runs.record import RunRecord
from emotion_core.runs.typed_json import from_json, to_json

MODEL_FILE, INPUTS_FILE = ONNX.files

SIDES = ("right", "left")


@dataclass(frozen=True)
class Inputs:
    """How a graph is fed, and what else decides its answer; ``inputs.json`` holds it beside the graph.

    What the record of the run states as well must be the same there. Graphs of earlier versions do not state it.

    Attributes:
        tokenizer: what splits the texts, one of `ENCODERS`.
        padding: what fills up each input of the graph, by its name.
        truncation_side: of a long text that is cut off, ``right`` or ``left``.
        padding_side: of a short text that is filled up.
        split_special_tokens: read a special token that stands in a text as ordinary characters.
        vocabulary_sha256: of the vocabulary's file, in hex, where words are read.
        text_cleaning: the name of the cleaning.
        max_length: words or tokens of a text that are read.
        labels: the emotions in the order of the logits.
        temperature: of the probabilities; a member of an ensemble states none, since it has that of their mean.
    """

    tokenizer: str
    padding: Mapping[str, int]
    truncation_side: str = "right"
    padding_side: str = "right"
    split_special_tokens: bool = False
    vocabulary_sha256: str | None = None
    text_cleaning: str | None = None
    max_length: int | None = None
    labels: list[str] | None = None
    temperature: float | None = None

    def __post_init__(self) -> None:
        """Raise a ValueError if a value is none that is known."""
        for name in ("truncation_side", "padding_side"):
            if (found := getattr(self, name)) not in SIDES:
                raise ValueError(f"{name}: found {found!r}, expected right or left")

    def as_recorded(self, record: RunRecord) -> Inputs:
        """The same with what the record of the run states."""
        return replace(self, **_recorded(record))

    def differing(self, record: RunRecord) -> list[str]:
        """What differs from the record of the run: one line each, none if all is well."""
        lines = []
        for name, expected in _recorded(record).items():
            if (found := getattr(self, name)) not in (None, expected):
                lines.append(f"{name}: found {found!r}, expected {expected!r}")
        return lines


def read_inputs(folder: Path) -> Inputs:
    """How the graph in a model folder is fed; raises a RunError if the file does not say so."""
    return from_json(Inputs, read_json(folder, INPUTS_FILE), folder / INPUTS_FILE)


def write_inputs(folder: Path, inputs: Inputs) -> None:
    """State beside a graph how it is fed."""
    (folder / INPUTS_FILE).write_text(json.dumps(to_json(inputs), indent=2) + "\n", encoding="utf-8")


def _recorded(record: RunRecord) -> dict[str, Any]:
    stated = {"text_cleaning": record.text_cleaning, "max_length": record.max_length(), "labels": list(EMOTIONS)}
    return stated if record.members is not None else {**stated, "temperature": record.temperature}


def filled(encoded: Encoded, fill: int) -> dict[str, list[Sequence[int]]]:
    """Encoded texts, those without any token as the one token ``fill``, since no model reads nothing at all."""
    alone = {"input_ids": [fill], "attention_mask": [1]}
    return {name: [row if len(row) else alone.get(name, [0]) for row in rows] for name, rows in encoded.items()}


def pad(rows: list[Sequence[int]], fill: int, side: str = "right") -> NDArray[np.int64]:
    """Rows of ids filled up to the longest on a side, shape (n, longest)."""
    longest = max(len(row) for row in rows)
    padded = np.full((len(rows), longest), fill, dtype=np.int64)
    for number, row in enumerate(rows):
        start = longest - len(row) if side == "left" else 0
        padded[number, start : start + len(row)] = row
    return padded
