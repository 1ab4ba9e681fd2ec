"""The bidirectional GRU (Cho et al. 2014; Schuster and Paliwal 1997), in the place of the LSTM and otherwise equal.

Embedding, SpatialDropout1D, a bidirectional GRU whose last states are joined, and a softmax over six emotions.
"""

from __future__ import annotations

from emotion_rnn.architecture import Architecture, Hyperparameters

ARCHITECTURE = Architecture(
    name="gru",
    title="Bidirectional GRU",
    recurrent_layer="GRU",
    defaults=Hyperparameters(),
)
