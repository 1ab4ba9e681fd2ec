"""The ready model that emotion-core carries: trained, made small and written into shared-data by one command."""

from __future__ import annotations

from pathlib import Path

import nox

from sessions.common import BERT, CORE, ROOT, install_with_torch, session

READY_OUTPUT = Path("ready-output")
DATA = ("--data", "sample", "--seed", "42")
SETTINGS = ("--epochs", "6", "--patience", "6", "--typos", "0.15", "--label-smoothing", "0.1", "--ema-momentum", "0.99")
"""Of the full model, chosen on validation; docs/results.md has their figures."""
TRAINING = (*SETTINGS, "--neutral", "sample", "--neutral-threshold", "0.5")
STEPS = {
    "layers": ("--neurons", "0.333", "--distill-epochs", "12", "--max-drop", "0.02"),
    "vocabulary": (),
    "onnx-int8": ("--calibration-texts", "512"),
}
"""The techniques that make the model small, each from what the one before it made, with their settings."""


@session(name="ready-model")
def ready_model(session: nox.Session) -> None:
    """Train MiniLM on the bundled corpus, make it small, and write it as the ready model into shared-data.

    What is complete in ready-output is not made again, so an interrupted command goes on; remove the folder to begin
    anew.
    """
    install_with_torch(session, CORE, f"{BERT}[offline,onnx]")
    run = READY_OUTPUT / "minilm"
    session.run("emotion-bert", "train", "--model", "minilm", *DATA, *TRAINING, "--resume", "--output", str(run))
    for technique, settings in STEPS.items():
        output = READY_OUTPUT / f"by-{technique}"
        words = ("--technique", technique, *settings, *DATA, "--resume", "--output", str(output))
        session.run("emotion-bert", "compress", str(run), *words)
        run = output / technique
    session.run("emotion-core", "evaluate", str(run), "--data", "sample", "--split", "test", "--neutral", "sample")
    session.run("python", str(ROOT / "sessions" / "pack_ready.py"), str(run))
