"""The run of a transformer that is compressed."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.machine.device import quiet_transformers
from emotion_bert.machine.precision import stored_dtype
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.registry import PACKAGE
from emotion_bert.tokens.saving import PROBE_TEXTS
from emotion_core.compression.source import Source
from emotion_core.runs.layouts import TOKENIZER_FILES

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

    from emotion_core.runs.record_parts import Settings


CHAINED = ("layers", "vocabulary")
"""The techniques after which a model is an ordinary one in fp32, so that any other may follow."""


class TransformerSource(Source):
    """A run with one fp32 model, or what a technique of `CHAINED` has made of one."""

    package = PACKAGE
    hard_texts = PROBE_TEXTS
    chained = CHAINED

    def classifier(self) -> TransformerClassifier:
        """The classifier, loaded afresh, without a temperature."""
        return TransformerClassifier.load_folder(self.folder, self.cleaning, self.max_length, self.device)

    def prepare(self, folder: Path) -> None:
        """Copy the files of the tokenizer as they are; not every tokenizer survives being saved again."""
        for file in self.folder.iterdir():
            if file.is_file() and file.name in TOKENIZER_FILES:
                shutil.copyfile(file, folder / file.name)

    def silence(self) -> AbstractContextManager[None]:
        """No remarks of transformers while a technique works."""
        return quiet_transformers()

    def recorded(self) -> Settings:
        """The number formats of the weights."""
        return {"weights": {"in the file": stored_dtype(self.folder), "loaded as": "float32"}}

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
