"""The parts of what a run records: its data, its machine, its calibration, and where its model comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_core.runs.metrics import DataRef, Score, Versus
from emotion_core.runs.typed_json import NULL_TOO, from_json
from emotion_core.system.overwriting import RUN_FILE

Settings = Mapping[str, Any]
"""Entries that belong to one package or technique, which alone knows their names and types."""


@dataclass(frozen=True)
class Cleaned:
    """What the removal of duplicates did to a train split."""

    rows_before: int
    rows_after: int
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class HeldOut:
    """How a validation split was drawn from the training rows: with this seed, and this share of them."""

    seed: int
    fraction: float
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class SplitData:
    """One split of the data that a model was trained with.

    Attributes:
        rows: how many.
        fingerprint: of the texts with their labels, in their order.
        source: the file, or what the split was held out of.
        classes: how many texts each emotion has.
        dropped: rows of the file that were left out.
        dropped_labels: of each reason for that the labels, as the file has them, with their numbers of rows.
        cleaned: what the removal of duplicates did.
        in_train: how many of its different texts stand in train, too.
        held_out: how it was drawn, where it has no file of its own.
    """

    rows: int
    fingerprint: str
    source: str | None = None
    classes: Mapping[str, int] | None = None
    dropped: int | None = None
    dropped_labels: Mapping[str, Mapping[str, int]] | None = None
    cleaned: Cleaned | None = None
    in_train: int | None = None
    held_out: HeldOut | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class SourceSplit:
    """One split of one of several sources: how many rows, and the fingerprint of the texts with their labels."""

    rows: int
    fingerprint: str
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class SourceData:
    """One of several sources that a model was trained on.

    Attributes:
        name: as that of a dataset.
        weight: share of the training rows of all sources, from 0 to 1.
        rows: training rows that are its own, repeated ones included.
        shared: training rows that were left out since another source holds their texts out.
        splits: its own, by name.
        accuracy, macro_f1: on its part of the validation split.
    """

    name: str
    weight: float
    rows: int
    shared: int
    splits: Mapping[str, SourceSplit]
    accuracy: float | None = None
    macro_f1: float | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class MixData:
    """How sources were mixed: the rule, or the weights as they were given, and the sources in their order."""

    rule: str
    sources: list[SourceData]
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class RunData:
    """The data of a run: all splits of a training, with ``mix`` of several sources; or one split and `DataRef.only`."""

    name: str
    splits: Mapping[str, SplitData] | None = None
    split: str | None = None
    rows: int | None = None
    fingerprint: str | None = None
    only: list[str] | None = None
    mix: MixData | None = None
    extra: Settings = field(default_factory=dict)

    @classmethod
    def of_splits(cls, name: str, described: Settings) -> RunData:
        """The splits as `Dataset.describe` describes them."""
        return from_json(cls, {"name": name, "splits": described}, Path(RUN_FILE))

    @property
    def names(self) -> list[str]:
        """Of the sources; the one name of data that were not mixed."""
        return [self.name] if self.mix is None else [source.name for source in self.mix.sources]

    @classmethod
    def measured(cls, data: DataRef) -> RunData:
        """The split of an evaluation."""
        return cls(data.name, split=data.split, rows=data.rows, fingerprint=data.fingerprint, only=data.only)

    @property
    def fingerprints(self) -> dict[str, str | None]:
        """The fingerprint of each split."""
        if self.splits:
            return {name: split.fingerprint for name, split in self.splits.items()}
        return {self.split: self.fingerprint} if self.split else {}


@dataclass(frozen=True)
class Calibration:
    """The temperature of the probabilities, with log loss and calibration error on the texts that it was fitted on.

    Attributes:
        reason: why the temperature is 1, if none was fitted.
    """

    temperature: float
    fitted_on: str = "validation"
    log_loss_before: float | None = None
    ece_before: float | None = None
    log_loss_after: float | None = None
    ece_after: float | None = None
    reason: str | None = None
    extra: Settings = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature: found {self.temperature}, expected a number above 0")


@dataclass(frozen=True)
class OldVersus:
    """A compressed model against its original, as version 0.1 recorded it."""

    mcnemar_p: float
    only_first_right: int
    only_second_right: int
    macro_f1_difference: Score


@dataclass(frozen=True)
class Step:
    """A compression that another one went on from: its technique, the run that it compressed, and what that cost."""

    technique: str
    of: str
    macro_f1_difference: float | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Compression:
    """What a compressed run was made from, how, and what that costs.

    Attributes:
        technique: its name.
        of: the path of the run that was compressed.
        details: what the technique says of the result.
        versus_original: the compressed model against that run.
        size_bytes, gzip_bytes: of the model folder, as it is and with each file compressed.
        memory_bytes: that a process holds which has loaded the model.
        cores: of the machine that measured it.
        before: the compressions that made that run, the first first; None if it was trained.
    """

    technique: str
    of: str
    details: Settings = field(default_factory=dict)
    versus_original: OldVersus | Versus | None = None
    size_bytes: int | None = None
    gzip_bytes: int | None = None
    memory_bytes: int | None = None
    cores: int | None = field(default=None, metadata=NULL_TOO)
    before: list[Step] | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class PretrainedCheckpoint:
    """The pre-trained model that a training started from: a hub id or a folder, and the commit on the hub."""

    source: str
    revision: str | None = field(default=None, metadata=NULL_TOO)
    bundled: bool | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class ImportedFrom:
    """The file that another program wrote, and what it says of the training."""

    file: str
    sha256: str | None = None
    extra: Settings = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    """The kind of machine, and the vector instructions of its processor, by which libraries choose their kernels."""

    platform: str | None = None
    machine: str | None = None
    cpu: str | None = None
    cores: int | None = field(default=None, metadata=NULL_TOO)
    instructions: list[str] | None = None
    extra: Settings = field(default_factory=dict)
