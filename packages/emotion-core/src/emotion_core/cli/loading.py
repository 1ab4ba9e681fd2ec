"""The classifier of the run that a command names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.runs.record import RunRecord

Loader = Callable[[Path, str], "Classifier"]
"""Loads the classifier of a run folder on a device."""


def package_of(program: str) -> str | None:
    """Whose runs a program takes: emotion-core those of any package, if they are in a format that it loads."""
    from emotion_core.imports import PROGRAM

    return None if program == PROGRAM else program


def load_classifier(load: Loader, run: Path, device: str, *, uncalibrated: bool) -> Classifier:
    """The classifier of a run folder, without its temperature if that is asked for."""
    classifier = load(run, device)
    if uncalibrated:
        classifier.temperature = 1.0
    return classifier


def report_never_predicted(run: Path, record: RunRecord, *, quiet: bool) -> None:
    """Say on standard error which emotions a run cannot predict, since it was trained on no text of them."""
    if record.never_predicted and not quiet:
        emotions = ", ".join(record.never_predicted)
        click.echo(f"{run}: never predicts {emotions}, since no training text had that emotion.", err=True)
