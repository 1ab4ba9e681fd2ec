"""The bidirectional LSTM baseline (Hochreiter and Schmidhuber 1997; Schuster and Paliwal 1997).

Embedding, SpatialDropout1D, a bidirectional LSTM whose last states are joined, and a softmax over six emotions.
"""

from __future__ import annotations

from emotion_rnn.architecture import Architecture, Hyperparameters

ARCHITECTURE = Architecture(
    name="lstm",
    title="Bidirectional LSTM",
    recurrent_layer="LSTM",
    defaults=Hyperparameters(),
)
