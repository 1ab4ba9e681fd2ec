"""Find the files of each split in a folder by their names, as people and the Hugging Face hub give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from emotion_core.data.readers import FORMATS, PACKED, format_of
from emotion_core.errors import DataError
from emotion_core.system.hashes import is_passed_over

SPLIT_ALIASES: dict[str, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development", "eval", "evaluation"),
    "test": ("test", "testing"),
}
"""Split names, in order, with the names (without ending, in any case) of the files and folders that may hold them."""

DEPTH = 3
"""Folders below the one that is named which are searched."""
SHOWN_NAMES = 20

_SHARD = re.compile(r"(?P<alias>\w+)-(?P<number>\d+)-of-(?P<count>\d+)(-[0-9a-f]+)?")


class SplitFiles(NamedTuple):
    """The files of each split of a folder, in the order of `SPLIT_ALIASES`, and the names of what else it holds."""

    files: dict[str, tuple[Path, ...]]
    unused: tuple[str, ...]


def find_split_files(folder: Path) -> SplitFiles:
    """The files in ``folder``, or in the one folder below it that has some, which hold the splits.

    The rows of a split may lie in one file, in shards called like ``train-00000-of-00002.parquet``, or in the files of
    a folder called like the split.

    Raises:
        DataError: there is none, two folders have some, a shard is missing, or two files claim the same split.
    """
    named = folder
    for _ in range(DEPTH):
        entries = _entries(folder)
        found = _splits_among(folder, entries)
        if found:
            used = {place for files in found.values() for file in files for place in (file, file.parent)}
            return SplitFiles(found, tuple(entry.name for entry in entries if entry not in used))
        _refuse_arrow(folder)
        below = [entry for entry in entries if entry.is_dir() and _holds_data(entry)]
        with_splits = [entry for entry in below if _splits_among(entry, _entries(entry))]
        if len(with_splits) > 1:
            names = ", ".join(entry.name for entry in with_splits)
            raise DataError(f"{folder}: has several folders with splits, {names}. Name one of them.")
        if not with_splits and len(below) != 1:
            break
        folder = (with_splits or below)[0]
    raise _nothing_found(named)


def _refuse_arrow(folder: Path) -> None:
    """Name what ``save_to_disk`` of the library datasets wrote, whose JSON files hold no rows."""
    if any(folder.glob("*.arrow")):
        raise DataError(
            f"{folder}: holds Arrow files, as save_to_disk of the library datasets writes them. Load it with "
            "load_from_disk of that library, and write each split with to_parquet, such as train.parquet."
        )


def _entries(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not is_passed_over(entry.name))


def _holds_data(folder: Path) -> bool:
    return any(entry.is_dir() or format_of(entry) is not None for entry in _entries(folder))


def _splits_among(folder: Path, entries: Sequence[Path]) -> dict[str, tuple[Path, ...]]:
    found = {}
    for split, aliases in SPLIT_ALIASES.items():
        files = [entry for entry in entries if _alias(entry) in aliases and entry.is_file()]
        if files:
            found[split] = _one_or_all_shards(folder, split, files)
            continue
        for place in (entry for entry in entries if entry.name.casefold() in aliases and entry.is_dir()):
            _refuse_arrow(place)
            files = [entry for entry in _entries(place) if entry.is_file() and format_of(entry) is not None]
            if files:
                found[split] = tuple(files)
                break
    return found


def _alias(file: Path) -> str | None:
    """What a data file is called without endings and the number of the shard, in lower case."""
    stem, _, endings = file.name.casefold().partition(".")
    if format_of(file) is None or f".{endings.removesuffix(PACKED)}" not in FORMATS:
        return None
    shard = _SHARD.fullmatch(stem)
    return shard["alias"] if shard else stem


def _one_or_all_shards(folder: Path, split: str, files: Sequence[Path]) -> tuple[Path, ...]:
    shards = [_SHARD.match(file.name.casefold()) for file in files]
    kinds = {(shard["alias"], shard["count"]) if shard else None for shard in shards}
    if len(kinds) == 1 and None not in kinds:
        numbers = [int(shard["number"]) for shard in shards if shard]
        count = max(int(shard["count"]) for shard in shards if shard)
        missing = sorted(set(range(count)) - set(numbers))
        if missing:
            name = re.sub(r"\d+(?=-of-)", lambda number: f"{missing[0]:0{len(number[0])}}", files[0].name)
            raise DataError(f"{folder}: {name} of the {split} split is missing. Fetch all {count} files of the split.")
        if len(set(numbers)) == len(numbers):
            return tuple(file for _, file in sorted(zip(numbers, files, strict=True)))
    if len(files) > 1:
        names = " and ".join(file.name for file in files)
        raise DataError(f"{folder}: {names} both claim to be the {split} split. Keep one of them.")
    return tuple(files)


def _nothing_found(folder: Path) -> DataError:
    names = ", ".join(name for names in SPLIT_ALIASES.values() for name in names)
    return DataError(
        f"{folder}: no split found, expected files called {names} with an ending of {', '.join(FORMATS)}. "
        f"{_shown(entry.name + '/' * entry.is_dir() for entry in _entries(folder))}"
    )


def _shown(names: Iterable[str]) -> str:
    names = list(names)
    if not names:
        return "The folder is empty."
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return f"It holds {', '.join(names[:SHOWN_NAMES])}{more}."
