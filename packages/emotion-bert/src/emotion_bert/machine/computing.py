"""How to compute, as every command says it."""

from __future__ import annotations

from dataclasses import dataclass

PRECISIONS = ("auto", "fp32", "bf16")
LORA_RANK = 16
REPORTS = ("none", "tensorboard")


@dataclass(frozen=True)
class Computing:
    """Where and how to train.

    Attributes:
        device: ``auto``, ``cpu`` or ``gpu``.
        precision: one of `PRECISIONS`; ``auto`` takes bf16 where the device computes in it.
        compiled: compile the model before training, which pays on long trainings.
        threads: of torch on the CPU; 0 leaves the choice to it.
    """

    device: str = "auto"
    precision: str = PRECISIONS[0]
    compiled: bool = False
    threads: int = 0


ANYWHERE = Computing()
"""As fits the machine."""
