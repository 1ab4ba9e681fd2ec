"""Several models and seeds in one call, their ensemble and their ranking."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import TINY

import emotion_bert
import emotion_core
from classifier_contract import check_classifier
from emotion_bert.emotion_classifier import main
from emotion_bert.finetuning.train_models import train_models
from emotion_bert.machine.computing import ANYWHERE, TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.loading import load_run
from emotion_bert.models.registry import MODELS, find_models
from emotion_core.classifier import apply_temperature
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError, RunError
from emotion_core.runs.folder import read_json, verify_run

pytestmark = pytest.mark.xdist_group("seeds")

SEEDS = range(5, 7)


@pytest.fixture(scope="session")
def seeded(small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model fine-tuned with two seeds."""
    output = tmp_path_factory.mktemp("models") / "modernbert"
    settings = dataclasses.replace(TINY, epochs=1)
    plans = [(checkpoints["modernbert"], settings, output)]
    train_models(plans, small_data, output, SEEDS, options=TrainingOptions(computing=ANYWHERE, quiet=True))
    return output


def texts_of(data: Dataset) -> list[str]:
    """The validation texts."""
    return data.splits["validation"].texts


def test_each_seed_has_a_run_and_the_spread_is_written(seeded: Path) -> None:
    """Every seed is a whole run with its own seed, and seeds.json has their mean."""
    for seed in SEEDS:
        assert verify_run(seeded / f"seed-{seed}") == []
        assert read_json(seeded / f"seed-{seed}", "run.json")["seed"] == seed
    values = [read_json(seeded / f"seed-{seed}", "metrics.json")["accuracy"]["value"] for seed in SEEDS]
    assert read_json(seeded, "seeds.json")["accuracy"]["mean"] == pytest.approx(sum(values) / 2)


def test_the_ensemble_is_a_run_that_averages_its_members(seeded: Path, small_data: Dataset) -> None:
    """Loaded from its own folder, the ensemble gives the mean of the members' probabilities, at its own temperature."""
    assert verify_run(seeded / "ensemble") == []
    record = read_json(seeded / "ensemble", "run.json")
    assert record["members"] == ["seed-5", "seed-6"]
    assert record["parameters"] == 2 * read_json(seeded / "seed-5", "run.json")["parameters"]
    members = [emotion_bert.load(seeded / name) for name in record["members"]]
    for member in members:
        member.temperature = 1.0
    mean = sum(member.predict_proba(texts_of(small_data)) for member in members) / 2
    expected = apply_temperature(mean, record["calibration"]["temperature"])
    ensemble = load_run(seeded / "ensemble")
    np.testing.assert_allclose(ensemble.predict_proba(texts_of(small_data)), expected, atol=1e-6)


def test_an_ensemble_keeps_the_contract_of_classifiers(seeded: Path, tmp_path: Path) -> None:
    """It does what every classifier does."""
    check_classifier(emotion_bert.load, seeded / "ensemble", tmp_path)


def test_the_ensemble_is_used_like_any_run(seeded: Path, tmp_path: Path) -> None:
    """The commands evaluate and predict take the folder of an ensemble."""
    evaluated = CliRunner().invoke(
        main, ["evaluate", str(seeded / "ensemble"), "--data", "sample", "--json", "--output", str(tmp_path / "run")]
    )
    assert evaluated.exit_code == 0, evaluated.output
    assert json.loads(evaluated.stdout)["n"] == 150
    assert read_json(tmp_path / "run", "run.json")["model"] == "modernbert-ensemble"
    predicted = CliRunner().invoke(main, ["predict", str(seeded / "ensemble"), "what a day", "--json"])
    assert sum(json.loads(predicted.stdout)[f"probability_{name}"] for name in ("joy", "sadness")) <= 1


def test_an_ensemble_becomes_one_of_graphs(seeded: Path, tmp_path: Path) -> None:
    """Each member is converted, and emotion-core alone says what the ensemble says; other techniques name the members.

    The graphs are measured beside the ensemble, and have a temperature for their mean.
    """
    words = [str(seeded / "ensemble"), "--data", "sample", "--output", str(tmp_path / "made"), "--max-drop", "1"]
    techniques = ("--technique", "onnx", "--technique", "prune")
    made = CliRunner().invoke(main, ["compress", *words, *techniques, "--json"])
    assert made.exit_code == 0, made.output
    _, onnx, prune = json.loads(made.stdout)["variants"]
    assert (onnx["state"], prune["state"]) == ("passed", "skipped")
    assert "compress a member: seed-5, seed-6" in prune["reason"]
    run = tmp_path / "made" / "onnx"
    assert verify_run(run) == []
    assert read_json(run, "run.json")["members"] == ["seed-5", "seed-6"]
    assert read_json(run / "model" / "seed-5", "inputs.json").get("temperature") is None
    ensemble, graphs = load_run(seeded / "ensemble"), emotion_core.load(run)
    ensemble.temperature = graphs.temperature = 1.0
    texts = ["what a day", "i did not see that coming", ""]
    np.testing.assert_allclose(graphs.predict_proba(texts), ensemble.predict_proba(texts), atol=1e-4)


@pytest.mark.acceptance
def test_seeds_side_by_side_give_the_same_runs(
    seeded: Path, small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """Two processes train two seeds to the predictions that one process gives one after the other."""
    output = tmp_path / "modernbert"
    plan = (checkpoints["modernbert"], dataclasses.replace(TINY, epochs=1), output)
    one_thread = dataclasses.replace(ANYWHERE, threads=1)
    train_models(
        [plan], small_data, output, SEEDS, workers=2, options=TrainingOptions(computing=one_thread, quiet=True)
    )
    texts = texts_of(small_data)
    for run in (*(f"seed-{seed}" for seed in SEEDS), "ensemble"):
        expected, found = (load_run(folder / run, "cpu").predict_proba(texts) for folder in (seeded, output))
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_one_seed_shows_its_epochs_whatever_the_workers(
    small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With nothing to train side by side, --workers silences nothing."""
    plan = (checkpoints["bertweet"], dataclasses.replace(TINY, epochs=1), tmp_path / "run")
    train_models(
        [plan], small_data, tmp_path / "run", range(1, 2), workers=2, options=TrainingOptions(computing=ANYWHERE)
    )
    told = capsys.readouterr()
    assert "Epoch 1/1" in told.out + told.err


def test_workers_in_a_distributed_training_are_refused(
    small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would start processes; the message says which option to leave out."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    plan = (checkpoints["bertweet"], TINY, tmp_path / "both")
    with pytest.raises(ModelError, match="leave it out"):
        train_models([plan], small_data, tmp_path, SEEDS, workers=2, options=TrainingOptions(computing=ANYWHERE))


def test_several_models_are_ranked(small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """Each model has its folder, the ranking is by macro-F1, and the page names all of them."""
    settings = dataclasses.replace(TINY, epochs=1)
    names = ("bertweet", "cardiffroberta")
    plans = [(checkpoints[name], settings, tmp_path / name) for name in names]
    ranked = train_models(
        plans, small_data, tmp_path, range(1, 2), options=TrainingOptions(computing=ANYWHERE, quiet=True)
    )
    assert {entry.model for entry in ranked} == set(names)
    scores = [entry.metrics.macro_f1.value for entry in ranked]
    assert scores == sorted(scores, reverse=True)
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert all(name in page for name in names)


def test_what_is_finished_is_kept_on_resume_and_refused_without(
    seeded: Path, small_data: Dataset, checkpoints: dict[str, Checkpoint]
) -> None:
    """Run again with --resume nothing is trained anew; without it the first run in the way is named."""
    plans = [(checkpoints["modernbert"], dataclasses.replace(TINY, epochs=1), seeded)]
    before = (seeded / "seed-5" / "run.json").stat(), (seeded / "ensemble" / "run.json").stat()
    ranked = train_models(
        plans, small_data, seeded, SEEDS, options=TrainingOptions(computing=ANYWHERE, resume=True, quiet=True)
    )
    counts = [len(entry.runs) for entry in sorted(ranked, key=lambda entry: entry.run)]
    assert counts == [1, 2]  # the ensemble, the seeds
    assert before == ((seeded / "seed-5" / "run.json").stat(), (seeded / "ensemble" / "run.json").stat())
    with pytest.raises(RunError, match="seed-5: exists already"):
        train_models(plans, small_data, seeded, SEEDS, options=TrainingOptions(computing=ANYWHERE, quiet=True))


def test_a_finished_training_is_said_to_be_complete(
    run: Path,
    small_data: Dataset,
    checkpoints: dict[str, Checkpoint],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With --resume a run of the same data, settings and seed is kept, also one of version 0.1 with no definition."""
    for name in ("new", "old"):
        output = shutil.copytree(run, tmp_path / name)
        record = read_json(output, "run.json")
        if name == "old":
            del record["definition"]
            (output / "run.json").write_text(json.dumps(record), encoding="utf-8")
        plan = (checkpoints["cardiffroberta"], TINY, output)
        train_models(
            [plan],
            small_data,
            output,
            range(1, 2),
            options=TrainingOptions(computing=ANYWHERE, resume=True, quiet=True),
        )
        assert f"{output}: complete already." in capsys.readouterr().out
        assert read_json(output, "run.json") == record


def test_a_finished_training_of_something_else_is_not_kept(
    run: Path, seeded: Path, small_data: Dataset, checkpoints: dict[str, Checkpoint]
) -> None:
    """With --resume a run of other settings, data or seed is refused and what differs is named, before any training."""
    fewer = dataclasses.replace(
        small_data,
        splits=small_data.splits
        | {"train": small_data.splits["train"].take(range(len(small_data.splits["train"]) - 6))},
    )
    longer, other = dataclasses.replace(TINY, epochs=9), dataclasses.replace(TINY, epochs=1)
    for name, settings, folder, data, seeds, told in (
        (
            "cardiffroberta",
            longer,
            run,
            small_data,
            range(1, 2),
            r"cardiffroberta: .*settings\.epochs: found 2, wanted 9",
        ),
        ("cardiffroberta", TINY, run, fewer, range(1, 2), r"data\.train: found"),
        ("cardiffroberta", TINY, run, small_data, range(3, 4), "seed: found 1, wanted 3"),
        ("modernbert", other, seeded, fewer, SEEDS, r"seed-5: .*data\.train: found"),
    ):
        with pytest.raises(RunError, match=told):
            train_models(
                [(checkpoints[name], settings, folder)],
                data,
                folder,
                seeds,
                options=TrainingOptions(computing=ANYWHERE, resume=True, quiet=True),
            )


def test_more_seeds_make_the_ensemble_anew(
    seeded: Path, small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """A seed more is trained with --resume, and the ensemble has all members."""
    output = shutil.copytree(seeded, tmp_path / "more")
    plan = (checkpoints["modernbert"], dataclasses.replace(TINY, epochs=1), output)
    train_models(
        [plan], small_data, output, range(5, 8), options=TrainingOptions(computing=ANYWHERE, resume=True, quiet=True)
    )
    assert read_json(output / "ensemble", "run.json")["members"] == ["seed-5", "seed-6", "seed-7"]
    assert verify_run(output / "ensemble") == []
    assert read_json(output / "seed-5", "run.json") == read_json(seeded / "seed-5", "run.json")


def test_all_means_every_model_of_the_registry() -> None:
    """The word all stands for the whole registry, and for nothing beside it."""
    assert [entry.name for entry in find_models(["ALL"])] == list(MODELS)
    with pytest.raises(ModelError, match="every model already"):
        find_models(["all", "minilm"])
    with pytest.raises(ModelError, match="bertweet is named twice"):
        find_models(["bertweet", "vinai/bertweet-base"])
