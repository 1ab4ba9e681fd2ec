"""The run of a recurrent network that is compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_core.compression.source import Source
from emotion_rnn.classifier import PACKAGE, RNNClassifier

if TYPE_CHECKING:
    import keras

HARD_TEXTS = (
    "I did not see that coming!",
    "@user thx, see http://a.b for more... can't wait, soooo happy :)",
    "Naïve café: 100 % “déjà vu” 😂❤️ #HappyDays",
    "SHOUTING Straße İstanbul ÉLAN, e\u0301 and ﬁne... don't 👩‍👩‍👧 you?",
    "привет",
    "",
)


class RecurrentSource(Source):
    """A run with one Keras model."""

    package = PACKAGE
    hard_texts = HARD_TEXTS

    def classifier(self) -> RNNClassifier:
        """The classifier, loaded afresh, without a temperature."""
        return RNNClassifier.load_folder(self.folder, self.record, self.device)

    @property
    def computes_exactly(self) -> bool:
        """Whether Keras computes in float32, and not in a precision of 16 bits."""
        return str(self.record.extra.get("precision") or "float32") == "float32"

    def model(self) -> keras.Model:
        """The Keras model."""
        return self.classifier().model
