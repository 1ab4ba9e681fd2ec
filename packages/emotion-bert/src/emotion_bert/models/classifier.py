"""A fine-tuned transformer classifier."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_bert.models.registry import PACKAGE
from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.imports import import_message
from emotion_core.inference.batches import BatchClassifier
from emotion_core.inference.encoding.long_texts import Encoded
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.runs.folder import read_json

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG_FILE = "config.json"
QUANTIZATION, BITSANDBYTES = "quantization_config", "bitsandbytes"


class TransformerClassifier(BatchClassifier):
    """A transformer with its tokenizer and the cleaning of its training texts.

    Args:
        model: a sequence classification model of the six emotions.
        tokenizer: its tokenizer.
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        device: ``auto``, ``cpu`` or ``gpu``.
        temperature: of its probabilities; 1 leaves them as the model gives them.

    Raises:
        ModelError: the device is not available.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        cleaning: str,
        max_length: int,
        device: str = "auto",
        temperature: float = 1.0,
    ) -> None:
        from emotion_bert.machine.device import choose_device, survive_forks
        from emotion_bert.models.first_token import compute_first_token_only
        from emotion_bert.tokens.fitting import padding_side

        super().__init__(cleaning, max_length, temperature)
        survive_forks()
        self.device = choose_device(device)
        compute_first_token_only(model)
        if not is_quantized(model):  # it was loaded to where it stays
            model.to(self.device)  # type: ignore[arg-type]  # the wrapper of transformers loses self
        self.model: PreTrainedModel = model.eval()
        self.tokenizer = tokenizer
        self.truncation_side, self.fill = tokenizer.truncation_side, int(tokenizer.pad_token_id)
        self._padding_side = padding_side(model.config)

    @classmethod
    def load_folder(cls, folder: Path, cleaning: str, max_length: int, device: str = "auto") -> TransformerClassifier:
        """Load the classifier from its model folder, without a temperature.

        Raises:
            RunError: a package is missing, weights lie outside the folder, or the model is not one of the six emotions.
                What else transformers raises of an altered folder, `loading.load_member` turns into one.
            ModelError: the device is not available, a weight is no number, or the tokenizer does not fit the model.
        """
        from emotion_bert.machine.device import quiet_transformers

        _check_shards(folder)
        try:
            with quiet_transformers():
                model, tokenizer = _load(folder, device)
        except ImportError as error:
            extra = BITSANDBYTES if stores_quantized(folder) else ""
            raise RunError(import_message(error, str(folder), PACKAGE, extra)) from error
        if model.config.id2label != ID_TO_EMOTION:
            raise RunError(f"{folder}: found the labels {model.config.id2label}, expected {ID_TO_EMOTION}.")
        return cls(model, tokenizer, cleaning, max_length, device)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The token ids of cleaned texts."""
        encoded: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length)
        return encoded

    def vocabulary(self) -> Collection[str]:
        """The tokens that have an id."""
        return self.tokenizer.get_vocab()

    def logits(self, batch: dict[str, list[Sequence[int]]]) -> NDArray[np.float32]:
        """The logits of encoded texts, shape (n, 6)."""
        import torch

        padded = self.tokenizer.pad(batch, padding_side=self._padding_side, return_tensors="pt").to(self.device)  # type: ignore[arg-type]  # any sequence will do
        try:
            with torch.inference_mode():
                logits: NDArray[np.float32] = self.model(**padded).logits.float().cpu().numpy()
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # each architecture has errors of its own, Funnel of texts of two tokens
            kind = self.model.config.model_type
            raise ModelError(f"torch cannot compute {kind} for some of the texts ({short_reason(error)}).") from error
        return logits


def _load(folder: Path, device: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    from emotion_bert.machine.device import choose_device
    from emotion_bert.machine.quantization import let_quantized_be_pickled
    from emotion_bert.models.stored_weights import LoadReport, check_run, require_finite
    from emotion_bert.models.structured import KEPT_HEADS, load_with_fewer_heads
    from emotion_bert.tokens.fitting import check_embeddings
    from emotion_bert.tokens.saving import load_saved

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    placed: dict[str, Any] = {"dtype": torch.float32}  # an old run may have the half precision of its checkpoint
    if stores_quantized(folder):
        placed = {"device_map": {"": choose_device(device)}}
        let_quantized_be_pickled()
    config = AutoConfig.from_pretrained(folder, **local)
    if hasattr(config, KEPT_HEADS):
        model = load_with_fewer_heads(folder, config)
    else:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            folder, use_safetensors=True, output_loading_info=True, **local, **placed
        )
        check_run(model, LoadReport.of(report), folder)
    require_finite(model, str(folder))
    tokenizer = load_saved(folder, config)
    check_embeddings(model, tokenizer, str(folder))
    return model, tokenizer


def is_quantized(model: PreTrainedModel) -> bool:
    """Whether bitsandbytes holds weights of the model."""
    return getattr(model, "quantization_method", None) is not None


def stores_quantized(folder: Path) -> bool:
    """Whether the weights in a model folder are quantized.

    Raises:
        RunError: they are, in another way than by bitsandbytes.
    """
    stated = read_json(folder, CONFIG_FILE).get(QUANTIZATION) if (folder / CONFIG_FILE).is_file() else None
    if stated is None:
        return False
    method = stated.get("quant_method") if isinstance(stated, dict) else stated
    if method != BITSANDBYTES:
        raise RunError(
            f"{folder / CONFIG_FILE}: {QUANTIZATION} names {str(method)[:40]!r}, expected {BITSANDBYTES!r}. The run "
            "was altered; copy it again."
        )
    return True


def _check_shards(folder: Path) -> None:
    # transformers would follow a path in the index of sharded weights to anywhere.
    for index in folder.glob("*.index.json"):
        shards = read_json(folder, index.name).get("weight_map")
        if not isinstance(shards, dict) or any(Path(str(name)).name != name for name in shards.values()):
            raise RunError(f"{index}: names weights outside its folder. The run was altered; copy it again.")
