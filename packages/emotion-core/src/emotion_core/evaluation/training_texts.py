"""Which of the texts that a run is measured on it was trained on, and the splits that it was trained with."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.dataset import Dataset, Split, fingerprint
from emotion_core.data.deduplication import clean_dataset
from emotion_core.data.same_text import normalized_key
from emotion_core.data.splits.parts import with_validation
from emotion_core.errors import DataError, RunError
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord

TEXTS_FILE = "training_texts.npy"
"""Holds a number of 64 bits for each different training text, sorted. Two texts hardly ever share one (1 : 2^64)."""

SHOWN_TEXTS = 3

_SEED_OF_0_1 = re.compile(r"held out with seed (\d+)$")


def write_training_texts(folder: Path, train: Split) -> None:
    """Write the numbers of the texts that a run is trained on into its folder."""
    np.save(folder / TEXTS_FILE, np.unique(text_numbers(train.texts)), allow_pickle=False)


def copy_training_texts(run_dir: Path, folder: Path) -> None:
    """Copy the numbers into the folder of a run that is made from another, which may have none."""
    if (run_dir / TEXTS_FILE).is_file():
        shutil.copyfile(run_dir / TEXTS_FILE, folder / TEXTS_FILE)


def text_numbers(texts: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each text, shape (n,); spellings of one text share it."""
    digests = (blake2b(normalized_key(text).encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def trained_on(run_dir: str | Path, record: RunRecord, measured: Split) -> NDArray[np.bool_] | None:
    """Which texts a run was trained on, shape (n,); None if the run does not tell, as those before version 0.2.

    Raises:
        RunError: the file of the run is damaged.
    """
    path = Path(run_dir) / TEXTS_FILE
    if path.is_file():
        try:
            numbers = np.load(path, allow_pickle=False)
            return np.isin(text_numbers(measured.texts), numbers.astype(np.uint64, casting="safe"))
        except (ValueError, TypeError, EOFError) as error:
            raise RunError(f"{path}: is damaged ({error}). Copy the run again from where it was whole.") from error
    if _fingerprints(record).get("train") == fingerprint(measured):
        return np.ones(len(measured), dtype=np.bool_)
    return None


def with_trained_on(metrics: Metrics, trained: NDArray[np.bool_] | None) -> Metrics:
    """The metrics, which say how many of the texts the run was trained on."""
    return metrics if trained is None else replace(metrics, data=replace(metrics.data, trained_on=int(trained.sum())))


def trained_on_line(run_dir: Path, record: RunRecord, measured: Split, trained: NDArray[np.bool_] | None) -> str | None:
    """How many of the texts a run was trained on and what the first of them are, in words; None if none is known."""
    if trained is None or not trained.any():
        return None
    first = ", ".join(repr(measured.texts[row][:60]) for row in np.flatnonzero(trained)[:SHOWN_TEXTS])
    splits = (record.data.splits if record.data else None) or {}
    whole = sum(splits[name].rows for name in ("train", "validation") if name in splits) == len(measured)
    advice = " --split validation measures those alone that were held out." if whole else ""
    return (
        f"{run_dir} was trained on {trained.sum()} of these {len(measured)} texts, so that the figures are too good: "
        f"{first}{', ...' if trained.sum() > SHOWN_TEXTS else '.'}{advice}"
    )


def training_splits(dataset: Dataset, record: RunRecord, run_dir: str | Path) -> Dataset:
    """The splits that a run was trained with: the dataset itself, or its rows split again as the record says.

    Args:
        dataset: a folder with a validation file, or what the run was trained from.
        record: of the run.
        run_dir: its folder, for messages.

    Raises:
        DataError: there is no validation split, and the rows are not those that the run was trained from.
    """
    if "validation" in dataset.splits:
        return dataset
    made = _split_again(dataset, record)
    if made is None:
        raise DataError(
            f"{dataset.name}: has no validation split, and its rows are not those that {run_dir} held one out of. "
            "Give the file that the run was trained from, with the same options, or a folder with a validation file."
        )
    return made


def _split_again(dataset: Dataset, record: RunRecord) -> Dataset | None:
    splits = (record.data.splits if record.data else None) or {}
    if "train" not in splits or "validation" not in splits:
        return None
    held_out, said = splits["validation"].held_out, _SEED_OF_0_1.search(splits["validation"].source or "")
    if held_out is None and said is None:
        return None
    seed = held_out.seed if held_out else int(said.group(1)) if said else 0
    cleaned = splits["train"].cleaned.extra if splits["train"].cleaned else {}
    try:
        if cleaned:
            dataset = clean_dataset(dataset, cleaned["text_cleaning"], cleaned["conflicts"])
        made = with_validation(dataset, seed)
    except (DataError, KeyError):  # other rows, of which no such split can be made, or another record
        return None
    wanted = _fingerprints(record)
    same = all(fingerprint(made.splits[name]) == wanted[name] for name in ("train", "validation"))
    return made if same else None


def _fingerprints(record: RunRecord) -> dict[str, str | None]:
    return record.data.fingerprints if record.data else {}
