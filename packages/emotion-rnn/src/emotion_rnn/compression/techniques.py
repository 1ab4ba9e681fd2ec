"""The techniques: what each is called, needs, and does. A new one is an entry here and a function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.compression.requirements import Requirement
from emotion_core.compression.technique import Technique, Toolbox
from emotion_core.runs.layouts import ONNX_OF_WORDS
from emotion_rnn.network.own_process import quiet_tensorflow

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.compression.options import GateOptions
    from emotion_core.data.dataset import Dataset
    from emotion_core.runs.record import RunRecord
    from emotion_core.runs.record_parts import Settings
    from emotion_rnn.compression.source import RecurrentSource

PACKAGES = {"onnx": False, "onnxruntime": True}
"""The packages to look for; True for those whose native code may fail to load."""

NEEDS = tuple(map(Requirement, PACKAGES))

# The functions import within, so that choices and help texts do not wait for TensorFlow.


def _onnx(source: RecurrentSource, folder: Path, options: GateOptions) -> Settings:
    from emotion_rnn.compression.onnx_export import save_onnx

    return save_onnx(source, folder, options)


def _onnx_int8(source: RecurrentSource, folder: Path, options: GateOptions) -> Settings:
    from emotion_rnn.compression.onnx_export import save_onnx_int8

    return save_onnx_int8(source, folder, options)


TECHNIQUES: dict[str, Technique[RecurrentSource, GateOptions]] = {
    "onnx": Technique("ONNX graph", _onnx, ONNX_OF_WORDS, NEEDS),
    "onnx-int8": Technique(
        "ONNX graph with INT8 weights", _onnx_int8, ONNX_OF_WORDS, NEEDS, remark="The small way; as fast as onnx."
    ),
}
"""The techniques by name."""


def _read(run_dir: Path, dataset: Dataset, device: str, quiet: bool) -> RecurrentSource:
    from emotion_rnn.compression.source import RecurrentSource

    return RecurrentSource.read(run_dir, dataset, device, quiet=quiet)


def _load(folder: Path, record: RunRecord, device: str) -> Classifier:
    from emotion_rnn.loading import load_member

    return load_member(folder, record, device)


TOOLBOX = Toolbox(ONNX_OF_WORDS.package, TECHNIQUES, PACKAGES, _read, _load, quiet_tensorflow)
