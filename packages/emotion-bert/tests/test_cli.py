"""The emotion-bert command line."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from completions import offers
from emotion_bert.emotion_classifier import main
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.registry import MODELS
from emotion_core.errors import ModelError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json
from help_texts import help_faults
from numeric_options import check_numeric_options
from shared_checks import check_mistake, help_of


def call(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_train_evaluate_and_predict_follow_each_other(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """A run fine-tuned from a local folder can be evaluated and used, and its options reach the run."""
    output = tmp_path / "mine"
    options = ("--epochs", 1, "--batch-size", 64, "--learning-rate", 1e-3, "--max-length", 32, "--seed", 9, "--quiet")
    trained = call(
        "train", "--model", checkpoints["modernbert"].location, "--data", "sample", "--output", output, *options
    )
    assert trained.exit_code == 0, trained.output
    record = read_json(output, "run.json")
    assert (record["seed"], record["model"]) == (9, "modernbert")
    settings = record["hyperparameters"]
    assert [settings[name] for name in ("epochs", "batch_size", "learning_rate", "max_length")] == [1, 64, 1e-3, 32]
    evaluated = call("evaluate", output, "--data", "sample", "--split", "test", "--json")
    metrics = json.loads(evaluated.stdout)
    assert (metrics["data"]["split"], metrics["n"]) == ("test", 150)
    predicted = call("predict", output, "what a day", "--json")
    assert json.loads(predicted.stdout)["predicted_emotion"] in EMOTIONS


def test_models_lists_the_registry() -> None:
    """Every model of the registry is a row with its source, as a table and as JSON."""
    lines = call("models").stdout.splitlines()[2:]
    assert [line.split()[0] for line in lines] == list(MODELS)
    listed = json.loads(call("models", "--json").stdout)
    assert {name: entry["source"] for name, entry in listed.items()} == {n: e.source for n, e in MODELS.items()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--model", "robberta", "--data", "sample"), "no such model"),
        (("train", "--data", "sample"), "--model"),
        (("train", "--model", "minilm", "--data", "sample", "--recipe", "published"), "minilm has no recipe"),
        (("train", "--model", "all", "--model", "minilm", "--data", "sample"), "every model already"),
        (("train", "--model", "minilm", "--data", "absent.csv"), "no such file"),
        (("train", "--model", "minilm", "--data", "sample", "--epochs", "0"), "--epochs"),
        (("evaluate", "absent", "--data", "sample"), "no such run folder"),
        (("predict", "absent", "text"), "no such run folder"),
    ],
)
def test_a_mistake_ends_with_one_message_and_exit_code_2(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong is said on standard error, without a traceback, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    check_mistake(call(*arguments), message, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("train", "--model", "minilm"), ("compress", "absent")])
def test_the_data_folder_is_no_output(command: tuple[str, ...], tmp_path: Path) -> None:
    """Neither of a training nor of a compression; nothing is written there."""
    (tmp_path / "train.csv").write_text("text,label\nso glad,joy\n", encoding="utf-8")
    result = call(*command, "--force", "--data", tmp_path, "--output", tmp_path)
    assert result.exit_code == 2
    assert "is the input itself" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


def test_the_working_folder_is_a_run_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variants get a folder beside it, with its name and an ending, so the dot is no obstacle."""
    monkeypatch.chdir(tmp_path)
    assert "is not a complete run" in call("compress", ".", "--data", "sample").stderr


def test_the_run_that_is_compressed_is_no_output(tmp_path: Path) -> None:
    """The variants would become a part of it."""
    result = call("compress", tmp_path, "--data", "sample", "--force", "--output", tmp_path)
    assert (result.exit_code, "is the input itself" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("compress", "absent"), "compression.json"),
        (("train", "--model", "minilm", "--model", "bertweet"), "comparison.html"),
    ],
)
def test_a_table_or_page_of_earlier_runs_is_replaced_by_force_alone(
    command: tuple[str, ...], file: str, tmp_path: Path
) -> None:
    """Other runs in the same folder do not take its place unasked; the message comes before any work."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / file).write_text("mine", encoding="utf-8")
    result = call(*command, "--data", "sample", "--output", tmp_path / "runs")
    assert f"{file}: exists already. Choose another --output, or replace it with --force." in result.stderr
    assert (tmp_path / "runs" / file).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("command", [None, "train", "evaluate", "predict", "compress", "models"])
def test_help_shows_an_example_and_loads_no_torch(command: str | None) -> None:
    """Help has an example, names the models from the registry, and needs no heavy library."""
    shown, heavy = help_of("emotion_bert.emotion_classifier", *([command] if command else []))
    assert "Example" in shown
    assert heavy == []
    if command == "train":
        assert all(name in shown for name in MODELS)


def test_every_command_says_what_each_option_does_and_ends_with_an_example() -> None:
    """Sentences that stand alone, numbers with their range, headings where there are many options."""
    assert help_faults({"emotion-bert": main}) == []


@pytest.mark.parametrize(
    ("words", "beginning", "offered"),
    [
        ("train --model", "m", ["modernbert", "minilm"]),
        ("train --model", "A", ["all"]),
        ("import old.pt --model-id", "bert", ["bertweet"]),
        ("train --class-weights", "b", ["balanced"]),
        ("compress runs/a --technique", "on", ["onnx", "onnx-int8"]),
        ("compress runs/a", "--int8", ["--int8-outliers"]),
        ("compress runs/a", "--thr", []),
    ],
)
def test_models_and_techniques_are_completed(
    words: str, beginning: str, offered: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Tab key offers the names of the registries, and no name that an option had before."""
    monkeypatch.chdir(tmp_path)
    assert offers(main, words, beginning) == [("plain", value) for value in offered]


@pytest.mark.parametrize("name", ["--int8-outliers", "--threshold"])
def test_the_outliers_of_int8_have_a_former_name(name: str) -> None:
    """``--threshold``, which reads like that of abstaining, is taken as before and stands in no help."""
    compress = main.commands["compress"]
    taken = compress.make_context("compress", ["runs/a", name, "4.5"]).params
    assert (taken["int8_outliers"], "threshold" in taken) == (4.5, False)
    assert compress.make_context("compress", ["runs/a"]).params["int8_outliers"] == 6.0
    assert "--threshold" not in call("compress", "--help").output


def test_every_option_refuses_what_is_no_number_within_its_bounds() -> None:
    """NaN, infinity and what lies beyond a bound are one message, before anything is read."""
    assert check_numeric_options(main) >= 25


def test_the_last_of_several_seeds_counts(tmp_path: Path) -> None:
    """A training whose second seed is none is refused before the first."""
    arguments = ("train", "--model", "minilm", "--data", "sample", "--output", tmp_path / "runs")
    result = call(*arguments, "--seed", 4294967295, "--seeds", 2)
    check_mistake(
        result, "--seed 4294967295 with --seeds 2, the last seed: found 4294967296, expected a whole number", tmp_path
    )


def test_class_weights_without_a_name_are_refused(tmp_path: Path) -> None:
    """An empty text is not taken for the working folder."""
    arguments = ("train", "--model", "minilm", "--data", "sample", "--output", tmp_path / "runs", "--class-weights", "")
    check_mistake(
        call(*arguments), "class_weights: found '', expected none, balanced, or the name of a JSON file.", tmp_path
    )


@pytest.mark.parametrize("setting", [{"warmup_ratio": float("nan")}, {"lora_rank": 10**11}, {"epochs": True}])
def test_settings_in_python_have_the_same_bounds(setting: dict[str, float]) -> None:
    """A number that the command line refuses is refused by the hyperparameters too, by name."""
    with pytest.raises(ModelError, match=f"^{next(iter(setting))}: found "):
        dataclasses.replace(MODELS["minilm"].defaults, **setting)


@pytest.mark.parametrize("way", ["option", "variable"])
def test_python_without_docstrings_is_told(way: str) -> None:
    """transformers reads its docstrings while it is imported; the message names the cause, whatever the command."""
    option, variable = (["-OO"], {}) if way == "option" else ([], {"PYTHONOPTIMIZE": "2"})
    done = subprocess.run(
        [sys.executable, *option, "-m", "emotion_bert", "predict", "runs/none", "what a day"],
        capture_output=True,
        text=True,
        env=os.environ | variable,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: Python was started with -OO (or PYTHONOPTIMIZE=2), which removes")
    assert len(done.stderr.splitlines()) == 1


def test_messages_have_every_character():
    """Output that is redirected on Windows has a code page without emoji, until the program starts."""
    result = CliRunner(charset="cp1252").invoke(main, ["predict", "runs/\U0001f600", "hm"])
    assert result.exit_code == 2
    assert "runs/\U0001f600".encode() in result.stderr_bytes
