"""Time the prediction of texts with a fine-tuned transformer and its variants, beside the plain way.

    python benchmarks/bert_prediction.py runs/minilm --variants runs/minilm-compressed/* --data emotion

The plain way pads every text to 128 tokens and computes batches of 32 in fp32 with transformers, tokenizing each batch
when it is its turn. The ways take turns, and the median of the rounds counts. Without a run, MiniLM is fine-tuned on
the bundled sample for one epoch and exported.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from emotion_bert.models.loading import load_run
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.runs.folder import MODEL_DIR
from emotion_core.system.environment import host, installed_versions

PLAIN, PLAIN_LENGTH, PLAIN_BATCH = "plain", 128, 32
N_WARM_UP = 64

Way = Callable[[Sequence[str]], Any]


def plain_way(run: Path) -> Way:
    """Prediction as many a tutorial has it."""
    model = AutoModelForSequenceClassification.from_pretrained(run / MODEL_DIR).eval()
    tokenizer = AutoTokenizer.from_pretrained(run / MODEL_DIR)

    def predict(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), PLAIN_BATCH):
            chosen = list(texts[start : start + PLAIN_BATCH])
            with torch.no_grad():
                batch = tokenizer(
                    chosen, padding="max_length", truncation=True, max_length=PLAIN_LENGTH, return_tensors="pt"
                )
                model(**batch).logits.softmax(-1)

    return predict


def small_runs(folder: Path) -> tuple[Path, list[Path]]:
    """MiniLM, fine-tuned on the sample, and its graphs."""
    run, graphs = folder / "minilm", folder / "graphs"
    train = ["train", "--model", "minilm", "--data", "sample", "--epochs", "1", "--output", str(run), "--quiet"]
    compress = ["compress", str(run), "--technique", "onnx", "--technique", "onnx-int8", "--data", "sample", "--quiet"]
    for words in (train, [*compress, "--output", str(graphs)]):
        subprocess.run([sys.executable, "-m", "emotion_bert", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return run, [graphs / "onnx", graphs / "onnx-int8"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="run folder of an fp32 model")
    parser.add_argument("--variants", nargs="*", type=Path, default=[], help="run folders made from it")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        run, variants = options.run, options.variants
        if run is None:
            run, variants = small_runs(Path(folder))
        ways: dict[str, Way] = {PLAIN: plain_way(run)}
        ways |= {str(path): load_run(path).predict_proba for path in (run, *variants)}
        texts = load_dataset(options.data).split("validation").texts[: options.texts]
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way(texts[:N_WARM_UP])
        for _ in range(options.rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                way(texts)
                speeds[name].append(len(texts) / (time.perf_counter() - start))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    result = {
        "benchmark": "bert_prediction",
        "run": str(run),
        "texts": len(texts),
        "texts_per_second": medians,
        "rounds": speeds,
        "times_plain": {name: speed / medians[PLAIN] for name, speed in medians.items()},
        "times_fp32": {name: speed / medians[str(run)] for name, speed in medians.items()},
        "threads": torch.get_num_threads(),
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
