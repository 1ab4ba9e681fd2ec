"""Compression: what each technique writes, that it reloads, and that the report is honest."""

from __future__ import annotations

import dataclasses
import json
import pickle
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from architectures_for_tests import ARCHITECTURES, make_config, make_tokenizer
from checkpoints_for_tests import MAKERS, SIZES
from click.testing import CliRunner
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import nn
from transformers import AutoModelForSequenceClassification, PreTrainedModel

import emotion_bert
import emotion_bert.compression.onnx_int8
import emotion_core
import emotion_core.compression.variant
import emotion_core.inference.onnx.classifier
from classifier_contract import check_classifier
from emotion_bert.compression import techniques
from emotion_bert.compression.onnx_export import save_onnx
from emotion_bert.compression.onnx_int8 import MOST_BY_COMPANY, save_onnx_int8
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.pruning import linear_layers, mask_smallest, pruned_model, save_pruned, sparsity
from emotion_bert.compression.source import TransformerSource
from emotion_bert.emotion_classifier import main
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.loading import load_run
from emotion_bert.models.registry import MODELS, Hyperparameters
from emotion_bert.models.structured import remove_heads, remove_neurons
from emotion_core.compression.compress import Asked, compress
from emotion_core.compression.measure import Loading, Measurement, Variant
from emotion_core.compression.report import remarks, table_rows
from emotion_core.compression.requirements import Requirement
from emotion_core.compression.technique import Technique
from emotion_core.compression.variant import BROKEN, FAILED, PASSED, SKIPPED
from emotion_core.data.dataset import Dataset
from emotion_core.data.load import load_dataset
from emotion_core.data.splits.parts import with_validation
from emotion_core.errors import ModelError, RunError
from emotion_core.inference.onnx.classifier import OnnxClassifier
from emotion_core.labels import EMOTIONS
from emotion_core.reporting.compare import compare_runs
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.runs.layouts import ONNX
from estimator_checks import check_copies
from shared_checks import DAMAGE, HEAVY_LIBRARIES, flip_a_bit, renew_hashes, run_python_of_card, writing_elsewhere

pytestmark = pytest.mark.xdist_group("compress")

TEXTS = ["i did not see that coming", "i feel so calm and happy today", "what", ""]
WIDE = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
"""The 4-bit kernels want matrices of a certain width."""
LEARNS = Hyperparameters(batch_size=16, learning_rate=2e-3, max_length=64)
NO_GATE = CompressionOptions(max_drop=1.0)
NOT_FOR_SERVING = set(HEAVY_LIBRARIES) - {"numpy"}


def compressed(
    source: TransformerSource, names: list[str], output: Path, options: CompressionOptions, **flags: bool
) -> list[Variant]:
    """What the techniques make of a run."""
    return compress(techniques.TOOLBOX, source, Asked(names, output, options, **flags))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each architecture, wide enough to be quantized; that of CardiffRoBERTa has learned a little."""
    made, sample = {}, load_dataset("sample")
    narrow = dict(SIZES)
    SIZES.update(WIDE)
    try:
        for name, make in MAKERS.items():
            folder = tmp_path_factory.mktemp("wide") / name
            folder.mkdir()
            make(folder)
            made[name] = tmp_path_factory.mktemp("runs") / name
            settings = dataclasses.replace(LEARNS, epochs=3 if name == "cardiffroberta" else 1)
            checkpoint = Checkpoint(MODELS[name], str(folder))
            train(checkpoint, settings, sample, made[name], seed=1, options=TrainingOptions(quiet=True, extras=False))
    finally:
        SIZES.update(narrow)
    return made


@pytest.fixture(scope="module")
def source(runs: dict[str, Path]) -> TransformerSource:
    """The run of CardiffRoBERTa, to be compressed."""
    return TransformerSource.read(runs["cardiffroberta"], load_dataset("sample"), "cpu", quiet=True)


@pytest.fixture(scope="module")
def variants(source: TransformerSource, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Variant]]:
    """Every technique, applied to it."""
    output = tmp_path_factory.mktemp("variants")
    made = compressed(source, list(techniques.TECHNIQUES), output, NO_GATE)
    return output, {variant.name: variant for variant in made}


@pytest.mark.acceptance
def test_every_technique_makes_a_run_that_is_used_like_any_other(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource
) -> None:
    """Each variant is verified, loaded, predicts rows of six probabilities, and is compared with the original."""
    output, made = variants
    assert {name: variant.reason for name, variant in made.items() if variant.state != PASSED} == {}
    for name in techniques.TECHNIQUES:
        assert verify_run(output / name) == []
        probabilities = load_run(output / name, "cpu").predict_proba(TEXTS)
        assert probabilities.shape == (4, 6)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        record = read_json(output / name, "run.json")["compression"]
        assert (record["technique"], record["of"]) == (name, str(source.run_dir))
    ranked = compare_runs([source.run_dir, *(output / name for name in techniques.TECHNIQUES)])
    assert {entry["run"] for entry in ranked} == {"cardiffroberta", *techniques.TECHNIQUES}


@pytest.mark.acceptance
@pytest.mark.parametrize("name", techniques.TECHNIQUES)
def test_the_code_in_the_card_of_a_variant_runs(
    variants: tuple[Path, dict[str, Variant]], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """transformers, or ONNX Runtime, opens each variant alone and prints the emotion that we predict."""
    run_python_of_card(variants[0] / name)
    (probabilities,) = load_run(variants[0] / name, "cpu").predict_proba(["i did not see that coming"])
    assert EMOTIONS[probabilities.argmax()] in capsys.readouterr().out


@pytest.mark.acceptance
@pytest.mark.parametrize("name", techniques.TECHNIQUES)
def test_a_pickled_or_copied_variant_predicts_the_same(
    variants: tuple[Path, dict[str, Variant]], name: str, tmp_path: Path
) -> None:
    """The classifier of each format survives pickle, copy and joblib."""
    check_copies(load_run(variants[0] / name, "cpu"), TEXTS, tmp_path)


@pytest.mark.acceptance
def test_a_pickled_graph_is_used_without_its_run(variants: tuple[Path, dict[str, Variant]], tmp_path: Path) -> None:
    """It holds the graph, so that another machine can use it; without the file it cannot be pickled, which is told."""
    run = shutil.copytree(variants[0] / "onnx", tmp_path / "run")
    classifier = load_run(run, "cpu")
    expected, pickled = classifier.predict_proba(TEXTS), pickle.dumps(classifier)
    shutil.rmtree(run)
    np.testing.assert_allclose(pickle.loads(pickled).predict_proba(TEXTS), expected, atol=1e-6)
    with pytest.raises(RunError, match="needed to pickle"):
        pickle.dumps(classifier)


READ = dict.fromkeys(("onnx", "onnx-int8"), ("inputs.json", "model.onnx", "tokenizer.json"))
READ["nf4"] = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
"""The files of a variant that loading reads."""


@pytest.mark.acceptance
@pytest.mark.parametrize("damage", ["empty", "half", "another beginning"])
@pytest.mark.parametrize("name", READ)
def test_a_damaged_variant_with_forged_hashes_ends_in_one_message(
    variants: tuple[Path, dict[str, Variant]], tmp_path: Path, name: str, damage: str
) -> None:
    """Whatever ONNX Runtime and bitsandbytes make of the damage, the user gets a RunError."""
    forged = shutil.copytree(variants[0] / name, tmp_path / name)
    for path in (forged / "model" / file for file in READ[name]):
        whole = path.read_bytes()
        path.write_bytes(DAMAGE[damage](whole))
        renew_hashes(forged)
        with pytest.raises(RunError, match=r"/model.*: (cannot be loaded|is not valid JSON)"):
            load_run(forged, "cpu")
        path.write_bytes(whole)


@pytest.mark.acceptance
@pytest.mark.parametrize("position", [0.3, 0.5])
@pytest.mark.parametrize("name", READ)
def test_a_flipped_bit_in_a_weight_of_a_variant_predicts(
    variants: tuple[Path, dict[str, Variant]], tmp_path: Path, name: str, position: float
) -> None:
    """A forger can change a weight; what comes out are probabilities all the same."""
    forged = shutil.copytree(variants[0] / name, tmp_path / name)
    flip_a_bit(forged / "model" / READ[name][1], position)
    renew_hashes(forged)
    found = load_run(forged, "cpu").predict_proba(["what a day"])
    assert found.shape == (1, 6)
    assert found.sum() == pytest.approx(1)


@pytest.mark.acceptance
@pytest.mark.parametrize("name", ["onnx", "onnx-int8"])
def test_a_variant_in_onnx_needs_no_files_of_transformers(
    variants: tuple[Path, dict[str, Variant]], tmp_path: Path, name: str
) -> None:
    """They are there for transformers; what they hold changes no probability."""
    forged = shutil.copytree(variants[0] / name, tmp_path / name)
    for file in ("config.json", "tokenizer_config.json"):
        (forged / "model" / file).write_bytes(b"")
    renew_hashes(forged)
    expected, found = (load_run(run, "cpu").predict_proba(TEXTS) for run in (variants[0] / name, forged))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.acceptance
def test_a_graph_keeps_the_contract_of_classifiers(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource, tmp_path: Path
) -> None:
    """It does what every classifier does, and says what the model says that it was exported from."""
    check_classifier(emotion_bert.load, variants[0] / "onnx", tmp_path, original=source.classifier())


@pytest.mark.acceptance
def test_batches_side_by_side_say_what_one_after_the_other_says(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts of several batches keep their order and their probabilities, on one core or several, from eight threads."""
    run = variants[0] / "onnx"
    texts = source.dataset.splits["train"].texts[:150]
    monkeypatch.setattr(emotion_core.inference.onnx.classifier, "usable_cores", lambda: 1)
    one_core = load_run(run).predict_proba(texts)
    monkeypatch.setattr(emotion_core.inference.onnx.classifier, "usable_cores", lambda: 3)
    classifier = load_run(run)
    np.testing.assert_allclose(classifier.predict_proba(texts), one_core, atol=1e-6)
    with ThreadPoolExecutor(8) as pool:
        for probabilities in pool.map(classifier.predict_proba, [texts] * 8):
            np.testing.assert_allclose(probabilities, one_core, atol=1e-6)


@pytest.mark.acceptance
def test_quantized_weights_are_smaller_and_the_head_is_not_quantized(
    variants: tuple[Path, dict[str, Variant]],
) -> None:
    """INT8 takes a quarter of the layers' weights, NF4 an eighth; what remains in fp32 is named."""
    output, made = variants
    sizes = {name: variant.result.sizes.size_bytes for name, variant in made.items()}
    assert sizes["nf4"] < sizes["int8"] < sizes["original"]
    assert sizes["onnx-int8"] < sizes["onnx"] / 1.8
    for name in ("int8", "nf4"):
        model = load_run(output / name, "cpu").model
        assert {type(layer).__name__ for layer in linear_layers(model).values()} <= {"Linear8bitLt", "Linear4bit"}
        assert type(model.classifier.out_proj) is nn.Linear
        assert made[name].result.details["in_full_precision"] == ["classifier"]


@pytest.mark.parametrize(("macro_f1", "tries"), [(None, 1), (0.0, 1), (1.01, 3)])
def test_int8_weights_are_held_otherwise_until_the_gate_is_passed(
    source: TransformerSource, tmp_path: Path, macro_f1: float | None, tries: int
) -> None:
    """The first way will do where it passes; where none does, all are tried and the best is the one that is written."""
    source.prepare(tmp_path)
    measured = dataclasses.replace(source, macro_f1=macro_f1)
    details = save_onnx_int8(measured, tmp_path, CompressionOptions(max_drop=0.005))
    assert len(details["tried"]) == tries
    best = max(details["tried"], key=lambda attempt: attempt["macro_f1"])
    assert (details["weights"], details["reduced_range"]) == (best["weights"], best["reduced"])
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["model.onnx"]
    written = OnnxClassifier.load_folder(tmp_path, source.cleaning, source.max_length, "cpu")
    split = source.dataset.splits["validation"]
    predicted = written.predict_proba(split.texts).argmax(axis=1)
    assert f1_score(split.labels, predicted, average="macro") == pytest.approx(best["macro_f1"])


def test_ranges_of_training_texts_make_a_text_independent_of_its_company(
    source: TransformerSource, tmp_path: Path
) -> None:
    """With --calibration-texts a short text says the same alone and beside longer ones, and the run says how many."""
    source.prepare(tmp_path)
    details = save_onnx_int8(source, tmp_path, CompressionOptions(max_drop=1.0, calibration_texts=50))
    assert details["ranges"] == "static, of 50 training texts"
    graph = OnnxClassifier.load_folder(tmp_path, source.cleaning, source.max_length, "cpu")
    alone = np.concatenate([graph.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(graph.predict_proba(TEXTS), alone, atol=1e-6)
    assert details["changed_by_company"] < 1e-6
    np.testing.assert_allclose(alone, source.classifier().predict_proba(TEXTS), atol=0.05)


def test_ranges_of_each_batch_let_company_change_a_text_by_no_more_than_is_stated(
    source: TransformerSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The largest change is measured and stands with the run; one beyond the tolerance is refused with the way out."""
    source.prepare(tmp_path)
    details = save_onnx_int8(source, tmp_path, CompressionOptions(max_drop=1.0))
    assert 0 < details["changed_by_company"] <= MOST_BY_COMPANY
    graph = OnnxClassifier.load_folder(tmp_path, source.cleaning, source.max_length, "cpu")
    alone = np.concatenate([graph.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(graph.predict_proba(TEXTS), alone, atol=MOST_BY_COMPANY)
    monkeypatch.setattr(emotion_bert.compression.onnx_int8, "MOST_BY_COMPANY", details["changed_by_company"] / 2)
    with pytest.raises(ModelError, match=r"with the other texts of its batch; .* Use --calibration-texts 512"):
        save_onnx_int8(source, tmp_path, CompressionOptions(max_drop=1.0))


@pytest.mark.parametrize("name", ["bertweet", "modernbert"])
def test_onnx_serves_the_other_architectures(
    name: str, runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """BERTweet, whose tokenizer only transformers knows, and ModernBERT become graphs that say the same."""
    source = TransformerSource.read(runs[name], small_data, "cpu", quiet=True)
    source.prepare(tmp_path)
    save_onnx(source, tmp_path, CompressionOptions())
    graph = OnnxClassifier.load_folder(tmp_path, source.cleaning, source.max_length, "cpu")
    np.testing.assert_allclose(graph.predict_proba(TEXTS), source.classifier().predict_proba(TEXTS), atol=1e-4)


@pytest.mark.acceptance
@pytest.mark.parametrize(
    ("module", "from_file"),
    [
        ("emotion_bert.emotion_classifier", False),
        ("emotion_bert.emotion_classifier", True),
        ("emotion_core.cli.main", False),
    ],
)
def test_an_onnx_run_is_used_without_what_training_needs(
    variants: tuple[Path, dict[str, Variant]], tmp_path: Path, module: str, from_file: bool
) -> None:
    """Where the tokenizer stands in tokenizer.json, ``predict`` of both packages imports nothing else that is heavy."""
    output, _ = variants
    program = (
        f"import sys; from {module} import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        f"assert not {NOT_FOR_SERVING} & set(sys.modules), {NOT_FOR_SERVING} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, "predict", str(output / "onnx-int8")]
    texts, predicted = tmp_path / "texts.csv", tmp_path / "predicted.jsonl"
    texts.write_text("text\ni feel fine\n", encoding="utf-8")
    asked = ["--input", str(texts), "--output", str(predicted)] if from_file else ["i feel fine", "--json"]
    told = subprocess.run([*command, *asked], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    answer = predicted.read_text(encoding="utf-8") if from_file else told.stdout
    assert json.loads(answer)["predicted_emotion"]


def test_layerwise_pruning_zeroes_the_share_in_each_layer(source: TransformerSource) -> None:
    """With 30 % by layer each linear layer of the encoder has 30 % zeros, the smallest, and the head none."""
    model = source.model()
    layers = linear_layers(model)
    before = {name: layer.weight.detach().clone() for name, layer in layers.items()}
    mask_smallest(list(layers.values()), 0.3, "layer")
    for name, layer in layers.items():
        zero = layer.weight == 0
        assert abs(float(zero.float().mean()) - 0.3) < 1e-3
        assert before[name][zero].abs().max() <= before[name][~zero].abs().min()
    assert not any(name.startswith("classifier") for name in layers)


def test_the_linear_layers_of_gpt_2_are_pruned() -> None:
    """They are of another class than those of BERT; with none found, a pruned model would be the old one."""
    config = make_config("gpt2", make_tokenizer(ARCHITECTURES["gpt2"], EMOTIONS, "right"))
    layers = list(linear_layers(AutoModelForSequenceClassification.from_config(config)).values())
    mask_smallest(layers, 0.5, "global")
    assert len(layers) == 2 * 4
    assert sparsity(layers) == pytest.approx(0.5, abs=1e-3)


def test_global_pruning_zeroes_the_share_over_all_layers(source: TransformerSource) -> None:
    """With 30 % of all layers, the layers differ, and the whole has 30 % zeros."""
    layers = list(linear_layers(source.model()).values())
    mask_smallest(layers, 0.3, "global")
    assert sparsity(layers) == pytest.approx(0.3, abs=1e-3)
    assert len({round(float((layer.weight == 0).float().mean()), 3) for layer in layers}) > 1


def test_a_run_that_was_trained_from_a_single_file_is_compressed_with_that_file(tmp_path: Path) -> None:
    """The split that was held out is made again from the record; the rows of another file are not taken for it."""
    sample, folder = load_dataset("sample"), tmp_path / "checkpoint"
    whole, other = tmp_path / "single.csv", tmp_path / "other.csv"
    sample.split("train").frame().to_csv(whole, index=False)
    sample.split("test").frame().to_csv(other, index=False)
    folder.mkdir()
    MAKERS["cardiffroberta"](folder)
    held_out = with_validation(load_dataset(whole), 3)
    checkpoint = Checkpoint(MODELS["cardiffroberta"], str(folder))
    settings = dataclasses.replace(LEARNS, epochs=1)
    train(checkpoint, settings, held_out, tmp_path / "run", 3, TrainingOptions(quiet=True, extras=False))
    found = TransformerSource.read(tmp_path / "run", load_dataset(whole), "cpu", quiet=True)
    for name in ("train", "validation"):
        assert found.dataset.split(name).texts == held_out.split(name).texts
    arguments = ["compress", str(tmp_path / "run"), "--technique", "prune", "--output", str(tmp_path / "small")]
    refused = CliRunner().invoke(main, [*arguments, "--data", str(other)])
    assert (refused.exit_code, refused.stderr.count("Error: ")) == (2, 1)
    assert "its rows are not those that" in refused.stderr


def test_recovery_trains_and_keeps_the_zeros(source: TransformerSource, tmp_path: Path) -> None:
    """After fine-tuning the same weights are zero and the others have moved."""
    options = CompressionOptions(amount=0.5, recover_epochs=1, recover_learning_rate=1e-3)
    for name, chosen in (("once", dataclasses.replace(options, recover_epochs=0)), ("recovered", options)):
        (tmp_path / name).mkdir()
        save_pruned(source, tmp_path / name, chosen)
        source.prepare(tmp_path / name)
    once, recovered = (
        linear_layers(dataclasses.replace(source, run_dir=folder).model())
        for folder in (_as_run(tmp_path / "once"), _as_run(tmp_path / "recovered"))
    )
    for name, layer in once.items():
        assert torch.equal(layer.weight == 0, recovered[name].weight == 0)
        assert not torch.equal(layer.weight, recovered[name].weight)


def test_recovery_leaves_nothing_among_temporary_files(
    source: TransformerSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed recovery can leave nothing there, because it writes nothing there."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (tmp_path / "model").mkdir()
    save_pruned(source, tmp_path / "model", CompressionOptions(recover_epochs=1))
    assert list(temporary.iterdir()) == []


def test_recovery_goes_on_with_the_loss_of_the_run(source: TransformerSource) -> None:
    """A run with labels smoothed away, or with one emotion that counts alone, is recovered by that loss."""
    options = CompressionOptions(amount=0.1, recover_epochs=3, recover_learning_rate=2e-3)
    smoothed = source.record.hyperparameters | {"label_smoothing": 0.999}
    flat = dataclasses.replace(source, record=dataclasses.replace(source.record, hyperparameters=smoothed))
    weights = source.record.extra | {"class_weights": [1e-4, 1e-4, 1e-4, 1e-4, 1.0, 1e-4]}
    only_fear = dataclasses.replace(source, record=dataclasses.replace(source.record, extra=weights))
    highest, fear = (_predicted(recovered, pruned_model(recovered, options)[0]) for recovered in (flat, only_fear))
    assert highest.max() < 0.4
    assert (fear.argmax(axis=1) == EMOTIONS.index("fear")).all()


def _predicted(source: TransformerSource, model: PreTrainedModel) -> NDArray[np.float64]:
    classifier = TransformerClassifier(model, source.tokenizer(), source.cleaning, source.max_length, "cpu")
    return classifier.predict_proba(TEXTS)


def _as_run(model: Path) -> Path:
    run = model.with_name(f"{model.name}-run")
    run.mkdir()
    model.rename(run / "model")
    return run


@pytest.mark.parametrize("name", list(MAKERS))
@pytest.mark.parametrize(("structured", "left"), [("heads", 2), ("ffn", 64)])
def test_structured_pruning_makes_a_smaller_model_that_reloads(
    name: str, structured: str, left: int, runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """Half of the heads or neurons are gone from every layer, and what is loaded says what was saved."""
    source = TransformerSource.read(runs[name], small_data, "cpu", quiet=True)
    model, details = pruned_model(source, CompressionOptions(amount=0.5, structured=structured))
    assert details["left_in_each_layer"] == left
    assert 0 < details["parameters_removed"] == source.model().num_parameters() - model.num_parameters()
    model.save_pretrained(tmp_path)
    source.prepare(tmp_path)
    reloaded = TransformerClassifier.load_folder(tmp_path, source.cleaning, source.max_length, "cpu").model
    ids = torch.arange(5, 25).view(2, 10)
    with torch.no_grad():
        assert torch.equal(reloaded(ids).logits, model(ids).logits)


@pytest.mark.parametrize("name", list(MAKERS))
def test_what_adds_nothing_can_be_removed_without_loss(name: str, runs: dict[str, Path], small_data: Dataset) -> None:
    """Heads and neurons whose output is multiplied by zero are those that go, and the logits stay."""
    model = TransformerSource.read(runs[name], small_data, "cpu").model()
    ids = torch.arange(5, 25).view(2, 10)
    with torch.no_grad():
        for module_name, layer in linear_layers(model).items():
            if module_name.endswith(("attention.output.dense", "attn.Wo")):
                layer.weight[:, :32] = 0  # the first two of four heads
            elif module_name.endswith(("output.dense", "mlp.Wo")):
                layer.weight[:, 64:] = 0  # the second half of the neurons
        expected = model(ids).logits
        assert remove_heads(model, 0.5) == 2
        assert remove_neurons(model, 0.5) == 64
        torch.testing.assert_close(model(ids).logits, expected)


@pytest.fixture(scope="module")
def troubled(source: TransformerSource, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Variant]]:
    """Three techniques: the first model changes on reloading, the second needs what is absent, the third is well."""
    output = tmp_path_factory.mktemp("troubled")
    measure_apart = emotion_core.compression.variant.measure_apart

    def altered(loading: Loading, *arguments: Any) -> Measurement:
        found = measure_apart(loading, *arguments)
        if ".prune" in str(loading.folder):
            found = found._replace(probe_probabilities=np.roll(found.probe_probabilities, 1, axis=1))
        return found

    absent = dataclasses.replace(techniques.TECHNIQUES["nf4"], needs=(Requirement("no_such_package"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emotion_core.compression.variant, "measure_apart", altered)
        patch.setitem(techniques.TECHNIQUES, "nf4", absent)
        made = compressed(source, ["prune", "nf4", "onnx"], output, NO_GATE)
    return output, made[1:]


def test_a_variant_that_changes_on_reloading_is_broken(troubled: tuple[Path, list[Variant]]) -> None:
    """What a new process loads must be what was saved; else the reason is told and no run folder appears."""
    output, (pruned, _, _) = troubled
    assert pruned.state == BROKEN
    assert "Loaded afresh" in pruned.reason
    assert not (output / "prune").exists()


def test_a_technique_that_cannot_run_here_says_why(troubled: tuple[Path, list[Variant]]) -> None:
    """A missing package is named with the command that installs it."""
    _, (_, skipped, _) = troubled
    assert skipped.state == SKIPPED
    assert "no_such_package not installed" in skipped.reason
    assert "pip install" in skipped.reason


def test_the_other_techniques_go_on(troubled: tuple[Path, list[Variant]]) -> None:
    """A broken and a skipped technique do not keep a third one from being made, and the table names all."""
    output, made = troubled
    assert made[2].state == PASSED
    assert verify_run(output / "onnx") == []
    assert [row[1].split(":")[0] for row in table_rows(made)] == [BROKEN, SKIPPED, PASSED]


def spoil(source: TransformerSource, folder: Path, options: CompressionOptions) -> dict[str, Any]:
    """Give ONNX Runtime something that is no graph: what it raises is an Exception of no common kind."""
    onnxruntime.InferenceSession(b"no graph")
    return {}


@pytest.mark.acceptance
def test_whatever_a_library_raises_the_other_techniques_go_on(
    source: TransformerSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ONNX Runtime's own kind breaks its technique alone, with the reason."""
    monkeypatch.setitem(techniques.TECHNIQUES, "onnx", Technique("spoilt", spoil, ONNX))
    _, spoilt, pruned = compressed(source, ["onnx", "prune"], tmp_path / "out", NO_GATE)
    assert (spoilt.state, pruned.state) == (BROKEN, PASSED)
    assert "protobuf" in spoilt.reason.lower()


@pytest.mark.acceptance
def test_int8_is_measured_against_the_run_it_is_made_from(source: TransformerSource, tmp_path: Path) -> None:
    """onnx-int8 hears what the run reaches, so that no way of holding the weights passes an impossible gate."""
    _, variant = compressed(source, ["onnx-int8"], tmp_path / "out", CompressionOptions(max_drop=-1.0))
    assert (variant.state, len(variant.result.details["tried"])) == (FAILED, 3)


@pytest.mark.acceptance
def test_the_gate_marks_a_variant_and_strict_fails(source: TransformerSource, tmp_path: Path) -> None:
    """A variant that loses more than allowed is kept and marked FAILED, and with --strict the exit code is 1."""
    words = ["compress", str(source.run_dir), "--technique", "prune", "--amount", "0.99", "--scope", "global"]
    words += ["--data", "sample", "--device", "cpu", "--quiet", "--output", str(tmp_path / "out")]
    told = CliRunner().invoke(main, [*words, "--max-drop", "0", "--strict", "--json"])
    assert told.stderr == ""
    original, pruned = json.loads(told.stdout)["variants"]
    assert pruned["metrics"]["macro_f1"]["value"] < original["metrics"]["macro_f1"]["value"]
    assert (pruned["state"], told.exit_code) == (FAILED, 1)
    assert verify_run(tmp_path / "out" / "prune") == []


@pytest.mark.acceptance
def test_the_report_says_what_pruning_does_not_do(variants: tuple[Path, dict[str, Variant]]) -> None:
    """The table has a row for each variant, and the remarks say what zeros are worth."""
    _, made = variants
    assert [row[0] for row in table_rows(list(made.values()))] == ["original", *techniques.TECHNIQUES]
    (pruned,) = (line for line in remarks(list(made.values()), techniques.TECHNIQUES) if line.startswith("prune:"))
    assert "30.0%" in pruned
    assert "nothing faster" in pruned


@pytest.mark.acceptance
def test_zeros_make_the_compressed_file_smaller(variants: tuple[Path, dict[str, Variant]]) -> None:
    """The pruned model is as large as the original and smaller after gzip."""
    _, made = variants
    original, pruned = made["original"].result, made["prune"].result
    assert pruned.sizes.size_bytes == pytest.approx(original.sizes.size_bytes, rel=0.01)
    assert pruned.sizes.gzip_bytes < original.sizes.gzip_bytes


@pytest.mark.acceptance
def test_a_compression_that_goes_on_takes_what_is_complete(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource
) -> None:
    """It writes the missing variants alone, and reports those that are there with the figures they had."""
    output, made = variants
    resumed = shutil.copytree(output, output.with_name("resumed"))
    shutil.rmtree(resumed / "onnx")
    (resumed / ".onnx.partial").mkdir()
    before = (resumed / "prune" / "run.json").stat().st_mtime_ns
    found = {entry.name: entry for entry in compressed(source, ["prune", "onnx"], resumed, NO_GATE, resume=True)}
    assert (resumed / "prune" / "run.json").stat().st_mtime_ns == before
    assert found["prune"].result == made["prune"].result
    assert found["onnx"].state == PASSED
    assert not [path.name for path in resumed.iterdir() if path.name.startswith(".")]


@pytest.mark.acceptance
def test_a_variant_with_other_options_is_not_taken(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource
) -> None:
    """The message names the option with both its values."""
    output, _ = variants
    with pytest.raises(RunError, match=r"prune: .*options\.amount: found 0\.3, wanted 0\.5"):
        compressed(source, ["prune"], output, dataclasses.replace(NO_GATE, amount=0.5), resume=True)


@pytest.mark.acceptance
def test_a_variant_that_another_train_split_recovered_is_not_taken(
    runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """Recovery reads the train split, so that other training texts make another variant; --force replaces it."""
    options = dataclasses.replace(NO_GATE, recover_epochs=1)
    fewer = dataclasses.replace(
        small_data,
        splits=small_data.splits
        | {"train": small_data.splits["train"].take(range(len(small_data.splits["train"]) - 6))},
    )
    source, other = (
        TransformerSource.read(runs["cardiffroberta"], data, "cpu", quiet=True) for data in (small_data, fewer)
    )
    compressed(source, ["prune"], tmp_path / "out", options)
    with pytest.raises(RunError, match=r"prune: .*data\.train: found"):
        compressed(other, ["prune"], tmp_path / "out", options, resume=True)
    compressed(other, ["prune"], tmp_path / "out", options, resume=True, force=True)
    assert read_json(tmp_path / "out" / "prune", "run.json")["data"]["splits"]["train"]["rows"] == 54


def test_a_second_compression_into_the_same_folder_is_told(source: TransformerSource, tmp_path: Path) -> None:
    """While one process writes the variants, another is refused and makes nothing."""
    with writing_elsewhere(tmp_path / "variants"), pytest.raises(RunError, match="another process"):
        compressed(source, ["prune"], tmp_path / "variants", NO_GATE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.acceptance
def test_what_cannot_be_compressed_is_refused(
    variants: tuple[Path, dict[str, Variant]], source: TransformerSource, small_data: Dataset
) -> None:
    """A compressed run names its original, and an architecture of unknown layers cannot lose heads."""
    output, _ = variants
    with pytest.raises(RunError, match=str(source.run_dir)):
        TransformerSource.read(output / "prune", small_data)
    model = source.model()
    model.config.model_type = "unknown"
    with pytest.raises(ModelError, match="modernbert"):
        remove_heads(model, 0.5)


def test_emotion_core_loads_what_is_in_onnx_and_names_the_package_of_the_rest(
    troubled: tuple[Path, list[Variant]], source: TransformerSource
) -> None:
    """The probabilities are those that emotion-bert gives; a run in safetensors is left to it."""
    output, _ = troubled
    expected = load_run(output / "onnx", "cpu").predict_proba(TEXTS)
    np.testing.assert_array_equal(emotion_core.load(output / "onnx", "cpu").predict_proba(TEXTS), expected)
    with pytest.raises(
        RunError, match=r"format 'transformers', expected 'onnx'\. Use the same command of emotion-bert"
    ):
        emotion_core.load(source.run_dir)


def test_a_run_that_needs_a_package_names_it(source: TransformerSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package was installed without its dependencies, a run in safetensors says what it lacks."""
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(RunError, match=r"the module transformers is not installed\. Do: pip install transformers$"):
        load_run(source.run_dir, "cpu")
