"""What emotion-core does without the libraries of its extras."""

import subprocess
import sys

from shared_checks import HEAVY_LIBRARIES

WITHOUT = [name for name in (*HEAVY_LIBRARIES, "emoji", "onnxruntime", "tokenizers") if name != "numpy"]
START = f"""
import sys
import emotion_core
assert "numpy" not in sys.modules
found = sorted(set({HEAVY_LIBRARIES!r}) & set(sys.modules))
assert not found, found
"""
BASE = f"""
import sys
sys.modules |= dict.fromkeys({WITHOUT!r})
import numpy as np
from click.testing import CliRunner
from emotion_core.cli.main import main
from emotion_core import (
    audit_dataset, compute_metrics, fit_temperature, k_fold, load_dataset, social_media, split_texts
)

data = load_dataset("sample")
train = data.split("train")
assert len(split_texts(train, {{"train": 0.9, "test": 0.1}}, seed=1)["test"]) == 60
assert len(list(k_fold(train, 5, seed=1))) == 5
probabilities = np.full((600, 6), 1 / 6)
assert compute_metrics(train.labels, probabilities)["n"] == 600
assert fit_temperature(probabilities, train.labels) == 1
assert audit_dataset(data)["splits"]["train"]["rows"] == 600
assert "party popper" in social_media("won \U0001f389")
folder = sys.argv[1]
for words in (["audit", "sample"], ["split", f"{{folder}}/posts.csv", "--output", f"{{folder}}/new"]):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
"""


def test_the_base_installation_needs_none_of_the_libraries_of_the_extras(sample, tmp_path):
    """Labels, datasets, cleaning, splits, folds, audit, metrics and calibration work with NumPy and click alone."""
    sample.split("train").frame().to_csv(tmp_path / "posts.csv", index=False)
    command = [sys.executable, "-c", BASE, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr


def test_the_package_is_imported_without_anything_that_takes_long():
    """``import emotion_core`` waits neither for NumPy nor for any library of the extras."""
    result = subprocess.run([sys.executable, "-c", START], capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
