"""How to compute, as every command says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from emotion_core.bounds import THREADS, Choices, check_fields
from emotion_core.defaults import DEVICES
from emotion_core.training.options import RunOptions

PRECISIONS = ("auto", "fp32", "bf16")
LORA_RANK = 16
REPORTS = ("none", "tensorboard")


@dataclass(frozen=True)
class Computing:
    """Where and how to train; a value that there is not is a ModelError.

    Attributes:
        device: ``auto``, ``cpu`` or ``gpu``.
        precision: one of `PRECISIONS`; ``auto`` takes bf16 where the device computes in it.
        compiled: compile the model before training, which pays on long trainings.
        threads: of torch on the CPU; 0 leaves the choice to it.
    """

    device: Annotated[str, Choices(DEVICES)] = DEVICES[0]
    precision: Annotated[str, Choices(PRECISIONS)] = PRECISIONS[0]
    compiled: bool = False
    threads: Annotated[int, THREADS] = 0

    def __post_init__(self) -> None:
        check_fields(self)


ANYWHERE = Computing()
"""As fits the machine."""


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(RunOptions):
    """What a training is told besides its settings.

    Attributes:
        computing: where and how.
        resume: go on with what was interrupted, if anything was.
        report_to: one of `REPORTS`; the logs of TensorBoard become part of the run.
        resumable: keep what an interruption leaves, and say so; otherwise it goes.
    """

    computing: Computing = ANYWHERE
    resume: bool = False
    report_to: str = REPORTS[0]
    resumable: bool = True


AS_USUAL = TrainingOptions()
"""A training that is told nothing else."""
