"""Logs that TensorBoard shows, kept with the run."""

from __future__ import annotations

import shutil
from pathlib import Path

from transformers import TrainerCallback, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback

from emotion_bert.models.registry import PACKAGE
from emotion_core.errors import ModelError
from emotion_core.imports import import_message

LOGS_DIR = "tensorboard"


def tensorboard_callbacks(arguments: TrainingArguments, folder: Path) -> list[TrainerCallback]:
    """What writes the logs into the folder of the training, where logs of single steps are asked for at all.

    Raises:
        ModelError: tensorboard is missing or cannot be imported.
    """
    if arguments.logging_strategy != "steps":
        return []
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ModelError(import_message(error, "--report-to tensorboard", PACKAGE, "tensorboard")) from error
    # An interrupted training that goes on writes one more file, and TensorBoard shows them as one curve.
    return [TensorBoardCallback(SummaryWriter(str(folder / LOGS_DIR)))] if arguments.process_index == 0 else []


def keep_logs(folder: Path, run: Path) -> None:
    """Copy the logs of a training into its run folder, if there are any."""
    if (folder / LOGS_DIR).is_dir():
        shutil.copytree(folder / LOGS_DIR, run / LOGS_DIR)
