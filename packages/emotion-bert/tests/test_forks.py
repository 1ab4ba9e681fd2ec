"""A process that has predicted is forked, as gunicorn with --preload does it, and the child predicts, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here"),
]

PATIENCE_SECONDS = 90

FORK = """
import os, sys
import numpy as np
import emotion_bert
from emotion_core.inference.onnx.classifier import OnnxClassifier

classifier = emotion_bert.load(sys.argv[1], "cpu")
if not isinstance(classifier, OnnxClassifier):
    import torch
    torch.set_num_threads(2)
texts = [f"text number {number} " + "and more " * (number % 20) for number in range(int(sys.argv[2]))]
before = classifier.predict_proba(texts)
child = os.fork()
if not child:
    assert np.allclose(classifier.predict_proba(texts), before, atol=1e-5)
    assert np.allclose(classifier.predict_proba(texts[:3]), before[:3], atol=1e-5)
    sys.exit(7)  # to an ordinary end
_, status = os.waitpid(child, 0)
assert np.array_equal(classifier.predict_proba(texts), before)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture(params=["torch", "onnx"])
def any_run(request: pytest.FixtureRequest, run: Path) -> Path:
    """A run of torch, and one in ONNX."""
    return run if request.param == "torch" else Path(__file__).parent / "runs_of_version_0_1" / "onnx"


@pytest.mark.parametrize("texts", [3, 200])
def test_a_forked_process_predicts_and_ends(any_run: Path, texts: int) -> None:
    """With two threads, of one batch and of several, and it ends as any process does."""
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(any_run), str(texts)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=os.environ | {"OMP_NUM_THREADS": "2"},
        check=False,
    )
    assert done.returncode == 7, done.stderr
