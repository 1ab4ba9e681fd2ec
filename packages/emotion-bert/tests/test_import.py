"""Importing the checkpoints of old studies: what becomes of them, and what is refused."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from checkpoints_for_tests import save_old_checkpoint
from click.testing import CliRunner, Result
from torch.nn.utils import prune
from transformers import AutoModelForSequenceClassification, set_seed

import emotion_bert
from emotion_bert.emotion_classifier import main
from emotion_bert.legacy.import_checkpoint import ImportOptions, fill, import_checkpoint
from emotion_bert.legacy.old_checkpoint import OldCheckpoint, read_checkpoint
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.models.start import build_model
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json, verify_run
from shared_checks import help_of

TEXTS = ["what a day", "i did not expect to see you here", "no", "i feel so alone"]
HEAD = "classifier.out_proj.weight"


def old_model(checkpoint: Checkpoint) -> torch.nn.Module:
    """A model of the six emotions as an old study had it, with weights that differ from any fresh model's."""
    set_seed(7)
    model = build_model(checkpoint).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3 * torch.randn_like(weight))  # else every text gets nearly the same logits
    return model


def logits(model: torch.nn.Module, checkpoint: Checkpoint) -> np.ndarray:
    """What a model gives for `TEXTS`."""
    batch = load_tokenizer(checkpoint, 48)(TEXTS, padding=True, truncation=True, max_length=48, return_tensors="pt")
    with torch.inference_mode():
        return model(**batch).logits.numpy()


def call(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def roberta(checkpoints: dict[str, Checkpoint]) -> Checkpoint:
    """The checkpoint that most tests import."""
    return checkpoints["cardiffroberta"]


@pytest.fixture
def weights(roberta: Checkpoint) -> dict[str, torch.Tensor]:
    """The weights of an old model, of which a test may alter some."""
    return dict(old_model(roberta).state_dict())


def test_an_imported_model_gives_the_logits_of_the_old_one(
    checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path
) -> None:
    """Of each architecture, what the run holds computes what the old model computed, and the run is whole."""
    model = old_model(checkpoint)
    old = read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", model.state_dict(), checkpoint))
    import_checkpoint(
        old, checkpoint, small_data, tmp_path / "run", options=ImportOptions(max_length=48, device="cpu", quiet=True)
    )
    assert logits(model, checkpoint).std(axis=0).max() > 0.01  # the texts differ, so that agreement means something
    imported = AutoModelForSequenceClassification.from_pretrained(tmp_path / "run" / "model").eval()
    np.testing.assert_allclose(logits(imported, checkpoint), logits(model, checkpoint), atol=1e-5)
    probabilities = torch.softmax(torch.from_numpy(logits(model, checkpoint)), dim=-1).numpy()
    classifier = emotion_bert.load(tmp_path / "run", "cpu")
    np.testing.assert_allclose(classifier.predict_proba(TEXTS), probabilities, atol=1e-5)
    assert verify_run(tmp_path / "run") == []


def test_weights_besides_config_and_tokenizer_are_not_needed(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], small_data: Dataset, tmp_path: Path
) -> None:
    """A folder without model.safetensors is enough to import, as the old file brings all weights."""
    folder = shutil.copytree(roberta.location, tmp_path / "bare")
    (folder / "model.safetensors").unlink()
    bare = Checkpoint(roberta.entry, str(folder))
    old = read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", weights, roberta))
    import_checkpoint(
        old, bare, small_data, tmp_path / "run", options=ImportOptions(max_length=48, device="cpu", quiet=True)
    )
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()


def test_the_record_says_where_the_model_comes_from(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], small_data: Dataset, tmp_path: Path
) -> None:
    """The run keeps the hash of the file and all it says of itself, and its card claims no training."""
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta, best_f1=0.93, optimizer_state_dict={"state": {}})
    old = read_checkpoint(file)
    import_checkpoint(
        old, roberta, small_data, tmp_path / "run", options=ImportOptions(max_length=40, device="cpu", quiet=True)
    )
    record = read_json(tmp_path / "run", "run.json")
    origin = record["imported_from"]
    assert (origin["file"], origin["sha256"]) == ("old.pt", hashlib.sha256(file.read_bytes()).hexdigest())
    assert (origin["model_name"], origin["best_f1"], origin["compression_type"]) == ("MyModel", 0.93, None)
    assert origin["left_out"] == ["optimizer_state_dict"]
    assert record["hyperparameters"] == {"learning_rate": 2e-5, "max_length": 40, "seed": 13}
    assert (record["seed"], record["text_cleaning"], record["package"]) == (13, "social_media", "emotion-bert")
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert "`old.pt`" in card
    assert "Trained with" not in card
    assert "best epoch" not in card


def test_an_import_can_be_evaluated_used_and_compared(
    checkpoints: dict[str, Checkpoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the command line, a run of an old file goes where any run goes, with the length that the file says."""
    from emotion_core.reporting.compare import compare_runs

    monkeypatch.chdir(tmp_path)
    names = ("modernbert", "bertweet")
    for name in names:
        file = save_old_checkpoint(
            tmp_path / f"{name}.pt", old_model(checkpoints[name]).state_dict(), checkpoints[name]
        )
        imported = call("import", file, "--data", "sample", "--device", "cpu", "--quiet")
        assert imported.exit_code == 0, imported.output
        assert imported.stdout.startswith(f"{Path('runs') / name}: validation of sample")
    assert read_json(Path("runs/bertweet"), "run.json")["hyperparameters"]["max_length"] == 48
    evaluated = call("evaluate", "runs/bertweet", "--data", "sample", "--json")
    assert json.loads(evaluated.stdout)["n"] == 150
    assert call("predict", "runs/modernbert", "what a day", "--json").exit_code == 0
    ranked = compare_runs([Path("runs") / name for name in names])
    assert {entry["model"] for entry in ranked} == set(names)


def test_the_options_come_before_what_the_file_says(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """--model-id and --max-length replace a model_id that is nowhere and the length of the old training."""
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta, model_id="./moved/away")
    refused = call("import", file, "--data", "sample", "--output", tmp_path / "run")
    assert refused.exit_code == 2
    assert "--model-id" in refused.stderr
    options = ("--model-id", roberta.location, "--max-length", 20, "--data", "sample", "--quiet")
    imported = call("import", file, "--output", tmp_path / "run", *options)
    assert imported.exit_code == 0, imported.output
    assert read_json(tmp_path / "run", "run.json")["hyperparameters"]["max_length"] == 20


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
def test_prefixes_of_wrappers_are_taken_off(
    prefix: str, roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """The names that DataParallel and torch.compile give are those of the plain model afterwards."""
    wrapped = {f"{prefix}{name}": weight for name, weight in weights.items()}
    read = read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", wrapped, roberta)).weights
    assert read.keys() == weights.keys()
    assert all(torch.equal(read[name], weight) for name, weight in weights.items())


def test_a_name_with_and_without_prefix_is_refused(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """Two weights that would get one name are not silently one."""
    both = weights | {f"module.{HEAD}": weights[HEAD] + 1}
    with pytest.raises(ModelError, match=f"{HEAD} twice"):
        read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", both, roberta))


def test_pruned_pairs_become_plain_weights(roberta: Checkpoint, tmp_path: Path) -> None:
    """Pairs that torch.nn.utils.prune left are multiplied, so that the model computes what the pruned one did."""
    model = old_model(roberta)
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    for module in linear:
        prune.l1_unstructured(module, "weight", amount=0.4)
    file = save_old_checkpoint(tmp_path / "old.pt", model.state_dict(), roberta, compression_type="pruned")
    plain = build_model(roberta).eval()
    fill(plain, read_checkpoint(file))
    np.testing.assert_allclose(logits(plain, roberta), logits(model, roberta), atol=1e-5)
    assert (plain.state_dict()[HEAD] == 0).float().mean() == pytest.approx(0.4, abs=0.02)


def test_a_mask_of_another_shape_is_refused(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """A mask that would be spread over the weight by broadcasting is named instead."""
    pruned = weights | {f"{HEAD}_orig": weights[HEAD], f"{HEAD}_mask": torch.ones(1)}
    del pruned[HEAD]
    with pytest.raises(ModelError, match=rf"{HEAD}_mask has the shape \(1,\)"):
        read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", pruned, roberta))


def test_position_ids_of_older_transformers_do_not_stand_in_the_way(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """The buffer that older versions saved, and newer ones make anew, is no surplus key."""
    older = weights | {"roberta.embeddings.position_ids": torch.arange(514).expand(1, -1)}
    fill(build_model(roberta), read_checkpoint(save_old_checkpoint(tmp_path / "old.pt", older, roberta)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda weights: weights.pop(HEAD), f"1 missing ({HEAD})"),
        (
            lambda weights: weights.update({f"extra.{i}": torch.ones(1) for i in range(5)}),
            "5 surplus (extra.0, extra.1",
        ),
        (
            lambda weights: weights.update({HEAD: torch.ones(3, 16)}),
            f"1 of another shape ({HEAD} (3, 16) instead of (6, 16))",
        ),
        (
            lambda weights: weights.update({HEAD: torch.full((6, 16), torch.nan)}),
            f"1 not finite floating-point numbers ({HEAD})",
        ),
        (
            lambda weights: weights.update({HEAD: torch.ones(6, 16, dtype=torch.int32)}),
            f"1 not finite floating-point numbers ({HEAD})",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named_and_nothing_is_written(
    change: Any,
    expected: str,
    roberta: Checkpoint,
    weights: dict[str, torch.Tensor],
    small_data: Dataset,
    tmp_path: Path,
) -> None:
    """Missing and surplus keys, wrong shapes and broken values are told with their number and the first names."""
    change(weights)
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta)
    with pytest.raises(ModelError) as caught:
        import_checkpoint(
            read_checkpoint(file),
            roberta,
            small_data,
            tmp_path / "run",
            options=ImportOptions(max_length=48, quiet=True),
        )
    assert expected in str(caught.value)
    assert str(file) in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["old.pt"]


def test_weights_of_another_model_are_refused(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """A ModernBERT file does not become a RoBERTa; the message counts what is missing and what is surplus."""
    file = save_old_checkpoint(
        tmp_path / "old.pt", old_model(checkpoints["modernbert"]).state_dict(), checkpoints["modernbert"]
    )
    model = build_model(checkpoints["cardiffroberta"])
    with pytest.raises(ModelError, match=rf"{len(model.state_dict())} missing .*surplus"):
        fill(model, read_checkpoint(file))


def quantized_tensor(weights: dict[str, torch.Tensor]) -> None:
    """Put an 8-bit weight in, as bitsandbytes saves it."""
    weights[HEAD] = torch.ones(6, 16, dtype=torch.int8)


def quantization_state(weights: dict[str, torch.Tensor]) -> None:
    """Put the scale of a 4-bit weight in, as bitsandbytes saves it."""
    weights[f"{HEAD}.absmax"] = torch.ones(6)


@pytest.mark.parametrize(
    ("compression", "change"),
    [("int8", None), ("nf4", None), ("combined", None), (None, quantized_tensor), ("none", quantization_state)],
)
def test_quantized_checkpoints_are_refused_with_the_way_round(
    compression: str | None, change: Any, roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """By what the file says or by what it holds; the message sends to the plain checkpoint and to compress."""
    if change:
        change(weights)
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta, compression_type=compression)
    with pytest.raises(ModelError, match=r"plain checkpoint .* emotion-bert compress"):
        read_checkpoint(file)


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("form", ["torch.save", "old torch.save", "pickle"])
def test_code_in_a_checkpoint_is_not_run(form: str, tmp_path: Path) -> None:
    """A payload that any plain unpickling would run is refused with one message, and its marker is absent."""
    marker, file = tmp_path / "marker", tmp_path / "evil.pt"
    content = {"model_state_dict": {"weight": torch.ones(2)}, "config": {"x": Payload(marker)}}
    if form == "pickle":
        file.write_bytes(pickle.dumps(Payload(marker)))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=form == "torch.save")
    result = call("import", file, "--data", "sample", "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {file}: ")
    assert "No code in it was run" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not marker.exists()


def test_the_payload_of_these_tests_works_where_it_is_let(tmp_path: Path) -> None:
    """Unpickled without care, it does make its marker; else its absence would prove nothing."""
    pickle.loads(pickle.dumps(Payload(tmp_path / "marker")))
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "no such file"),
        (b"", "damaged"),
        (b"this is a text\n", "damaged"),
        (b"PK\x03\x04 no archive", "damaged"),
        ([1, 2], "found a list, expected a dictionary with 'model_state_dict'"),
        ({"epoch": 3, "model": {}}, "found the keys epoch, model, expected a dictionary with 'model_state_dict'"),
        ({"model_state_dict": {}}, "holds no weights"),
        ({"model_state_dict": {"a": "b"}}, "a is a str, expected a tensor"),
        ({"model_state_dict": {"a": torch.ones(1)}}, "does not say its 'model_id'"),
        ({"model_state_dict": {"a": torch.ones(1)}, "config": "none"}, "'config' is a str, expected a dictionary"),
        (
            {"model_state_dict": {"a": torch.ones(1)}, "model_id": "minilm", "config": {"max_length": "long"}},
            "has the max_length 'long'",
        ),
    ],
)
def test_what_is_no_checkpoint_ends_with_one_message(content: Any, expected: str, tmp_path: Path) -> None:
    """Exit code 2, a message that names the file, and no run folder."""
    file = tmp_path / "old.pt"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        torch.save(content, file)
    result = call("import", file, "--data", "sample", "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {file}: ")
    assert expected in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def always_anger(folder: Path, roberta: Checkpoint) -> torch.nn.Module:
    """A model whose outputs are in alphabetical order and that says the first of them, as its config in a folder."""
    labels = dict(enumerate(sorted(EMOTIONS)))
    model = AutoModelForSequenceClassification.from_pretrained(
        shutil.copytree(roberta.location, folder),
        num_labels=6,
        id2label=labels,
        label2id={name: label for label, name in labels.items()},
    )
    with torch.no_grad():
        model.classifier.out_proj.weight.zero_()
        model.classifier.out_proj.bias.copy_(torch.tensor([9.0, 0, 0, 0, 0, 0]))
    model.config.save_pretrained(folder)
    return model


NAMED: dict[str, dict[str, Any]] = {
    "in the config of the file": {"config": {"id2label": dict(enumerate(sorted(EMOTIONS)))}},
    "by label2id": {"config": {"label2id": {name: label for label, name in enumerate(sorted(EMOTIONS))}}},
    "beside the config": {"id2label": {str(label): name.upper() for label, name in enumerate(sorted(EMOTIONS))}},
    "as a list": {"config": {"label_names": sorted(EMOTIONS)}},
}


@pytest.mark.parametrize(
    "place", [*NAMED, "in the folder of the model", "in the folder of the model, by label2id alone", "by the user"]
)
def test_outputs_in_another_order_are_put_into_ours(place: str, roberta: Checkpoint, tmp_path: Path) -> None:
    """Whatever names them, a model that says anger says anger afterwards, and the record says what named them."""
    model = always_anger(tmp_path / "named", roberta)
    source = tmp_path / "named" if place.startswith("in the folder") else Path(roberta.location)
    if place.endswith("alone"):
        config = read_json(source, "config.json")
        del config["id2label"]
        (source / "config.json").write_text(json.dumps(config), encoding="utf-8")
    file = save_old_checkpoint(
        tmp_path / "old.pt", model.state_dict(), roberta, model_id=str(source), **NAMED.get(place, {})
    )
    given = ("--labels", ", ".join(sorted(EMOTIONS))) if place == "by the user" else ()
    imported = call("import", file, "--data", "sample", "--output", tmp_path / "run", "--quiet", *given)
    assert imported.exit_code == 0, imported.output
    assert "anger, fear, joy, love, sadness, surprise by" in imported.stderr
    assert call("predict", tmp_path / "run", "what a day").stdout.startswith("anger")
    origin = read_json(tmp_path / "run", "run.json")["imported_from"]
    assert origin["outputs"] == sorted(EMOTIONS)
    assert origin["outputs_named_by"] in ("the file", "--labels", f"the config of {source}")


@pytest.mark.parametrize(
    "names", [["anger", "disgust", "fear", "joy", "sadness", "surprise"], EMOTIONS[:5], [*EMOTIONS[:5], "joy"]]
)
@pytest.mark.parametrize("way", ["file", "option"])
def test_outputs_of_other_names_are_refused(
    names: list[str], way: str, roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """The message has the names that were found, those that are expected, and the option that helps."""
    config = {"config": {"id2label": dict(enumerate(names))}} if way == "file" else {}
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta, **config)
    given = ("--labels", ",".join(names)) if way == "option" else ()
    refused = call("import", file, "--data", "sample", "--output", tmp_path / "run", *given)
    assert refused.exit_code == 2
    assert f"its outputs are {', '.join(names)} by" in refused.stderr
    assert "--labels" in refused.stderr
    assert not (tmp_path / "run").exists()


def test_outputs_that_nothing_names_are_told(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """Our order is assumed, and both the terminal and the record say so."""
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta)
    imported = call("import", file, "--data", "sample", "--output", tmp_path / "run", "--quiet")
    assert imported.exit_code == 0, imported.output
    assert "nothing names its outputs, so they are taken for sadness, joy, love" in imported.stderr
    assert read_json(tmp_path / "run", "run.json")["imported_from"]["outputs_named_by"] == "nothing; assumed"


def test_labels_of_a_head_that_is_gone_do_not_count(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """A model of three labels that was fine-tuned on the six says nothing of their order."""
    folder = shutil.copytree(roberta.location, tmp_path / "sentiment")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["id2label"] = {"0": "negative", "1": "neutral", "2": "positive"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta, model_id=str(folder))
    imported = call("import", file, "--data", "sample", "--output", tmp_path / "run", "--quiet")
    assert imported.exit_code == 0, imported.output
    assert "nothing names its outputs" in imported.stderr


def test_weights_in_half_precision_are_imported_in_fp32(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """The record tells the format of the file and of the model."""
    half = {name: weight.half() for name, weight in weights.items()}
    file = save_old_checkpoint(tmp_path / "old.pt", half, roberta)
    assert call("import", file, "--data", "sample", "--output", tmp_path / "run", "--quiet").exit_code == 0
    record = read_json(tmp_path / "run", "run.json")
    assert record["weights"] == {"in the file": "float16", "loaded as": "float32"}
    model = emotion_bert.load(tmp_path / "run", "cpu").model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_truncated_checkpoint_is_refused(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """A file that was cut short is called damaged."""
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(ModelError, match="damaged"):
        read_checkpoint(file)


def test_what_the_file_says_is_kept_as_json_can_hold_it(tmp_path: Path) -> None:
    """Dtypes, infinities, tuples and lone surrogates of an old config do not stop the run from being written."""
    config = {"dtype": torch.float16, "best": float("inf"), "betas": (0.9, 0.999), "note": "\ud800", 1: None}
    file = tmp_path / "old.pt"
    torch.save({"model_state_dict": {"a": torch.ones(1)}, "model_id": "minilm", "config": config}, file)
    said = read_checkpoint(file).config
    expected = {"dtype": "torch.float16", "best": "inf", "betas": [0.9, 0.999], "note": "\ufffd", "1": None}
    assert json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8")) == expected


def test_a_run_in_the_way_is_kept_unless_forced(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], small_data: Dataset, tmp_path: Path
) -> None:
    """The command refuses to write over a run before it loads any data, and --force replaces it."""
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta)
    old: OldCheckpoint = read_checkpoint(file)
    import_checkpoint(
        old, roberta, small_data, tmp_path / "run", options=ImportOptions(max_length=48, device="cpu", quiet=True)
    )
    arguments = ("import", file, "--data", tmp_path / "absent.csv", "--output", tmp_path / "run")
    assert "exists already" in call(*arguments).stderr
    assert "no such file" in call(*arguments, "--force").stderr


def test_a_run_that_holds_the_checkpoint_or_its_model_is_not_replaced(
    roberta: Checkpoint, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """Not with --force either: the file to be imported, or the folder that gives config and tokenizer, would go."""
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    file = save_old_checkpoint(tmp_path / "old.pt", weights, roberta)
    assert "holds the input" in call("import", file, "--data", "sample", "--output", tmp_path, "--force").stderr
    told = call("import", file, "--data", "sample", "--output", roberta.location, "--force").stderr
    assert "is the input itself" in told


def test_help_shows_an_example_and_loads_no_torch() -> None:
    """The help of the command needs no heavy library."""
    shown, heavy = help_of("emotion_bert.emotion_classifier", "import")
    assert "Example" in shown
    assert heavy == []
