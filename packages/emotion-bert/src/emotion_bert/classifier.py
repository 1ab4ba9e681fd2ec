"""A fine-tuned transformer classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotion_core.calibration import apply_temperature, run_temperature
from emotion_core.classifier import length_batches
from emotion_core.errors import RunError, short_reason
from emotion_core.labels import ID_TO_EMOTION, N_EMOTIONS
from emotion_core.run_folder import MODEL_DIR, read_model_run
from emotion_core.text import CLEANERS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PACKAGE = "emotion-bert"
BATCH_SIZE = 64


class TransformerClassifier:
    """A transformer with its tokenizer and the cleaning of its training texts.

    Args:
        model: a sequence classification model of the six emotions.
        tokenizer: its tokenizer.
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        device: ``auto``, ``cpu`` or ``gpu``.
        temperature: of its probabilities; 1 leaves them as the model gives them.

    Raises:
        ModelError: the device is not to be had.
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
        from emotion_bert.device import choose_device

        self.device = choose_device(device)
        self.model = model.to(self.device).eval()
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.temperature = temperature
        self._clean = CLEANERS[cleaning]

    @classmethod
    def load(cls, run_dir: str | Path, device: str = "auto") -> TransformerClassifier:
        """Load the classifier of a run folder, from safetensors only, with the temperature of the run.

        Raises:
            RunError: not a run of this package, or its model cannot be loaded.
            ModelError: the device is not to be had.
        """
        record = read_model_run(run_dir, PACKAGE)
        folder = Path(run_dir) / MODEL_DIR
        temperature = run_temperature(record, run_dir)
        classifier = cls.load_folder(folder, record["text_cleaning"], record["hyperparameters"]["max_length"], device)
        classifier.temperature = temperature
        return classifier

    @classmethod
    def load_folder(cls, folder: Path, cleaning: str, max_length: int, device: str = "auto") -> TransformerClassifier:
        """Load the classifier from its model folder, without a temperature.

        Raises:
            RunError: the model cannot be loaded, or is not one of the six emotions.
            ModelError: the device is not to be had.
        """
        from safetensors import SafetensorError
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        from emotion_bert.device import quiet_transformers

        quiet_transformers()
        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            model = AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=True, **local)
            tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise RunError(
                f"{folder}: cannot be loaded ({short_reason(error)}). Check the run with emotion-core verify."
            ) from error
        if model.config.id2label != ID_TO_EMOTION:
            raise RunError(f"{folder}: found the labels {model.config.id2label}, expected {ID_TO_EMOTION}.")
        return cls(model, tokenizer, cleaning, max_length, device)

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions, shape (n_texts, 6), rows summing to 1.

        Texts are sorted by length, so that a batch is padded little; the result is in the order of the texts.
        """
        import torch

        probabilities = np.zeros((len(texts), N_EMOTIONS), dtype=np.float32)
        if not len(texts):
            return probabilities
        cleaned = [self._clean(text) for text in texts]
        encoded = self.tokenizer(cleaned, truncation=True, max_length=self.max_length)
        for chosen in length_batches([len(ids) for ids in encoded["input_ids"]], BATCH_SIZE):
            rows = {name: [values[index] for index in chosen] for name, values in encoded.items()}
            batch = self.tokenizer.pad(rows, return_tensors="pt").to(self.device)
            with torch.inference_mode():
                logits = self.model(**batch).logits
            probabilities[chosen] = torch.softmax(logits.float(), dim=-1).cpu().numpy()
            if progress is not None:
                progress(len(chosen))
        return apply_temperature(probabilities, self.temperature)
