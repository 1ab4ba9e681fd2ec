"""The baseline: a bidirectional LSTM on frozen GloVe vectors, and the grid that is searched for it.

Architecture (Hochreiter and Schmidhuber 1997; Schuster and Paliwal 1997): embedding, SpatialDropout1D, a bidirectional
LSTM whose last states are joined, and a softmax over six emotions.

Grid: 5 sizes x 10 dropouts = 50 trainings. Plan: up to 20 epochs in batches of 32 with Adam, the learning rate halved
on plateaus of the validation loss, and early stopping with the best weights restored.

`python -m emotion_rnn.LSTM --help` runs the study.
"""

from __future__ import annotations

from emotion_core.start import own_process
from emotion_rnn.hyperparameters import Architecture, Hyperparameters
from emotion_rnn.plan import Phase, Study

SMALL = Hyperparameters(
    random_dimensions=75,
    dropout=0.5,
    label_smoothing=0.1,
    epochs=8,
    schedule="cosine",
    clip_norm=1.0,
    ema_momentum=0.99,
    select_by="accuracy",
)
"""What did best on the sample, a few thousand texts, with the bundled vectors (docs/results.md). The average of the
weights covers less than an epoch: one as long as for more texts would still hold those of the beginning at the end."""

ARCHITECTURE: Architecture = Architecture(
    name="lstm",
    title="Bidirectional LSTM",
    recurrent_layer="LSTM",
    defaults=Hyperparameters(),
    recipes={"small": SMALL},
)

GRID = Phase(
    name="grid",
    title="Frozen GloVe vectors",
    settings=Hyperparameters(epochs=20, batch_size=32, patience=3, freeze_embedding=True),
    grid={
        "units": (16, 32, 64, 128, 256),
        "dropout": tuple(percent / 100 for percent in range(5, 55, 5)),
    },
)

STUDY: Study = Study(ARCHITECTURE, phases=(GRID,))

if __name__ == "__main__":
    with own_process():
        from emotion_rnn.cli.study import lstm

        lstm()
