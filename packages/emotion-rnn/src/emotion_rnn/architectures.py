"""The architectures and their studies by name; choices and help texts derive from this."""

from __future__ import annotations

from emotion_core.errors import ModelError
from emotion_rnn import GRU, LSTM
from emotion_rnn.hyperparameters import Architecture
from emotion_rnn.plan import Phase, Study

STUDIES: dict[str, Study] = {study.architecture.name: study for study in (LSTM.STUDY, GRU.STUDY)}
ARCHITECTURES: dict[str, Architecture] = {name: study.architecture for name, study in STUDIES.items()}
RECIPES = tuple(dict.fromkeys(recipe for architecture in ARCHITECTURES.values() for recipe in architecture.recipes))
PHASES: dict[str, Phase] = {phase.name: phase for study in STUDIES.values() for phase in study.phases}


def find_architecture(name: str) -> Architecture:
    """The architecture of a name.

    Raises:
        ModelError: there is no such architecture; the message lists those there are.
    """
    if name not in ARCHITECTURES:
        raise ModelError(f"{name}: no such model. Choose one of {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]
