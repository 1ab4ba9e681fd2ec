"""Runs that were altered or forged are refused, and nothing that they carry is executed."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from safetensors import safe_open

from emotion_bert.models.loading import load_run
from emotion_core.errors import RunError
from emotion_core.inference.onnx.sessions import start_session
from emotion_core.runs.folder import read_json
from shared_checks import DAMAGE, flip_a_bit, renew_hashes


@pytest.fixture
def forged(run: Path, tmp_path: Path) -> Path:
    """A copy of a run, to be altered."""
    return shutil.copytree(run, tmp_path / "forged")


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._marker,)


@pytest.mark.parametrize("position", [0.0, 0.3, 0.7, 1.0])
def test_a_flipped_bit_in_any_file_of_the_model_is_named(forged: Path, position: float) -> None:
    """The message has the file and the way out; nothing is loaded of a model that is not the one that was saved."""
    for path in sorted((forged / "model").iterdir()):
        whole = path.read_bytes()
        flip_a_bit(path, position)
        with pytest.raises(RunError, match=rf"model/{path.name}: was altered.*Copy the run again"):
            load_run(forged)
        path.write_bytes(whole)
    load_run(forged)


def probabilities(run: Path) -> NDArray[np.float32]:
    """Of one text."""
    return load_run(run).predict_proba(["what a day"])


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_a_damaged_file_with_forged_hashes_ends_in_one_message(forged: Path, name: str, damage: str) -> None:
    """Whatever the libraries make of the damage, the user gets a RunError that names the model."""
    path = forged / "model" / name
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    renew_hashes(forged)
    with pytest.raises(RunError, match=r"/model(: cannot be loaded|/config\.json: is not valid JSON)"):
        load_run(forged)


@pytest.mark.parametrize("position", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
def test_a_flipped_bit_in_a_weight_with_forged_hashes_predicts(forged: Path, position: float) -> None:
    """A forger can change a weight; what comes out are probabilities all the same."""
    flip_a_bit(forged / "model" / "model.safetensors", position)
    renew_hashes(forged)
    found = probabilities(forged)
    assert found.shape == (1, 6)
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not valid JSON"),
        (b'{"schema": 1', "is not valid JSON"),
        (b'{"schema": "\xff"}', "is not valid JSON"),
        (b"\0" * 100, "is not valid JSON"),
        (b'{"files": ' + b"[" * 100_000, "is not valid JSON"),
        (b"[]", "found a JSON list"),
        (b"null", "found a JSON NoneType"),
        (b"{}", "found schema None"),
    ],
    ids=["empty", "cut short", "no UTF-8", "zeros", "deep", "list", "null", "nothing in it"],
)
def test_a_damaged_record_ends_in_one_message(forged: Path, content: bytes, message: str) -> None:
    """What is no record is told as that, with the file."""
    (forged / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=rf"run\.json: {message}"):
        load_run(forged)


@pytest.mark.parametrize("part", ["schema", "package", "text_cleaning", "hyperparameters", "files"])
def test_a_flipped_bit_in_the_name_of_what_loading_needs_is_told(forged: Path, part: str) -> None:
    """The record is valid JSON and lacks one thing; the message has the run."""
    text = (forged / "run.json").read_text(encoding="utf-8")
    (forged / "run.json").write_text(text.replace(f'"{part}":', f'"{part[:-1]}_":', 1), encoding="utf-8")
    with pytest.raises(RunError, match=f"^{re.escape(str(forged))}"):
        load_run(forged)


def test_what_loading_does_not_need_may_be_missing(run: Path, forged: Path) -> None:
    """A record without the rest changes no probability."""
    needed = ("schema", "kind", "package", "text_cleaning", "hyperparameters", "calibration", "format", "files")
    record = {name: value for name, value in read_json(forged, "run.json").items() if name in needed}
    record["files"] = {name: value if "model/" in name else "0" for name, value in record["files"].items()}
    (forged / "run.json").write_text(json.dumps(record), encoding="utf-8")
    np.testing.assert_array_equal(probabilities(forged), probabilities(run))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"schema": 2}, r"run\.json: found schema 2"),
        ({"package": "emotion-rnn"}, "is a run of emotion-rnn"),
        ({"text_cleaning": "shred"}, r"run\.json: says not how the texts are cleaned"),
        ({"hyperparameters": None}, r"run\.json: hyperparameters: found None"),
        ({"hyperparameters": {}}, r"run\.json: found the max_length None"),
        ({"hyperparameters": {"max_length": "many"}}, r"run\.json: found the max_length 'many'"),
        ({"files": None}, r"run\.json: files: found None"),
        ({"files": {}}, r"model/config\.json: is not part of the run"),
        ({"format": "pickle"}, "is in the format 'pickle'"),
        ({"calibration": None}, r"run\.json: calibration: found None"),
        ({"calibration": {"temperature": -1}}, r"run\.json: calibration\.temperature: found"),
        ({"calibration": {"temperature": float("nan")}}, r"run\.json: calibration\.temperature: found"),
        ({"members": ["nowhere"]}, r"model/nowhere: cannot be loaded"),
    ],
    ids=str,
)
def test_a_record_that_does_not_say_what_loading_needs_is_told(
    forged: Path, record: dict[str, object], message: str
) -> None:
    """A run.json that lacks something, or says something else, ends with one message that names it."""
    (forged / "run.json").write_text(json.dumps(read_json(forged, "run.json") | record), encoding="utf-8")
    with pytest.raises(RunError, match=message):
        load_run(forged)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors:UserWarning")  # of a model without labels
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *product(("hidden_size", "vocab_size", "id2label", "model_type"), (None, -1, "many", [], {}, 1e300)),
        *product(("num_hidden_layers",), (None, -1, 0, 7, "many", [], {}, 1e300)),
    ],
)
def test_a_configuration_of_other_kinds_ends_in_one_message(forged: Path, name: str, value: object) -> None:
    """Whatever transformers makes of the altered value, the user gets a RunError that names the model."""
    path = forged / "model" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {name: value}), encoding="utf-8")
    renew_hashes(forged)
    with pytest.raises(RunError, match=r"/model: (cannot be loaded|\d+ weights are not those of the model)"):
        load_run(forged)


@pytest.mark.parametrize("stated", [{"quant_method": "awq"}, {"quant_method": "gptq", "bits": 4}, {}, [], 8])
def test_a_quantization_that_is_not_ours_is_refused(forged: Path, stated: object) -> None:
    """transformers would ask for a package that has nothing to do with this one; compress uses bitsandbytes alone."""
    path = forged / "model" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"quantization_config": stated}
    path.write_text(json.dumps(config), encoding="utf-8")
    renew_hashes(forged)
    with pytest.raises(RunError, match=r"quantization_config names .*expected 'bitsandbytes'"):
        load_run(forged)


def test_code_in_a_folder_is_not_executed(forged: Path, tmp_path: Path) -> None:
    """Python code in a model folder is refused, and a config that points to it is read without it."""
    marker, model = tmp_path / "marker", forged / "model"
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Config: pass\nclass Model: pass\n"
    (model / "evil.py").write_text(code, encoding="utf-8")
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    pointers = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    for change in ({"auto_map": pointers}, {"auto_map": pointers, "model_type": "evil"}):
        (model / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
        renew_hashes(forged)
        with pytest.raises(RunError, match=r"cannot be loaded \(holds evil\.py"):
            load_run(forged)
    shutil.move(model / "evil.py", tmp_path / "evil.py")
    for change in ({"auto_map": pointers}, {"auto_map": pointers, "model_type": "evil"}):
        (model / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
        renew_hashes(forged)
        if "model_type" in change:
            with pytest.raises(RunError, match="cannot be loaded"):
                load_run(forged)
        else:
            load_run(forged)
    assert not marker.exists()
    subprocess.run([sys.executable, tmp_path / "evil.py"], check=True)
    assert marker.exists()


def test_a_pickle_in_the_place_of_weights_is_not_read(forged: Path, tmp_path: Path) -> None:
    """Neither under its own name nor under that of safetensors does a pickle get to run."""
    marker, model = tmp_path / "marker", forged / "model"
    payload = pickle.dumps(Payload(marker))
    (model / "model.safetensors").unlink()
    for name in ("pytorch_model.bin", "model.safetensors"):
        (model / name).write_bytes(payload)
        renew_hashes(forged)
        with pytest.raises(RunError, match="cannot be loaded"):
            load_run(forged)
    assert not marker.exists()
    pickle.loads(payload)
    assert marker.exists()


def test_members_are_not_sought_outside_the_run(run: Path, forged: Path) -> None:
    """An ensemble that names a folder elsewhere as a member is refused, though a model lies there."""
    elsewhere = shutil.copytree(run / "model", forged.parent / "elsewhere")
    for name in ("../../elsewhere", str(elsewhere)):
        renew_hashes(forged, members=[name])
        with pytest.raises(RunError, match="cannot be loaded"):
            load_run(forged)


def test_weights_are_not_sought_outside_the_folder(forged: Path, tmp_path: Path) -> None:
    """An index of sharded weights that names a file elsewhere is refused, though good weights lie there."""
    weights, index = forged / "model" / "model.safetensors", forged / "model" / "model.safetensors.index.json"
    with safe_open(weights, "pt") as file:
        names = list(file.keys())
    shutil.move(weights, tmp_path / "elsewhere.safetensors")
    for place in ("../../elsewhere.safetensors", str(tmp_path / "elsewhere.safetensors")):
        index.write_text(json.dumps({"weight_map": dict.fromkeys(names, place)}), encoding="utf-8")
        renew_hashes(forged)
        with pytest.raises(RunError, match=r"index\.json: names weights outside its folder"):
            load_run(forged)
    shutil.move(tmp_path / "elsewhere.safetensors", forged / "model" / "shard.safetensors")
    stated = {"metadata": {}, "weight_map": dict.fromkeys(names, "shard.safetensors")}
    index.write_text(json.dumps(stated), encoding="utf-8")
    renew_hashes(forged)
    load_run(forged)


def test_a_link_out_of_the_run_is_refused(forged: Path, tmp_path: Path) -> None:
    """Neither a file nor the folder of the model may lie elsewhere, though the hashes are right."""
    weights, model = forged / "model" / "model.safetensors", forged / "model"
    for path in (weights, model):
        shutil.move(path, tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(RunError, match="is a link to something outside"):
            load_run(forged)
        path.unlink()
        shutil.move(tmp_path / "elsewhere", path)
    load_run(forged)


@pytest.mark.parametrize("place", ["../secret.bin", "{folder}/secret.bin"])
def test_a_graph_gets_no_file_from_elsewhere(forged: Path, place: str) -> None:
    """An ONNX graph whose weights stand in a file outside its folder is refused."""
    place = place.format(folder=forged)
    (forged / "secret.bin").write_bytes(np.arange(6, dtype=np.float32).tobytes())
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[6], data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value=place)
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [6])
    graph = helper.make_graph([helper.make_node("Identity", ["w"], ["y"])], "g", [], [output], [weights])
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    path = forged / "model" / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(RunError, match="cannot be loaded"):
        start_session(path)
    weights.external_data[0].value = "secret.bin"
    shutil.copy(forged / "secret.bin", path.parent)
    path.write_bytes(
        helper.make_model(
            helper.make_graph(graph.node, "g", [], [output], [weights]), ir_version=10, opset_imports=model.opset_import
        ).SerializeToString()
    )
    assert start_session(path).run(None, {})[0].tolist() == [0, 1, 2, 3, 4, 5]


WATCHED = """
import site, sys
from pathlib import Path
from emotion_bert.models.loading import load_run
from emotion_core.errors import EmotionError
run, *forged = map(Path, sys.argv[1:])
load_run(run, "cpu").predict_proba(["what a day"])  # what the libraries read once, they have read now
ours = [Path(path).resolve() for path in (*sys.path, sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev") if path]
inside, found = run.resolve(), []

def watch(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        found.append(f"{event} {arguments}")
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | bytes):
        name = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()
        if not any(Path(name).resolve().is_relative_to(place) for place in (inside, *ours)):
            found.append(f"{event} {name}")

sys.addaudithook(watch)
load_run(run, "cpu").predict_proba(["what a day"])
for folder in forged:
    inside = folder.resolve()
    try:
        load_run(folder, "cpu").predict_proba(["what a day"])
    except EmotionError as error:
        print("refused", error)
    else:
        print("loaded", folder)
print("found", *found, sep="\\n")
"""


def forge_adapter(model: Path, elsewhere: Path) -> None:
    """An adapter, whose base model lies elsewhere or on the hub."""
    (model / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(elsewhere)}), "utf-8")
    shutil.copy(model / "model.safetensors", model / "adapter_model.safetensors")


def forge_vocabulary(model: Path, elsewhere: Path) -> None:
    """A tokenizer whose files lie elsewhere."""
    said = json.loads((model / "tokenizer_config.json").read_text("utf-8"))
    named = {"vocab_file": str(elsewhere / "vocab.txt"), "tokenizer_file": str(elsewhere / "tokenizer.json")}
    (model / "tokenizer_config.json").write_text(json.dumps(said | named), "utf-8")


def forge_attention(model: Path, elsewhere: Path) -> None:
    """A model whose attention is code on the hub."""
    said = json.loads((model / "config.json").read_text("utf-8"))
    (model / "config.json").write_text(json.dumps(said | {"attn_implementation": "somebody/attention"}), "utf-8")


def forge_weights(model: Path, elsewhere: Path) -> None:
    """A model that names weights elsewhere."""
    said = json.loads((model / "config.json").read_text("utf-8"))
    named = {"transformers_weights": "../../elsewhere/model.safetensors"}
    (model / "config.json").write_text(json.dumps(said | named), "utf-8")


@pytest.mark.acceptance
def test_a_run_opens_nothing_but_its_own_files(run: Path, tmp_path: Path) -> None:
    """Neither a whole run nor one that was forged opens a file elsewhere or a socket; the forged ones are refused."""
    elsewhere, forged = shutil.copytree(run / "model", tmp_path / "elsewhere"), []
    for forge in (forge_adapter, forge_vocabulary, forge_attention, forge_weights):
        forged.append(shutil.copytree(run, tmp_path / forge.__name__ / "run"))
        forge(forged[-1] / "model", elsewhere)
        renew_hashes(forged[-1])
    told = subprocess.run(
        [sys.executable, "-c", WATCHED, run, *forged], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split()[0] for line in told] == ["refused"] * len(forged) + ["found"]
