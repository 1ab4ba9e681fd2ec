"""Macro-F1 of a transformer against the share of its weights that pruning removes, with and without recovery.

    python benchmarks/pruning_curve.py runs/minilm --data emotion --output pruning

writes pruning/curve.json and pruning/curve.png. A curve that was broken off goes on where it was. Without a run,
MiniLM is fine-tuned on the bundled sample for one epoch.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from emotion_bert.compression.options import SCOPES, CompressionOptions
from emotion_bert.compression.pruning import pruned_model
from emotion_bert.compression.source import TransformerSource
from emotion_bert.models.classifier import TransformerClassifier
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.figures import save
from emotion_core.evaluation.metrics import compute_metrics
from emotion_core.evaluation.versus.paired_tests import compare_predictions
from emotion_core.system.claim import write_aside
from emotion_core.system.environment import host, installed_versions

AMOUNTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
ORIGINAL = {"amount": 0.0, "recover_epochs": 0}


class Curve:
    """The points of the curve, kept in a file as they are measured.

    Args:
        source: the run.
        folder: of ``curve.json`` and ``curve.png``.
        scope: of the pruning.
    """

    def __init__(self, source: TransformerSource, folder: Path, scope: str) -> None:
        self.source, self.folder, self.file = source, folder, folder / "curve.json"
        self.definition = {"benchmark": "pruning_curve", "run": str(source.run_dir), "scope": scope}
        self.split = source.dataset.split("validation")
        self.original = source.classifier().predict_proba(self.split.texts)
        self.points: list[dict[str, Any]] = []
        if self.file.is_file():
            known = json.loads(self.file.read_text(encoding="utf-8"))
            if {name: known[name] for name in self.definition} != self.definition:
                raise SystemExit(
                    f"{self.file}: is the curve of {known['run']}, {known['scope']}. Choose another --output."
                )
            self.points = known["points"]
        else:
            self.add(ORIGINAL, self.original, 0.0)

    def measured(self, options: CompressionOptions) -> bool:
        """Whether a point is there already."""
        return any(point.items() >= _place(options).items() for point in self.points)

    def measure(self, options: CompressionOptions) -> None:
        """Prune, and recover where the options say so, and add the point."""
        model, details = pruned_model(self.source, options)
        source = self.source
        classifier = TransformerClassifier(model, source.tokenizer(), source.cleaning, source.max_length, source.device)
        self.add(_place(options), classifier.predict_proba(self.split.texts), details["sparsity"])

    def add(self, place: dict[str, Any], probabilities: Any, sparsity: float) -> None:
        """Keep a point, and write the files."""
        labels = self.split.labels
        metrics = compute_metrics(labels, probabilities)
        versus = compare_predictions(labels, self.original.argmax(axis=1), probabilities.argmax(axis=1))
        scores = {name: metrics[name] for name in ("macro_f1", "accuracy")}
        self.points.append(place | {"sparsity": sparsity} | scores | {"versus_original": versus})
        print(f"{place}: macro-F1 {metrics['macro_f1']['value']:.4f}", file=sys.stderr)
        result = self.definition | {"points": self.points, "host": host(), "versions": installed_versions()}
        write_aside(self.file, json.dumps(result, indent=2) + "\n")
        save(self.drawn(), self.folder / "curve.png")

    def drawn(self) -> Figure:
        """Macro-F1 with its interval against the share removed, a line for each number of epochs of recovery."""
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.subplots()
        for epochs in sorted({point["recover_epochs"] for point in self.points}):
            line = [point for point in self.points if point["recover_epochs"] == epochs or point["amount"] == 0]
            line.sort(key=lambda point: point["amount"])
            amounts, scores = ([point[name] for point in line] for name in ("amount", "macro_f1"))
            label = f"{epochs} epoch of recovery" if epochs == 1 else f"{epochs} epochs of recovery"
            axes.plot(amounts, [score["value"] for score in scores], marker="o", label=label if epochs else "one-shot")
            axes.fill_between(
                amounts, [score["low"] for score in scores], [score["high"] for score in scores], alpha=0.15
            )
        axes.set(xlabel="share of weights removed", ylabel="macro-F1 on validation", title="What pruning costs")
        axes.legend()
        return figure


def _place(options: CompressionOptions) -> dict[str, Any]:
    return {"amount": options.amount, "recover_epochs": options.recover_epochs}


def main() -> None:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="run folder of emotion-bert")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--amounts", type=float, nargs="+", default=AMOUNTS, metavar="SHARE")
    parser.add_argument("--scope", choices=SCOPES, default=SCOPES[0])
    parser.add_argument("--recover-epochs", type=int, default=1, help="0 leaves recovery out")
    parser.add_argument("--output", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, output = options.run, options.output or Path(folder)
        if run is None:
            run = Path(folder) / "minilm"
            train = ["train", "--model", "minilm", "--data", "sample", "--epochs", "1", "--output", str(run), "--quiet"]
            subprocess.run([sys.executable, "-m", "emotion_bert", *train], check=True)  # noqa: S603 - our own program
        output.mkdir(parents=True, exist_ok=True)
        curve = Curve(TransformerSource.read(run, load_dataset(options.data)), output, options.scope)
        for epochs in dict.fromkeys((0, options.recover_epochs)):
            for amount in options.amounts:
                chosen = dataclasses.replace(
                    CompressionOptions(), amount=amount, scope=options.scope, recover_epochs=epochs
                )
                if not curve.measured(chosen):
                    curve.measure(chosen)
        print(curve.file.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
