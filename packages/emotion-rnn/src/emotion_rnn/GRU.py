"""The bidirectional GRU: in parity with the LSTM first, then with GloVe vectors that are frozen and thawed.

Architecture (Cho et al. 2014; Schuster and Paliwal 1997): embedding, SpatialDropout1D, a bidirectional GRU whose last
states are joined, and a softmax over six emotions. With the thaw, a Dense layer of 64 ReLU units and dropout before it.

Phase 1: grid and plan of the LSTM, so that the two layers are compared and nothing else.
Phase 2: 2 sizes x 2 dropouts x 4 learning rates after the thaw = 16 trainings of 2 epochs with frozen and 3 with thawed
vectors, in batches of 128.
Final: the best point of phase 2, 5 epochs frozen and 15 thawed, in batches of 32.

`python -m emotion_rnn.GRU --help` runs the study.
"""

from __future__ import annotations

from emotion_core.start import own_process
from emotion_rnn import LSTM
from emotion_rnn.hyperparameters import Architecture, Hyperparameters
from emotion_rnn.plan import Phase, Study

TUNED = Hyperparameters(
    random_dimensions=75,
    dropout=0.6,
    label_smoothing=0.1,
    batch_size=64,
    epochs=12,
    frozen_epochs=2,
    learning_rate=1.4e-3,
    fine_tune_learning_rate=1.4e-3,
    schedule="cosine",
    clip_norm=1.0,
    ema_momentum=0.998,
    select_by="accuracy",
    patience=5,
)
"""What did best on the emotion tweets with 25-dimensional GloVe vectors (docs/results.md). The random dimensions give
words room to differ that such short vectors lack; 1.4e-3 is 1e-3 times the root of 2, for batches twice as large."""

ARCHITECTURE: Architecture = Architecture(
    name="gru",
    title="Bidirectional GRU",
    recurrent_layer="GRU",
    defaults=Hyperparameters(),
    recipes={"small": LSTM.SMALL, "tuned": TUNED},
)

FREEZE_THAW = Phase(
    name="freeze-thaw",
    title="Frozen, then thawed GloVe vectors",
    settings=Hyperparameters(dense_units=64, learning_rate=1e-3, batch_size=128, epochs=5, frozen_epochs=2),
    grid={
        "units": (128, 256),
        "dropout": (0.2, 0.3),
        "fine_tune_learning_rate": (1e-3, 5e-4, 1e-4, 5e-5),
    },
)

STUDY: Study = Study(
    ARCHITECTURE,
    phases=(LSTM.GRID, FREEZE_THAW),
    final={"epochs": 20, "frozen_epochs": 5, "batch_size": 32},
)

if __name__ == "__main__":
    with own_process():
        from emotion_rnn.cli.study import gru

        gru()
