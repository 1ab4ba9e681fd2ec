"""What decides the result of a training, for the comparison with one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emotion_core.data.dataset import Dataset
from emotion_core.runs.definition import TRAINING_SPLITS, Definition, data_definition, settings_definition
from emotion_core.system.hashes import file_hash
from emotion_rnn.hyperparameters import Architecture, Hyperparameters
from emotion_rnn.network.glove import locate_glove
from emotion_rnn.network.options import CLEANING, Computing, VectorOptions


def glove_definition(vectors: VectorOptions | None) -> dict[str, str] | None:
    """The hash of the GloVe file, which takes long with a large one, and what words start from that it lacks."""
    if vectors is None:
        return None
    return {"sha256": file_hash(locate_glove(vectors.glove)), "unknown_words": vectors.unknown_words}


def training_definition(
    architecture: Architecture,
    settings: Hyperparameters,
    dataset: Dataset,
    glove: Mapping[str, Any] | None,
    computing: Computing,
    *,
    calibrate: bool,
) -> Definition:
    """What decides the result of a training but for the seed.

    Args:
        architecture: of the network.
        settings: of the training.
        dataset: with train and validation splits.
        glove: from `glove_definition`, or what a run records of the vectors; None for random ones.
        computing: of which the precision decides.
        calibrate: whether the probabilities are calibrated.
    """
    chosen = settings_definition(settings)
    if glove is not None:
        del chosen["embedding_dimension"]  # which is that of the file
        glove = {name: glove[name] for name in ("sha256", "unknown_words")}
    return {
        "model": architecture.name,
        "settings": chosen,
        "data": data_definition(dataset, *TRAINING_SPLITS),
        "glove": glove,
        "text_cleaning": CLEANING,
        "precision": computing.precision,
        "calibrated": calibrate,
    }
