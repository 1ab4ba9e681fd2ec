"""A trained recurrent classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, Told
from emotion_core.data.cleaning import CLEANERS, NOTHING_LEFT, first_words
from emotion_core.data.known_words import KnownWords, foreign_texts
from emotion_core.errors import ModelError, RunError, short_reason
from emotion_core.inference.batches import length_batches
from emotion_core.inference.loading import of_run, telling_faults
from emotion_core.labels import ID_TO_EMOTION, N_EMOTIONS
from emotion_core.runs.folder import MODEL_DIR, check_model, read_model_run
from emotion_core.runs.layouts import KERAS, layout_of
from emotion_core.runs.record import RunRecord
from emotion_core.system.random_state import kept_random_state
from emotion_rnn.network.options import UNKNOWN_WORD

if TYPE_CHECKING:
    import keras

PACKAGE = "emotion-rnn"
(MODEL_FILE,) = KERAS.files
BATCH_SIZE = 256


class RNNClassifier(Classifier):
    """A Keras model that takes strings, with the cleaning of its training texts.

    Args:
        model: from strings of shape (batch,) to probabilities of shape (batch, 6).
        cleaning: the name of the text cleaning.
        max_length: words of a text that are read.
        temperature: of its probabilities; 1 leaves them as the model gives them.
    """

    def __init__(self, model: keras.Model, cleaning: str, max_length: int, temperature: float = 1.0) -> None:
        self.model, self.max_length, self.temperature = model, max_length, temperature
        self._clean, self._nothing_left = CLEANERS[cleaning], NOTHING_LEFT[cleaning]

    @classmethod
    def load(cls, run_dir: str | Path, device: str = "auto") -> RNNClassifier:
        """Load the classifier of a run folder, in Keras's safe mode, with the temperature of the run.

        Raises:
            RunError: not a run of this package, or its model cannot be loaded.
            ModelError: the device is not available.
        """
        record = read_model_run(run_dir, PACKAGE)
        check_model(run_dir, record)
        classifier = cls.load_folder(Path(run_dir) / MODEL_DIR, record, device)
        return of_run(classifier, record, Path(run_dir))

    @classmethod
    def load_folder(cls, folder: Path, record: RunRecord, device: str = "auto") -> RNNClassifier:
        """Load the classifier from its model folder, without a temperature.

        Raises:
            RunError: the model cannot be loaded, or is in ONNX.
            ModelError: the device is not available.
        """
        n_words = record.max_length()
        if layout_of(record, folder) is not KERAS:
            raise RunError(f"{folder}: is in the format {record.format!r}, expected 'keras'. Use emotion_rnn.load.")
        from emotion_rnn.network.backend import keras, use_device

        use_device(device)
        path = folder / MODEL_FILE
        with telling_faults(path, PACKAGE), kept_random_state():  # Keras draws seeds for layers that it makes
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        if model.output_shape[-1] != N_EMOTIONS:
            raise RunError(f"{folder}: found {model.output_shape[-1]} labels, expected {ID_TO_EMOTION}.")
        return cls(model, record.text_cleaning, n_words)

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read; None if its cleaning leaves a word."""
        return self._unread([self._clean(text) for text in texts])

    def _unread(self, cleaned: list[str]) -> list[str | None]:
        return [None if text else self._nothing_left for text in cleaned]

    @cached_property
    def _known_words(self) -> KnownWords | None:
        vocabularies = [layer.get_vocabulary() for layer in self.model.layers if hasattr(layer, "get_vocabulary")]
        return KnownWords.of_training(vocabularies[0] if vocabularies else ())

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """As `Classifier.foreign`, by the words of the training texts."""
        return foreign_texts(self._known_words, texts)

    def truncated(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether it has more words than are read."""
        return [self._clean(text).count(" ") >= self.max_length for text in texts]

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """Probabilities without the temperature, shape (n_texts, 6), rows summing to 1.

        Texts are sorted by length, so that a batch is padded little; the result is in the order of the texts.

        Raises:
            ModelError: TensorFlow cannot compute the model.
        """
        return self._probabilities([self._clean(text) for text in texts], progress)

    def raw_and_unread(self, texts: list[str], progress: Callable[[int], None]) -> Told:
        """As `Classifier.raw_and_unread`, with each text cleaned once."""
        cleaned = [self._clean(text) for text in texts]
        return Told(self._probabilities(cleaned, progress), self._unread(cleaned))

    def _probabilities(self, cleaned: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        from emotion_rnn.network.backend import check_not_forked, quiet_tracing, tf

        check_not_forked()
        # The model cuts, too, but only after it has padded all texts of a batch to the longest. A model that was saved
        # by version 0.1 pads a text without words to a mask that cuDNN refuses.
        read = [first_words(text, self.max_length) or UNKNOWN_WORD for text in cleaned]
        probabilities = np.zeros((len(read), N_EMOTIONS), dtype=np.float32)
        for chosen in length_batches([text.count(" ") for text in read], BATCH_SIZE):
            try:
                with quiet_tracing():
                    raw_texts = tf.constant([read[index] for index in chosen])
                    probabilities[chosen] = self.model.predict_on_batch(raw_texts)
            except tf.errors.OpError as error:  # no memory, or a vocabulary that does not fit the vectors
                raise ModelError(f"TensorFlow cannot compute the model ({short_reason(error)}).") from error
            progress(len(chosen))
        return probabilities
