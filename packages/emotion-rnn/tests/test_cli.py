"""The emotion-rnn command line."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import re
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from completions import offers
from emotion_core.errors import ModelError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.runs.predictions import PREDICTION_COLUMNS
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.cli.main import main
from emotion_rnn.cli.study import gru, lstm
from help_texts import help_faults
from numeric_options import check_numeric_options
from shared_checks import check_mistake, help_of


def call(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_train_evaluate_and_predict_follow_each_other(tmp_path: Path) -> None:
    """A run that train writes can be evaluated and used, and its options reach the run."""
    run = tmp_path / "lstm"
    options = ("--units", 4, "--epochs", 1, "--dropout", 0.1, "--batch-size", 64, "--seed", 9, "--quiet")
    trained = call("train", "LSTM", "--data", "sample", "--output", run, *options)
    assert trained.exit_code == 0, trained.output
    record = read_json(run, "run.json")
    assert record["seed"] == 9
    settings = record["hyperparameters"]
    assert [settings[name] for name in ("units", "epochs", "dropout", "batch_size")] == [4, 1, 0.1, 64]
    evaluated = call("evaluate", run, "--data", "sample", "--split", "test", "--json")
    metrics = json.loads(evaluated.stdout)
    assert (metrics["data"]["split"], metrics["n"]) == ("test", 150)
    predicted = call("predict", run, "what a day", "--json")
    assert json.loads(predicted.stdout)["predicted_emotion"] in ("sadness", "joy", "love", "anger", "fear", "surprise")


def test_predict_keeps_the_columns_of_a_file(gru_run: Path, tmp_path: Path) -> None:
    """The output has the user's own columns first, then the predictions, in the order of the rows."""
    source, output = tmp_path / "posts.csv", tmp_path / "predicted.csv"
    source.write_text('id,text\n7,"one, two"\n8,\n9,three\n', encoding="utf-8")
    result = call("predict", gru_run, "--input", source, "--output", output)
    assert result.exit_code == 0, result.output
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == ("id", "text", *PREDICTION_COLUMNS)
    assert [row["id"] for row in rows] == ["7", "8", "9"]
    assert [bool(row["predicted_emotion"]) for row in rows] == [True, False, True]


OTHER_SCRIPTS = ("\u043f\u0440\u0438\u0432\u0435\u0442", "12345", "!!!", "@ann https://example.com/x")


def test_a_text_without_latin_letters_gets_no_prediction_and_is_told(gru_run: Path) -> None:
    """On the screen each such text has its reason; in a table it has empty cells, and standard error counts them."""
    listed = call("predict", gru_run, *OTHER_SCRIPTS, "", "what a day")
    *unread, empty, read = listed.stdout.splitlines()
    assert [line.startswith("(no Latin letters outside links and mentions)") for line in unread] == [True] * 4
    assert empty.startswith("(no text)")
    assert read.split()[0] in EMOTIONS
    told = call("predict", gru_run, "--json", *OTHER_SCRIPTS, "", "what a day")
    emotions = [json.loads(line)["predicted_emotion"] for line in told.stdout.splitlines()]
    assert [emotion is None for emotion in emotions] == [True] * 5 + [False]
    assert "6 rows, 1 without text and so without prediction, 4 with no Latin letters" in told.stderr


def files_in_two_scripts(folder: Path, other: int) -> tuple[object, ...]:
    """The options for two files of 20 texts an emotion, of which so many have no Latin letter."""
    options: list[object] = []
    for split in ("train", "validation"):
        rows = ["text,label"]
        for number, emotion in itertools.product(range(20), EMOTIONS):
            own = "".join(
                chr(ord("\u0430" if number < other else "a") + place) for place in (number, EMOTIONS.index(emotion))
            )
            own *= 1 if split == "train" else 2
            rows.append(f"{own},{emotion}" if number < other else f"{split} day {own},{emotion}")
        path = folder / f"{split}.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        options += [f"--{split}-file", path]
    return tuple(options)


@pytest.mark.parametrize("command", [("train", "gru"), ("train", "lstm", "--seeds", 2), ("search", "gru")])
def test_a_split_in_another_script_ends_in_one_message(tmp_path: Path, command: tuple[object, ...]) -> None:
    """Before anything is computed, it says what was found, and what such texts can be trained with."""
    options = files_in_two_scripts(tmp_path, 20)
    extra = ("--train-embedding",) if command[0] == "search" else ()
    told = call(*command, *options, *extra, "--output", tmp_path / "run")
    assert (told.exit_code, told.stderr.count("Error: ")) == (2, 1), told.output
    assert re.search(r"train\.csv.*found no Latin letters .* in any of its 120 texts.*emotion-bert", told.stderr)


def test_a_split_that_is_partly_in_another_script_is_told(tmp_path: Path) -> None:
    """Training goes on, and says how many texts nothing is read of; evaluation says it, too."""
    options, run = files_in_two_scripts(tmp_path, 3), tmp_path / "run"
    trained = call("train", "gru", *options, "--output", run, "--epochs", 1, "--units", 2)
    assert trained.exit_code == 0, trained.output
    assert re.search(r"train\.csv, train: 18 of 120 texts \(15\.0%\) have no Latin letters", trained.stderr)
    told = call("evaluate", run, "--data", tmp_path / "validation.csv")
    assert "18 of 120 texts have no Latin letters" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "gru", "--data", "absent.csv"), "no such file"),
        (("train", "cnn", "--data", "sample"), "lstm"),
        (("train", "gru", "--data", "sample", "--glove", "absent.txt"), "no such GloVe file"),
        (("train", "gru", "--data", "sample", "--freeze-embedding"), "--glove"),
        (("train", "gru", "--data", "sample", "--frozen-epochs", "2"), "--glove"),
        (("train", "gru", "--data", "sample", "--glove", "g", "--frozen-epochs", "2", "--epochs", "2"), "fewer than"),
        (
            ("train", "gru", "--data", "sample", "--glove", "g", "--frozen-epochs", "1", "--freeze-embedding"),
            "to the end",
        ),
        (("train", "gru", "--data", "sample", "--random-dimensions", "4"), "--embedding-dimension"),
        (("train", "lstm", "--data", "sample", "--recipe", "tuned"), "it has: small"),
        (("search", "lstm", "--data", "sample"), "--glove"),
        (("search", "lstm", "--data", "sample", "--glove", "g", "--phase", "all"), "freeze-thaw"),
        (("search", "gru", "--data", "sample", "--glove", "absent.txt"), "no such GloVe file"),
        (("search", "gru", "--data", "sample", "--glove", "g", "--storage", "nonsense"), "postgresql://"),
        (("train", "gru", "--data", "sample", "--train-file", "a.csv"), "cannot be given together"),
        (("evaluate", "absent", "--data", "sample"), "no such run folder"),
        (("predict", "absent", "text"), "no such run folder"),
        (("predict", "runs/absent"), "runs/absent"),
    ],
)
def test_a_mistake_ends_with_one_message_and_exit_code_2(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong is said on standard error, without a traceback, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    check_mistake(call(*arguments), message, tmp_path)


@pytest.mark.parametrize("command", [("train", "gru"), ("train", "gru", "--seeds", "2"), ("search", "gru", "--resume")])
def test_the_data_folder_is_no_output(command: tuple[str, ...], tmp_path: Path) -> None:
    """Neither of a training, with one seed or several, nor of a search; nothing is written there."""
    (tmp_path / "train.csv").write_text("text,label\nso glad,joy\n", encoding="utf-8")
    result = call(
        *command, "--train-embedding" if "search" in command else "--force", "--data", tmp_path, "--output", tmp_path
    )
    assert result.exit_code == 2
    assert "is the input itself" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


def test_a_search_in_a_run_is_refused_before_it_begins(gru_run: Path) -> None:
    """The storage would become a part of the run."""
    result = call("search", "gru", "--data", "sample", "--train-embedding", "--resume", "--output", gru_run)
    assert "lies in the run" in result.stderr
    assert verify_run(gru_run) == []


@pytest.mark.parametrize("command", [None, "search", "train", "evaluate", "predict"])
def test_help_shows_an_example_and_loads_no_tensorflow(command: str | None) -> None:
    """Help has an example, names the architectures from the registry, and needs no heavy library."""
    shown, heavy = help_of("emotion_rnn.cli.main", *([command] if command else []))
    assert "Example" in shown
    assert heavy == []
    if command == "train":
        assert all(name in shown for name in ARCHITECTURES)


@pytest.mark.acceptance
def test_several_seeds_make_a_run_each_and_are_taken_up_again(tmp_path: Path) -> None:
    """With --seeds the output holds a run a seed and their spread; after a loss only what is missing is trained."""
    arguments = ("train", "gru", "--data", "sample", "--units", 4, "--epochs", 1, "--batch-size", 64, "--quiet")
    arguments = (*arguments, "--seed", 5, "--seeds", 2, "--output", tmp_path)
    assert call(*arguments).exit_code == 0
    created = {seed: read_json(tmp_path / f"seed-{seed}", "run.json")["created"] for seed in (5, 6)}
    shutil.rmtree(tmp_path / "seed-6")
    result = call(*arguments)
    assert "2 seeds, validation: accuracy" in result.output
    summary = json.loads((tmp_path / "seeds.json").read_text(encoding="utf-8"))
    assert summary["seeds"] == [5, 6]
    assert read_json(tmp_path / "seed-5", "run.json")["created"] == created[5]
    assert read_json(tmp_path / "seed-6", "run.json")["seed"] == 6


@pytest.mark.acceptance
def test_seeds_of_other_data_and_settings_are_refused_and_with_force_trained_anew(tmp_path: Path) -> None:
    """What differs is named, nothing is trained; with --force every seed has the new settings and data."""
    arguments = ("train", "gru", "--seeds", 2, "--batch-size", 64, "--epochs", 1, "--quiet", "--output", tmp_path / "s")
    assert call(*arguments, "--data", "sample", "--units", 4).exit_code == 0
    data = tmp_path / "data.csv"
    rows = [f"so {emotion} {word},{emotion}\n" for emotion in EMOTIONS for word in ("today", "again", "now")]
    data.write_text("text,label\n" + "".join(rows), encoding="utf-8")
    others = tmp_path / "others.csv"
    others.write_text("text,label\n" + "".join(row.replace("so ", "very ") for row in rows), encoding="utf-8")
    other = (*arguments, "--train-file", data, "--validation-file", others, "--units", 8)
    before = [read_json(tmp_path / "s" / f"seed-{seed}", "run.json") for seed in (42, 43)]
    refused = call(*other)
    assert refused.exit_code == 2
    assert "seed-42: " in refused.stderr
    assert "settings.units: found 4, wanted 8" in refused.stderr
    assert "data.train: found" in refused.stderr
    assert [read_json(tmp_path / "s" / f"seed-{seed}", "run.json") for seed in (42, 43)] == before
    assert call(*other, "--force").exit_code == 0
    records = [read_json(tmp_path / "s" / f"seed-{seed}", "run.json") for seed in (42, 43)]
    assert [record["hyperparameters"]["units"] for record in records] == [8, 8]
    assert [record["data"]["splits"]["train"]["rows"] for record in records] == [18, 18]


def test_a_recipe_sets_the_defaults_and_options_go_before_it(tmp_path: Path) -> None:
    """A run of a recipe has its settings but for those that were given."""
    glove = tmp_path / "glove.txt"
    glove.write_text("the 1 2 3\nmy -1 -2 -3\n", encoding="utf-8")
    options = ("--epochs", 3, "--units", 4, "--glove", glove, "--output", tmp_path / "run", "--quiet")
    result = call("train", "gru", "--data", "sample", "--recipe", "tuned", *options)
    assert result.exit_code == 0, result.output
    recipe = ARCHITECTURES["gru"].recipes["tuned"]
    expected = dataclasses.replace(recipe, epochs=3, units=4, embedding_dimension=3 + recipe.random_dimensions)
    assert read_json(tmp_path / "run", "run.json")["hyperparameters"] == dataclasses.asdict(expected)


def test_uncalibrated_evaluation_and_prediction_ignore_the_temperature(warm_run: Path) -> None:
    """The log loss and the probabilities are those of a temperature of 1, the accuracy does not change."""
    evaluate = ("evaluate", warm_run, "--data", "sample", "--split", "validation", "--json")
    predict = ("predict", warm_run, "what a day", "--json")
    raw, scaled = (json.loads(call(*evaluate, *options).stdout) for options in (["--uncalibrated"], []))
    assert (raw["temperature"], scaled["temperature"]) == (
        1,
        read_json(warm_run, "run.json")["calibration"]["temperature"],
    )
    assert raw["accuracy"] == scaled["accuracy"]
    assert raw["log_loss"] != scaled["log_loss"]
    plain = json.loads(call(*predict, "--uncalibrated").stdout)
    assert plain["predicted_label"] == json.loads(call(*predict).stdout)["predicted_label"]
    assert plain != json.loads(call(*predict).stdout)


def test_train_can_leave_the_calibration_out_and_clean_its_texts(tmp_path: Path) -> None:
    """With --no-calibration a run has no temperature; with --clean-train it records which texts were removed."""
    texts = [("so glad", "joy"), ("So glad!", "joy"), ("hm", "fear"), ("hm", "anger")]
    own = [(f"{emotion} {word}", emotion) for emotion in EMOTIONS for word in ("today", "again")]
    train_file, validation_file = tmp_path / "train.csv", tmp_path / "validation.csv"
    for file, ending in ((train_file, ""), (validation_file, " indeed")):
        rows = "".join(f"{text}{ending},{label}\n" for text, label in texts + own)
        file.write_text(f"text,label\n{rows}", encoding="utf-8")
    options = ("--units", 4, "--epochs", 1, "--no-calibration", "--clean-train", "majority", "--quiet")
    files = ("--train-file", train_file, "--validation-file", validation_file)
    result = call("train", "gru", *files, "--output", tmp_path / "run", *options)
    assert result.exit_code == 0, result.output
    record = read_json(tmp_path / "run", "run.json")
    assert "calibration" not in record
    train, validation = (record["data"]["splits"][name] for name in ("train", "validation"))
    assert (train["rows"], validation["rows"]) == (13, 16)
    assert train["cleaned"]["text_cleaning"] == "letters_only"
    assert (train["cleaned"]["duplicates_removed"], train["cleaned"]["conflicting_rows_removed"]) == (1, 2)


def test_every_command_says_what_each_option_does_and_ends_with_an_example() -> None:
    """Sentences that stand alone, numbers with their range, headings where there are many options."""
    assert help_faults({"emotion-rnn": main, "emotion_rnn.LSTM": lstm, "emotion_rnn.GRU": gru}) == []


def test_architectures_and_word_vectors_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Tab key offers what has a name: LSTM and GRU, and vectors."""
    monkeypatch.chdir(tmp_path)
    assert offers(main, "train", "g") == [("plain", "gru")]
    assert offers(main, "train gru --glove", "") == [("plain", "glove.twitter.27B.100d"), ("plain", "sample")]
    assert offers(main, "train gru --recipe", "") == [("plain", "small"), ("plain", "tuned")]


def test_every_option_refuses_what_is_no_number_within_its_bounds() -> None:
    """NaN, infinity and what lies beyond a bound are one message before anything is read, in the studies as well."""
    assert check_numeric_options(main) >= 25
    assert check_numeric_options(lstm) == check_numeric_options(gru) >= 4


def test_the_last_of_several_seeds_counts(tmp_path: Path) -> None:
    """A training whose second seed is none is refused before the first."""
    output = tmp_path / "gru"
    result = call("train", "gru", "--data", "sample", "--output", output, "--seed", 4294967295, "--seeds", 2)
    check_mistake(
        result, "--seed 4294967295 with --seeds 2, the last seed: found 4294967296, expected a whole number", tmp_path
    )
    assert not output.exists()


@pytest.mark.parametrize(
    "setting", [{"dropout": float("nan")}, {"learning_rate": float("inf")}, {"max_length": 10**20}, {"units": 2.0}]
)
def test_settings_in_python_have_the_same_bounds(setting: dict[str, float]) -> None:
    """A number that the command line refuses is refused by the hyperparameters too, by name."""
    with pytest.raises(ModelError, match=f"^{next(iter(setting))}: found "):
        dataclasses.replace(ARCHITECTURES["gru"].defaults, **setting)


def test_messages_have_every_character():
    """Output that is redirected on Windows has a code page without emoji, until the program starts."""
    result = CliRunner(charset="cp1252").invoke(main, ["predict", "runs/\U0001f600", "hm"])
    assert result.exit_code == 2
    assert "runs/\U0001f600".encode() in result.stderr_bytes


@pytest.mark.parametrize("program", [main, gru], ids=["search", "study"])
@pytest.mark.parametrize(
    "options",
    [
        ("--output", "{run}"),
        ("--output", "{run}/search"),
        ("--output", "{run}/../elsewhere", "--storage", "sqlite:///{run}/s.db"),
    ],
)
def test_a_search_within_a_run_is_refused(
    program: click.Command, options: tuple[str, ...], gru_run: Path, tmp_path: Path
) -> None:
    """Its folder or its storage would be no part of the run, which then no longer verifies."""
    run = shutil.copytree(gru_run, tmp_path / "run")
    words = ["search", "gru", "--train-embedding"] if program is main else []
    given = [word.format(run=run) for word in options]
    told = CliRunner().invoke(program, [*words, "--data", "sample", *given])
    assert told.exit_code == 2, told.output
    assert "which stays as it is" in told.stderr
    assert verify_run(run) == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_empty_data_are_not_the_default(tmp_path: Path) -> None:
    """A variable of a shell that is not set would train on another data set."""
    result = call("train", "gru", "--data", "", "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert "The name of the data is empty" in result.stderr
