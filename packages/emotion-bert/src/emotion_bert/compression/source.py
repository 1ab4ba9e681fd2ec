"""The run that is compressed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.registry import PACKAGE
from emotion_bert.tokens.saving import PROBE_TEXTS
from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_core.evaluation.training_texts import training_splits
from emotion_core.runs.folder import MODEL_DIR, check_model, read_model_run
from emotion_core.runs.layouts import TOKENIZER_FILES, layout_of
from emotion_core.runs.record import RunRecord

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

N_PROBES = 64


@dataclass(frozen=True)
class Source:
    """A run with one fp32 model.

    Attributes:
        run_dir: its folder.
        record: its ``run.json``.
        dataset: ``validation`` measures what comes out; ``train`` serves recovery and calibration.
        device: ``auto``, ``cpu`` or ``gpu``.
        quiet: show no progress.
        macro_f1: on validation, once it is measured; a technique that has several ways goes on until one comes near it.
    """

    run_dir: Path
    record: RunRecord
    dataset: Dataset
    device: str = "auto"
    quiet: bool = False
    macro_f1: float | None = None

    @classmethod
    def read(cls, run_dir: Path, dataset: Dataset, device: str = "auto", *, quiet: bool = False) -> Source:
        """The run in a folder.

        Raises:
            RunError: not a run of this package, an ensemble, altered, or compressed already.
            DataError: the dataset has no validation split, and is not what the run was trained from.
        """
        record = read_model_run(run_dir, PACKAGE)
        if record.members is not None:
            raise RunError(f"{run_dir}: is an ensemble. Compress one of its members: {', '.join(record.members)}.")
        if record.compression is not None:
            original = record.compression.of
            raise RunError(f"{run_dir}: is compressed already. Name the run that it was made from: {original}.")
        check_model(run_dir, record)
        layout_of(record, run_dir / MODEL_DIR)
        return cls(run_dir, record, training_splits(dataset, record, run_dir), device, quiet)

    @property
    def folder(self) -> Path:
        """Of the model."""
        return self.run_dir / MODEL_DIR

    @property
    def cleaning(self) -> str:
        """The name of the text cleaning."""
        return self.record.text_cleaning

    @property
    def max_length(self) -> int:
        """Tokens of a text that are read."""
        return self.record.max_length()

    @property
    def probes(self) -> list[str]:
        """The texts on which a saved and reloaded model must say what it said before.

        Beside some of the validation split these are hard ones for a tokenizer, and two that are longer than what is
        read, of other words at the beginning than at the end.
        """
        texts = self.dataset.split("validation").texts[:N_PROBES]
        words = " ".join([*texts, *PROBE_TEXTS]).split()
        many = words * (1 + 2 * self.max_length // max(1, len(words)))
        return [*texts, *PROBE_TEXTS, " ".join(many), " ".join(many[::-1])]

    def classifier(self) -> TransformerClassifier:
        """The classifier, loaded afresh."""
        return TransformerClassifier.load_folder(self.folder, self.cleaning, self.max_length, self.device)

    def model(self) -> PreTrainedModel:
        """The model on the CPU, loaded afresh."""
        return TransformerClassifier.load_folder(self.folder, self.cleaning, self.max_length, "cpu").model

    def config(self) -> PreTrainedConfig:
        """The architecture of the model."""
        from transformers import AutoConfig

        config: PreTrainedConfig = AutoConfig.from_pretrained(
            self.folder, local_files_only=True, trust_remote_code=False
        )
        return config

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer, without the model."""
        from emotion_bert.tokens.saving import load_saved

        return load_saved(self.folder, self.config())

    def clean(self, texts: list[str]) -> list[str]:
        """Texts as the model reads them."""
        return [CLEANERS[self.cleaning](text) for text in texts]

    def copy_tokenizer(self, folder: Path) -> None:
        """Copy the files of the tokenizer as they are; not every tokenizer survives being saved again."""
        for file in self.folder.iterdir():
            if file.is_file() and file.name in TOKENIZER_FILES:
                shutil.copyfile(file, folder / file.name)
