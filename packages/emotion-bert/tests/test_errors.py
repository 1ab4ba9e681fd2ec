"""What becomes of the errors of ONNX Runtime, tokenizers, safetensors and transformers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import safetensors
from onnx import ModelProto, TensorProto, helper
from torch import nn

from emotion_bert.models.loading import load_run
from emotion_bert.trainer.average import AVERAGE_FILE, WeightAverage
from emotion_bert.trainer.saved_epochs import telling_damage
from emotion_core.errors import ModelError, RunError
from emotion_core.inference.encoding.tokens import fast_encoder
from emotion_core.inference.onnx.classifier import OnnxClassifier
from emotion_core.inference.onnx.sessions import start_session
from library_errors import check_rows, errors_in, not_mapped
from shared_checks import renew_hashes


def gather(vocabulary: int) -> ModelProto:
    """A graph that looks the ids of each text up in a table of so many numbers."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "longest"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", "longest"])
    table = helper.make_tensor("table", TensorProto.FLOAT, [vocabulary], [0.0] * vocabulary)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])], "g", [ids], [logits], [table]
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def test_every_error_of_safetensors_is_mapped() -> None:
    """The other libraries raise errors without a class in common, and their places catch every Exception."""
    check_rows("emotion-bert")
    assert not_mapped("emotion-bert", errors_in(safetensors)) == set()


@pytest.mark.parametrize("damage", ["absent", "no protobuf", "no graph", "unknown operator"])
def test_onnx_runtime_cannot_load(tmp_path: Path, damage: str) -> None:
    """NoSuchFile, InvalidProtobuf, InvalidGraph and Fail are told with the file."""
    path, model = tmp_path / "model.onnx", gather(9)
    if damage == "unknown operator":
        model.graph.node[0].op_type = "Gathers"
    if damage != "absent":
        whole = {"no protobuf": b"\xff" * 9, "no graph": b""}
        path.write_bytes(whole.get(damage, model.SerializeToString()))
    with pytest.raises(RunError, match=r"model\.onnx: cannot be loaded"):
        start_session(path, "cpu")


class NineForAll:
    """A tokenizer that knows one token."""

    whole_words = False

    def __call__(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        """The same id for each text."""
        return {"input_ids": [[9]] * len(texts)}

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """No text is cut."""
        return [False] * len(texts)

    def vocabulary(self) -> list[str]:
        """The one token."""
        return ["a"]


def test_onnx_runtime_cannot_compute() -> None:
    """An id for which the graph has no row, InvalidArgument, is told in one message."""
    graph = gather(2).SerializeToString()
    classifier = OnnxClassifier(graph, NineForAll(), {"input_ids": 0}, "letters_only", 9, "cpu")
    with pytest.raises(ModelError, match="ONNX Runtime cannot compute the model"):
        classifier.predict_proba(["a"])


def test_tokenizers_cannot_load(tmp_path: Path) -> None:
    """A tokenizer.json that is none is told with its path."""
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match=r"tokenizer\.json: cannot be loaded"):
        fast_encoder(tmp_path, 9)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_run_that_safetensors_or_transformers_cannot_load(run: Path, tmp_path: Path, name: str) -> None:
    """Whichever file of the model is damaged, with right hashes, the run is told."""
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "model" / name).write_bytes(b"\x09damage")
    renew_hashes(copy)
    with pytest.raises(RunError, match=str(copy)):
        load_run(copy, "cpu")


def test_an_unfinished_training_that_safetensors_cannot_load(tmp_path: Path) -> None:
    """A damaged checkpoint is told with how to throw it away."""
    (tmp_path / AVERAGE_FILE).write_bytes(b"\x09damage")
    average = WeightAverage(nn.Linear(1, 1), 0.5)
    with pytest.raises(RunError, match=r"is damaged .*--force"), telling_damage(tmp_path):
        average.load(tmp_path)
