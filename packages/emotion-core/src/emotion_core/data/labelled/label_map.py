"""Labels of another set: which of the six emotions each of them is, or that its rows are left out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS, ID_TO_EMOTION, describe_labels, parse_label

DROP = "drop"
"""What a map says of a label whose rows are left out."""

FORMATS = (".json", ".csv", ".tsv")


@dataclass(frozen=True)
class LabelMap:
    """Which of the six emotions the labels of another set are.

    A label that is not in the map keeps its meaning if it is one of the six. But where the map gives one of the ids
    0 to 5 another meaning, ids that it does not name are unknown.

    Attributes:
        ids: the id of the emotion by label, None for a label whose rows are left out. Case and white space around a
            label do not count.
        source: the file, for messages.

    Raises:
        DataError: a label has two meanings, an emotion is unknown, or there is no label at all.
    """

    ids: Mapping[str, int | None]
    source: str = "the label map"

    @classmethod
    def of(cls, pairs: Iterable[tuple[object, object]], source: str = "the label map") -> LabelMap:
        """A map of pairs of a label and its emotion, by name or id, or ``drop``."""
        ids: dict[str, int | None] = {}
        for label, emotion in pairs:
            key, meaning = label_key(label), _meaning(label, emotion, source)
            if ids.setdefault(key, meaning) != meaning:
                raise DataError(f"{source}: the label {label!r} has two meanings. Keep one of them.")
        if not ids:
            raise DataError(f"{source}: holds no label, expected at least one with its emotion or {DROP!r}.")
        return cls(ids, source)

    @classmethod
    def read(cls, path: str | Path) -> LabelMap:
        """The map in a file: a JSON object, or a csv or tsv file of two columns, with or without a header.

        Raises:
            DataError: the file cannot be read, or its content is no such map.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise DataError(f"{path}: found the ending {path.suffix!r}, expected a label map in {', '.join(FORMATS)}.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: the label map cannot be read as UTF-8 text ({error}).") from error
        read = _json_pairs if path.suffix.lower() == ".json" else _csv_pairs
        return cls.of(read(text, path), str(path))

    def names(self, value: object) -> bool:
        """Whether a label is in the map."""
        return label_key(value) in self.ids

    def find(self, value: object) -> int | None:
        """The id of a label, None where its rows are left out.

        Raises:
            ValueError: the label is neither in the map nor one of the six.
        """
        key = label_key(value)
        if key in self.ids:
            return self.ids[key]
        if key.isdecimal() and self._gives_ids_another_meaning():
            raise ValueError(f"found label {value!r}, which {self.source} does not name, while it names other ids")
        return parse_label(value)

    def _gives_ids_another_meaning(self) -> bool:
        ours = {str(label): label for label in ID_TO_EMOTION}
        return any(meaning not in (None, ours.get(key, meaning)) for key, meaning in self.ids.items())


def label_key(value: object) -> str:
    """What a label is looked up by: ``3``, ``"3"`` and ``3.0`` are one, as are ``Joy`` and ``joy``."""
    text = str(value).strip().casefold()
    whole = text.removesuffix(".0")
    return whole if whole.isdecimal() else text


def _meaning(label: object, emotion: object, source: str) -> int | None:
    if isinstance(emotion, str) and emotion.strip().casefold() == DROP:
        return None
    try:
        return parse_label(emotion)
    except ValueError:
        raise DataError(
            f"{source}: of the label {label!r} found {emotion!r}, expected {describe_labels()}, or {DROP!r}."
        ) from None


def _json_pairs(text: str, path: Path) -> Iterable[tuple[object, object]]:
    try:
        value: Any = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({error}).") from error
    if not isinstance(value, list) or not all(isinstance(pair, tuple) for pair in value):
        raise DataError(
            f'{path}: found no JSON object, expected the emotion of each label, such as {{"happiness": "joy"}}.'
        )
    return value


def _csv_pairs(text: str, path: Path) -> Iterable[tuple[object, object]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max((",", "\t", ";"), key=first.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise DataError(f"{path}: {error}. Check the quotes.") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise DataError(f"{path}, row {number}: found {len(row)} cells, expected a label and its emotion.")
    return [(label, emotion) for label, emotion in (rows[1:] if rows and _is_header(rows[0]) else rows)]


def _is_header(row: list[str]) -> bool:
    emotion = row[1].strip().casefold()
    return emotion not in (*EMOTIONS, DROP) and not emotion.isdecimal()
