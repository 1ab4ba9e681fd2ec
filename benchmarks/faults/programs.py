"""The programs that the scripts of this folder try, and the classifiers of their runs."""

from __future__ import annotations

from pathlib import Path

from emotion_core.classifier import Classifier

PROGRAMS = ("emotion-rnn", "emotion-bert")


def load(program: str, run: Path) -> Classifier:
    """The classifier of a run of one of the `PROGRAMS`."""
    if program == "emotion-bert":
        from emotion_bert.machine.own_process import set_up_process
        from emotion_bert.models.loading import load_run

        set_up_process()  # as a service does
        return load_run(run)
    from emotion_rnn.classifier import RNNClassifier

    return RNNClassifier.load(run)
