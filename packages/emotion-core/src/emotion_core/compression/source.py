"""The run that is compressed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from emotion_core.compression.options import SPLIT
from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_core.evaluation.training_texts import training_splits
from emotion_core.runs.folder import MODEL_DIR, check_model, read_model_run
from emotion_core.runs.layouts import layout_of
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Step

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.runs.record_parts import Settings

N_PROBES = 64


@dataclass(frozen=True)
class Source(ABC):
    """A run as it was trained. Each package says what of it is its own.

    Attributes:
        run_dir: its folder.
        record: its ``run.json``.
        dataset: ``validation`` measures what comes out; ``train`` serves recovery and calibration.
        device: ``auto``, ``cpu`` or ``gpu``.
        quiet: show no progress.
        macro_f1: on validation, once it is measured; a technique that has several ways goes on until one comes near it.
        member: the folder of the model among those of an ensemble; empty where there is one model.
        package: whose run it is.
        hard_texts: that are hard to clean or to split into words or tokens, for the probes.
        chained: the techniques whose runs can be compressed again.
    """

    package: ClassVar[str]
    hard_texts: ClassVar[tuple[str, ...]]
    chained: ClassVar[tuple[str, ...]] = ()

    run_dir: Path
    record: RunRecord
    dataset: Dataset
    device: str = "auto"
    quiet: bool = False
    macro_f1: float | None = None
    member: str = ""

    @classmethod
    def read(cls, run_dir: Path, dataset: Dataset, device: str = "auto", *, quiet: bool = False) -> Self:
        """The run in a folder.

        Raises:
            RunError: not a run of this package, altered, or compressed already in a way after which nothing can follow.
            DataError: the dataset has no validation split, and is not what the run was trained from.
        """
        record = read_model_run(run_dir, cls.package)
        if record.compression is not None and record.compression.technique not in cls.chained:
            original = record.compression.of
            raise RunError(f"{run_dir}: is compressed already. Name the run that it was made from: {original}.")
        check_model(run_dir, record)
        source = cls(run_dir, record, training_splits(dataset, record, run_dir), device, quiet)
        for one in source.models():
            layout_of(record, one.folder)
        return source

    def models(self) -> list[Self]:
        """A source for each model: itself, or the members of an ensemble.

        A member is worse than the ensemble, so it has no figure that it must come near.
        """
        if self.record.members is None:
            return [self]
        return [replace(self, member=Path(name).name, macro_f1=None) for name in self.record.members]

    @property
    def folder(self) -> Path:
        """Of the model."""
        return self.run_dir / MODEL_DIR / self.member

    @property
    def before(self) -> list[Step] | None:
        """The compressions that made the run, the first first; None for a run that was trained."""
        made = self.record.compression
        if made is None:
            return None
        against = made.versus_original
        return [
            *(made.before or []),
            Step(made.technique, made.of, None if against is None else against.macro_f1_difference.value),
        ]

    @property
    def cleaning(self) -> str:
        """The name of the text cleaning."""
        return self.record.text_cleaning

    @property
    def max_length(self) -> int:
        """Words or tokens of a text that are read."""
        return self.record.max_length()

    @property
    def probes(self) -> list[str]:
        """The texts on which a saved and reloaded model must say what it said before.

        Beside some of the validation split these are hard ones, and two that are longer than what is read, of other
        words at the beginning than at the end.
        """
        texts = self.dataset.split(SPLIT).texts[:N_PROBES]
        words = " ".join([*texts, *self.hard_texts]).split()
        many = words * (1 + 2 * self.max_length // max(1, len(words)))
        return [*texts, *self.hard_texts, " ".join(many), " ".join(many[::-1])]

    def clean(self, texts: list[str]) -> list[str]:
        """Texts as the model reads them."""
        return [CLEANERS[self.cleaning](text) for text in texts]

    @abstractmethod
    def classifier(self) -> Classifier:
        """The classifier, loaded afresh, without a temperature."""

    def prepare(self, folder: Path) -> None:  # noqa: B027 - a package may have nothing to copy
        """Copy into the folder of a variant what every technique keeps as it is."""

    def silence(self) -> AbstractContextManager[None]:
        """No remarks of the libraries while a technique works."""
        return nullcontext()

    def recorded(self) -> Settings:
        """What the run of a variant records that only this package knows."""
        return {}
