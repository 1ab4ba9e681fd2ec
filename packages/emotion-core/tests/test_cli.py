"""The command lines: help, mistakes in the data told with file, row, what was found and expected, and exit codes."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emotion_core.cli.groups import grouped
from emotion_core.cli.main import main
from emotion_core.cli.options import EmotionGroup, quiet_option
from emotion_core.cli.training_data import DataOptions, data_options
from emotion_core.data.audit import audit_dataset
from emotion_core.data.load import load_dataset
from emotion_core.data.readers import FORMATS, open_table
from emotion_core.data.same_text import normalized_key
from help_texts import help_faults
from numeric_options import check_numeric_options
from shared_checks import NOT_FOR_HELP, help_of

MODEL_COMMANDS = ("evaluate", "predict", "behave", "transfer")
CORE_COMMANDS = tuple(name for name in main.commands if name not in MODEL_COMMANDS)
DELIMITED = (".csv", ".tsv")
TEXT_FORMATS = tuple(suffix for suffix in FORMATS if suffix != ".parquet")
COUNTED_BY_ROW = (".json", ".parquet")
GOOD = [{"text": "what a lovely day", "label": "joy"}, {"text": "leave me alone", "label": "anger"}]
OTHERS = [{"text": "the sun is out", "label": "joy"}, {"text": "how dare you", "label": "anger"}]
LABELS = "expected an id or a name of 0 sadness, 1 joy, 2 love, 3 anger, 4 fear, 5 surprise"
EMPTY_TEXT = "found an empty text, expected at least one character that can be seen"
UNKNOWN_ADVICE = (
    " 1. Say with --label-map FILE which of the six emotions each unknown label is, or drop. Otherwise mend the rows, "
    "or leave them out with --on-bad-rows drop."
)
ADVICE = "Mend the rows, or leave them out with --on-bad-rows drop."


def place(suffix, row):
    """How messages name the data row of that number, counted from 1."""
    return f"row {row}" if suffix in COUNTED_BY_ROW else f"line {row + (suffix in DELIMITED)}"


@pytest.fixture
def data_command(runs, tmp_path):
    """A function that gives the arguments with which a command reads a file."""

    def arguments(command, path):
        return {
            "audit": ("audit", path),
            "split": ("split", path, "--output", tmp_path / "splits"),
            "evaluate": ("evaluate", runs["words"], "--data", path),
            "predict": ("predict", runs["words"], "--input", path, "--output", tmp_path / "out.csv"),
        }[command]

    return arguments


# Help


@pytest.mark.parametrize("command", [None, *CORE_COMMANDS, *MODEL_COMMANDS])
def test_every_help_shows_an_example(succeed, invoke, command):
    """The first thing that a user tries to copy stands in each help."""
    result = succeed(command, "--help") if command else succeed("--help")
    assert re.search(rf"Example:\s+emotion-\w+ {command or 'audit'}\s", result.stdout)


@pytest.mark.parametrize("command", [(), *((name,) for name in CORE_COMMANDS)])
def test_help_of_core_loads_nothing_heavy(command):
    """Help answers at once because none of the large packages is imported for it."""
    shown, heavy = help_of("emotion_core.cli.main", *command)
    assert shown.startswith("Usage:")
    assert heavy == []


@pytest.mark.parametrize("command", MODEL_COMMANDS)
def test_help_of_the_model_commands_loads_nothing_heavy(command):
    """The commands that both model packages share are as light; the loader is not called."""
    code = (
        "import sys; from importlib import import_module; name = sys.argv[1];"
        "room = 'several' if name == 'transfer' else 'commands';"
        "make = getattr(import_module(f'emotion_core.cli.{room}.{name}'), f'{name}_command');"
        "command = make('emotion-words', lambda run, device: 1 / 0);"
        "command(['--help'], standalone_mode=False);"
        f"sys.stderr.write(','.join(name for name in {NOT_FOR_HELP} if name in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code, command], check=True, capture_output=True, encoding="utf-8")
    assert result.stdout.startswith("Usage:")
    assert result.stderr == ""


def test_the_package_itself_loads_nothing_heavy():
    """Importing emotion_core is quick; its names load on first use."""
    code = f"import sys, emotion_core; print([name for name in {NOT_FOR_HELP} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    assert result.stdout.strip() == "[]"


def test_the_version_is_that_of_the_installed_package(succeed):
    """--version names program and version."""
    assert re.fullmatch(r"emotion-core, version \d+\.\d+\.\d+\S*\n", succeed("--version").stdout)


# Mistakes in the data, each for every form in which it can be made


def one_bad_row(column, value, found):
    """Three rows, of which the second has a bad cell, and what is said of it."""
    return [GOOD[0], GOOD[1] | {column: value}, GOOD[0]], found


BAD_CELLS = {
    "unknown label": one_bad_row("label", "bliss", f"found label 'bliss', {LABELS}"),
    "label id out of range": one_bad_row("label", "6", f"found label '6', {LABELS}"),
    "empty text": one_bad_row("text", "", EMPTY_TEXT),
    "white space": one_bad_row("text", " \u00a0 ", EMPTY_TEXT),
    "the word nan": one_bad_row("text", "NaN", "found the text 'NaN', which stands for a missing value, expected"),
    "empty label": one_bad_row("label", "", f"found no label (a missing value, NaN), {LABELS}"),
}
TYPED_CELLS = {
    "NaN text": one_bad_row("text", None, "found no text (a missing value, NaN), expected a text"),
    "NaN label": one_bad_row("label", None, f"found no label (a missing value, NaN), {LABELS}"),
}


@pytest.mark.parametrize(
    ("suffix", "case"),
    [
        *(
            pytest.param(suffix, case, id=f"{name} in {suffix}")
            for suffix in FORMATS
            for name, case in BAD_CELLS.items()
        ),
        *(
            pytest.param(suffix, case, id=f"{name} in {suffix}")
            for suffix in (".jsonl", ".parquet")
            for name, case in TYPED_CELLS.items()
        ),
    ],
)
def test_a_bad_cell_is_told_with_file_row_found_and_expected(tmp_path, write_rows, refuse, suffix, case):
    """One message, with the row in which it stands, and how to go on."""
    rows, found = case
    path = write_rows(tmp_path / f"data{suffix}", rows)
    lines = refuse("audit", path).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{path}, {place(suffix, 2)}: {found}")
    assert lines[1].endswith(UNKNOWN_ADVICE if "found label" in found else ADVICE)


@pytest.mark.parametrize("column", ["text", "label"])
def test_nan_as_a_number_is_a_missing_value(tmp_path, refuse, column):
    """The NaN of JSON and of a float column in parquet."""
    jsonl, parquet = tmp_path / "data.jsonl", tmp_path / "data.parquet"
    cells = {"text": '"fine"', "label": "1"} | {column: "NaN"}
    jsonl.write_text("{" + ", ".join(f'"{name}": {cell}' for name, cell in cells.items()) + "}\n", encoding="utf-8")
    values = {"text": ["fine"], "label": [1.0]} | {column: pa.array([float("nan")])}
    pq.write_table(pa.table(values), parquet)
    for path, row in ((jsonl, "line 1"), (parquet, "row 1")):
        assert refuse("audit", path).startswith(f"{path}, {row}: found no {column} (a missing value, NaN), expected")


@pytest.mark.parametrize("value", ["5", "[1]", '{"a": 1}', "true"])
def test_a_text_that_is_something_else_is_told(tmp_path, refuse, value):
    """A number, a list, an object or a truth value in the place of a text."""
    path = tmp_path / "data.jsonl"
    path.write_text(f'{{"text": {value}, "label": 1}}\n', encoding="utf-8")
    assert re.match(
        rf"{re.escape(str(path))}, line 1: found (int|list|dict|bool) .*, expected a text", refuse("audit", path)
    )


def test_a_label_beyond_any_number_is_told_like_any_other(tmp_path, refuse):
    """JSON can hold an integer that no float can."""
    path = tmp_path / "data.jsonl"
    path.write_text('{"text": "fine", "label": 1' + "0" * 400 + "}\n", encoding="utf-8")
    assert refuse("audit", path).startswith(f"{path}, line 1: found label 1000")


@pytest.mark.parametrize("command", ["audit", "split", "evaluate", "predict"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_missing_text_column_is_told_with_those_there_are(
    tmp_path, write_rows, refuse, data_command, suffix, command
):
    """The message names the columns that were found and the option that names another."""
    path = write_rows(tmp_path / f"data{suffix}", [{"tweet": "hello", "label": "joy"}])
    assert refuse(*data_command(command, path)) == (
        f"{path}: the column 'text' is missing, found 'tweet', 'label'. Name the right one with --text-column."
    )


@pytest.mark.parametrize("command", ["audit", "split", "evaluate"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_missing_label_column_is_told_with_those_there_are(
    tmp_path, write_rows, refuse, data_command, suffix, command
):
    """Whatever needs labels says so before it does anything."""
    path = write_rows(tmp_path / f"data{suffix}", [{"text": "hello", "mood": "joy"}])
    assert refuse(*data_command(command, path)) == (
        f"{path}: the column 'label' is missing, found 'text', 'mood'. Name the right one with --label-column."
    )


@pytest.mark.parametrize("command", ["audit", "split", "evaluate"])
def test_a_txt_file_without_labels_is_told(tmp_path, refuse, data_command, command):
    """The form that was expected is shown."""
    path = tmp_path / "data.txt"
    path.write_text("hello\nyou\n", encoding="utf-8")
    assert refuse(*data_command(command, path)) == (
        f"{path}, line 1: found no ';emotion' at the end, expected a line of the form text;emotion; 2 of 2 lines have "
        "none. If these texts have no labels, predict them with predict --input."
    )


@pytest.mark.parametrize("command", ["audit", "split", "evaluate", "predict"])
@pytest.mark.parametrize("suffix", TEXT_FORMATS)
def test_latin_1_is_told_with_the_line_and_the_byte(tmp_path, write_rows, refuse, data_command, suffix, command):
    """The first byte that is not UTF-8 is shown, however far down it stands."""
    rows = [GOOD[0]] * 3000 + [{"text": "un café", "label": "joy"}]
    path = write_rows(tmp_path / f"data{suffix}", rows, encoding="latin-1")
    message = refuse(*data_command(command, path))
    line = 1 if suffix == ".json" else 3001 + (suffix in DELIMITED)
    assert re.match(
        rf"{re.escape(str(path))}, line {line}: found the byte 0xe9 at position \d+, expected UTF-8", message
    )
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", TEXT_FORMATS)
def test_utf_16_is_read_and_told(tmp_path, write_rows, succeed, data_command, suffix, encoding):
    """What spreadsheets call Unicode text is recognised, with a mark or without, and said."""
    path = write_rows(tmp_path / f"data{suffix}", GOOD, encoding=encoding)
    assert "2 rows" in succeed("audit", path).stdout
    assert f"{path}: the text is {encoding[:6].upper()}" in succeed(*data_command("predict", path)).stderr
    assert len(list(open_table(tmp_path / "out.csv"))) == 2


def test_bytes_in_a_parquet_file_are_no_texts(tmp_path, refuse):
    """A binary column is told row by row."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"text": ["un café".encode("latin-1")], "label": [1]}), path)
    assert refuse("audit", path).startswith(f"{path}, row 1: found bytes b'un caf\\xe9', expected a text")


@pytest.mark.parametrize("command", ["audit", "split", "evaluate", "predict"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_file_is_told(tmp_path, refuse, data_command, suffix, command):
    """0 bytes are no data in any form."""
    path = tmp_path / f"data{suffix}"
    path.touch()
    assert refuse(*data_command(command, path)) == f"{path}: the file is empty (0 bytes), expected rows of text."


@pytest.mark.parametrize("command", ["audit", "split", "evaluate", "predict"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_is_not_there_is_told(tmp_path, refuse, data_command, suffix, command):
    """The path that was looked for is shown."""
    path = tmp_path / f"data{suffix}"
    assert refuse(*data_command(command, path)).startswith(f"{path}: no such file. Check the path;")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data.csv", b"text,label\n", ": no usable row, expected at least one text with a label."),
        ("data.csv", b"\xef\xbb\xbf\n\n", ": the file has no rows, expected a header line such as text,label."),
        ("data.tsv", b"\n", ": the file has no rows, expected a header line such as text\tlabel."),
        ("data.jsonl", b"\n\n", ": the file has no rows, expected one JSON object a line, or an array of them."),
        ("data.jsonl", b"{}\n", ": the file has no rows, expected one JSON object a line, or"),
        ("data.txt", b"\n", ", line 1: found no ';emotion' at the end"),
        ("data.csv", b"text,label,text\n", ", line 1: the column name 'text' stands twice."),
        ("data.csv", b'text,label\n"open,joy\n', ", line 2: unexpected end of data. Check the quotes in this row."),
        ("data.csv", b"text,label\na,b,joy\n", ", line 2: found 3 cells, expected 2 as in the header."),
        ("data.tsv", b"text\tlabel\na\n", ", line 2: found 1 cells, expected 2 as in the header."),
        ("data.jsonl", b'{"text": "a", "label": 1}\n{"text": \n', ", line 2: not valid JSON"),
        ("data.jsonl", b"[" * 100_000 + b"\n", ", row 1: not valid JSON"),
        ("data.jsonl", b'{"text": 1' + b"0" * 5000 + b"}\n", ", line 1: not valid JSON"),
        ("data.jsonl", b'["a", 1]\n', ", row 1: found a JSON str, expected an object with keys."),
        ("data.parquet", b"text,label\na,joy\n", ": not a readable parquet file"),
        (
            "data.xlsx",
            b"PK",
            f": found the ending '.xlsx', expected a file that ends in {', '.join(FORMATS)}, or one of these and .gz; "
            "or say with --format what it is.",
        ),
        ("data", b"a", ": found no ending, expected a file that ends in"),
    ],
)
def test_a_file_that_is_not_what_its_ending_says_is_told(tmp_path, refuse, name, content, message):
    """No rows, a broken form, rows of another width, and endings that are not read."""
    path = tmp_path / name
    path.write_bytes(content)
    assert refuse("audit", path).startswith(f"{path}{message}")


def test_a_damaged_parquet_file_is_told(tmp_path, write_rows, refuse):
    """Pages that were overwritten, in a file whose end can still be read."""
    path = write_rows(tmp_path / "data.parquet", [{"text": f"text {n}", "label": "joy"} for n in range(1000)])
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)
    assert re.match(rf"{re.escape(str(path))}, after row 0: the parquet file is damaged", refuse("audit", path))


def test_a_parquet_file_without_rows_is_told(tmp_path, refuse):
    """Columns alone are no data."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())}), path)
    assert refuse("audit", path).startswith(f"{path}: no usable row")


def test_a_folder_without_splits_is_told_with_the_names_that_are_looked_for(tmp_path, refuse):
    """Both the folder and the names are shown."""
    assert refuse("audit", tmp_path).startswith(
        f"{tmp_path}: no split found, expected files called train, training, validation, valid, val, dev, "
    )


def test_an_unknown_name_is_told_with_the_names_there_are(refuse):
    """The message lists datasets and endings."""
    message = refuse("audit", "emotions")
    assert message.startswith("emotions: no such dataset, folder or file. Names: sample, emotion; files: .csv")


def test_a_name_that_no_file_system_takes_is_told(refuse):
    """A text that was given in the place of a path ends with one message too."""
    assert "File name too long" in refuse("audit", "so glad " * 100)


# Leaving bad rows out


@pytest.mark.parametrize("suffix", FORMATS)
def test_dropped_rows_are_counted(tmp_path, write_rows, succeed, suffix):
    """The good rows are used; how many were left out stands on standard error and in the audit."""
    rows = [GOOD[0], GOOD[1] | {"label": "bliss"}, GOOD[0] | {"text": ""}, GOOD[1]]
    path = write_rows(tmp_path / f"data{suffix}", rows)
    result = succeed("audit", path, "--on-bad-rows", "drop")
    assert result.stderr.splitlines() == [
        f"Dropped 2 bad rows of all ({path}), which has 4: unknown label 1 (bliss 1); no text 1 (joy 1). "
        "--label-map FILE keeps such rows.",
        f"No row of sadness, love, fear, surprise is left in all ({path}).",
    ]
    assert "all: 2 rows, " in result.stdout
    assert "dropped 2" in result.stdout


def test_dropped_rows_are_counted_split_by_split(tmp_path, write_rows, runs, succeed):
    """evaluate says so as well, and measures the good rows."""
    bad = {"text": "", "label": "joy"}
    write_rows(tmp_path / "train.csv", [*GOOD, bad, bad])
    write_rows(tmp_path / "test.csv", [*GOOD, bad])
    result = succeed("evaluate", runs["words"], "--data", tmp_path, "--on-bad-rows", "drop")
    assert "Dropped 2 bad rows of train" in result.stderr
    assert "Dropped 1 bad rows of test" in result.stderr
    assert result.stdout.startswith(f"test of {tmp_path} (2 texts)")


def test_dropping_every_row_is_a_mistake(tmp_path, write_rows, refuse):
    """A file without any usable row cannot be used, and the message shows why."""
    path = write_rows(tmp_path / "data.csv", [GOOD[0] | {"label": "bliss"}])
    lines = refuse("audit", path, "--on-bad-rows", "drop").splitlines()
    assert lines[0] == f"{path}: no usable row, expected at least one text with a label."
    assert lines[1].startswith(f"{path}, line 2: found label 'bliss'")


# The commands of core


def test_audit_prints_the_report_as_json_and_nothing_else(succeed, sample):
    """Standard output is what audit_dataset returns."""
    assert json.loads(succeed("audit", "sample", "--json").stdout) == audit_dataset(sample)


def test_audit_draws_a_figure(tmp_path, succeed):
    """The file is a picture, and the report is printed too."""
    result = succeed("audit", "sample", "--figure", tmp_path / "classes.png")
    assert (tmp_path / "classes.png").read_bytes().startswith(b"\x89PNG")
    assert result.stdout.startswith("Audit of sample\n")


def test_a_figure_of_no_known_format_is_told(tmp_path, refuse):
    """The message names the file, and nothing is left of it."""
    output = tmp_path / "classes.docx"
    assert refuse("audit", "sample", "--figure", output).startswith(f"{output}: the figure cannot be written")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("figure", ["classes", "pictures"])
def test_a_figure_without_an_ending_is_refused(tmp_path, refuse, figure):
    """The name of a folder would become that of a picture beside it."""
    assert "has no ending. Give --figure the name of a file" in refuse(
        "audit", "sample", "--figure", f"{tmp_path}/{figure}"
    )
    assert not list(tmp_path.iterdir())


def test_a_file_whose_path_ends_as_that_of_a_folder_is_refused(tmp_path, invoke):
    """The slash at its end would be passed over."""
    result = invoke("audit", "sample", "--figure", f"{tmp_path}/classes.png/")
    assert result.exit_code == 2
    assert "names a folder, expected a file" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("split", "one.csv", "--output", ""),
        ("audit", "sample", "--figure", ""),
        ("report", "", "--output", "x"),
        ("compare", "", "x"),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_refused(invoke, arguments):
    """Python would take it for the working folder."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert "the path is empty" in result.stderr


@pytest.fixture
def tweets(tmp_path, sample):
    """A file of 600 labelled texts."""
    sample.split("train").frame().to_csv(tmp_path / "tweets.csv", index=False)
    return tmp_path / "tweets.csv"


def test_split_writes_three_files_that_load_as_a_dataset(tmp_path, tweets, sample, succeed):
    """Rows by file are printed; nothing is lost, and no text stands on two sides."""
    result = succeed("split", tweets, "--output", tmp_path / "data")
    sizes = {"train": 480, "validation": 60, "test": 60}
    assert result.stdout.splitlines() == [
        f"{tmp_path / 'data' / name}.csv: {rows} rows" for name, rows in sizes.items()
    ]
    splits = load_dataset(tmp_path / "data").splits
    assert {name: len(frame) for name, frame in splits.items()} == sizes
    texts = [text for split in splits.values() for text in split.texts]
    assert sorted(texts) == sorted(sample.split("train").texts)
    assert len({normalized_key(text) for text in texts}) == 600


def test_split_keeps_every_column(tmp_path, write_rows, succeed, sample):
    """Names, order and cells stay; what is left out is told, with its labels and the emotion that has none left."""
    rows = [
        {"id": number, "tweet": text, "when": "2026-01-01", "feeling": "scared" if label == 4 else f" {label}"}
        for number, (text, label) in enumerate(zip(*vars(sample.split("test")).values(), strict=True))
    ]
    path, output = write_rows(tmp_path / "tweets.jsonl", rows), tmp_path / "data"
    columns = ("--text-column", "tweet", "--label-column", "feeling")
    told = succeed("split", path, "--output", output, *columns, "--on-bad-rows", "drop").stderr
    assert f"Dropped 25 bad rows of {path}, which has 150: unknown label 25 (scared 25)." in told
    assert f"No row of fear is left in {path}." in told
    with (output / "train.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == ["id", "tweet", "when", "feeling"]
    assert all(row == {name: str(cell) for name, cell in rows[int(row["id"])].items()} for row in read)


def test_split_and_audit_take_labels_of_another_set(tmp_path, write_rows, succeed, sample):
    """With a label map, the label column of the parts holds the six emotions."""
    names = ["gloom", "joy", "love", "anger", "scared", "neutral"]
    rows = [
        {"text": text, "label": names[label]} for text, label in zip(*vars(sample.split("test")).values(), strict=True)
    ]
    path = write_rows(tmp_path / "tweets.csv", rows)
    (tmp_path / "map.json").write_text('{"gloom": "sadness", "scared": 4, "neutral": "drop"}', encoding="utf-8")
    mapped = ("--label-map", tmp_path / "map.json")
    told = succeed("split", path, "--output", tmp_path / "data", *mapped).stderr
    assert f"Left 25 rows of {path} out by --label-map: neutral 25." in told
    with (tmp_path / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        assert {row["label"] for row in csv.DictReader(file)} == {"sadness", "joy", "love", "anger", "fear"}
    assert "surprise 0 (0.0%)" in succeed("audit", path, *mapped).stdout


def test_split_writes_folds(tmp_path, tweets, succeed):
    """Each fold is a folder that can be trained on."""
    succeed("split", tweets, "--output", tmp_path / "folds", "--folds", 3)
    for number in (1, 2, 3):
        splits = load_dataset(tmp_path / "folds" / f"fold-{number}").splits
        assert {name: len(frame) for name, frame in splits.items()} == {"train": 400, "validation": 200}


@pytest.mark.parametrize(
    ("validation", "test", "names"),
    [(0, 0.2, ["test", "train"]), (0.2, 0, ["train", "validation"]), (0.9, 0.1, ["test", "validation"])],
)
def test_a_fraction_of_0_leaves_a_split_out(tmp_path, tweets, succeed, validation, test, names):
    """Also where the fractions of validation and test leave nothing for train."""
    succeed("split", tweets, "--output", tmp_path / "data", "--validation", validation, "--test", test)
    assert sorted(path.stem for path in (tmp_path / "data").iterdir()) == names


def test_split_follows_the_seed(tmp_path, tweets, succeed):
    """The same seed writes the same bytes, another seed others."""
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        succeed("split", tweets, "--output", tmp_path / name, "--seed", seed)
        contents.append((tmp_path / name / "test.csv").read_bytes())
    assert contents[0] == contents[1] != contents[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--validation", "0.8", "--test", "0.8"), "must be above 0 and sum to 1"),
        (("--folds", "3", "--validation", "0.3"), "--folds and --validation exclude each other"),
        (("--folds", "3", "--test", "0.1"), "--folds and --test exclude each other"),
        (("--text-column", "label"), "--text-column and --label-column both name the column 'label'"),
        (("--validation", "0.001"), "cannot be split into train, validation, test with every class in each part"),
        (("--folds", "101"), "Found 101 folds, expected 2 to 100"),
    ],
)
def test_a_split_that_cannot_be_made_is_told_and_leaves_nothing(tmp_path, tweets, refuse, options, message):
    """Fractions that are none, parts too small, and too few folds."""
    assert message in refuse("split", tweets, "--output", tmp_path / "data", *options)
    assert [path.name for path in tmp_path.iterdir()] == ["tweets.csv"]


def test_split_replaces_a_folder_of_splits_by_force_alone(tmp_path, tweets, succeed, refuse):
    """Without --force the message names it; with it nothing of the old splits is left."""
    arguments = ("split", tweets, "--output", tmp_path / "data")
    succeed(*arguments)
    assert "exists already" in refuse(*arguments)
    succeed(*arguments, "--validation", "0", "--force")
    assert sorted(path.stem for path in (tmp_path / "data").iterdir()) == ["test", "train"]
    succeed(*arguments, "--folds", "2", "--force")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["fold-1", "fold-2"]


def test_split_never_removes_what_it_did_not_write(tmp_path, tweets, refuse):
    """Not even with --force: a folder with other files, and a folder with the input in it, stay as they are."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine", encoding="utf-8")
    assert "holds more than splits" in refuse("split", tweets, "--output", tmp_path / "data", "--force")
    (tmp_path / "data" / "notes.txt").unlink()
    source = tweets.rename(tmp_path / "data" / "train.csv")
    assert "holds the input" in refuse("split", source, "--output", tmp_path / "data", "--force")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["train.csv"]


def test_split_replaces_splits_that_a_file_manager_has_shown(tmp_path, tweets, succeed):
    """What it left there is not what somebody would miss."""
    arguments = ("split", tweets, "--output", tmp_path / "data", "--force")
    succeed(*arguments)
    (tmp_path / "data" / ".DS_Store").touch()
    succeed(*arguments)
    assert not (tmp_path / "data" / ".DS_Store").exists()


def test_verify_tells_whether_a_run_is_as_it_was_written(tmp_path, runs, succeed, refuse):
    """A complete run is counted; an altered file ends with its name and exit code 2."""
    run = shutil.copytree(runs["words"], tmp_path / "run")
    assert re.fullmatch(
        rf"{re.escape(str(run))}: all \d+ files are as they were written\n", succeed("verify", run).stdout
    )
    (run / "history.csv").write_text("epoch\n", encoding="utf-8")
    assert refuse("verify", run).startswith(f"{run}/history.csv: was altered, found sha256 ")


@pytest.mark.parametrize("command", ["compare", "verify"])
def test_what_is_no_run_is_told(tmp_path, refuse, command):
    """A path that is not there, and a folder that is no run."""
    assert refuse(command, tmp_path / "nowhere").startswith(f"{tmp_path / 'nowhere'}: no such run folder.")
    assert refuse(command, tmp_path).startswith(f"{tmp_path}: is not a complete run, run.json is missing")


def test_runs_on_other_texts_are_told(tmp_path, runs, succeed, refuse):
    """compare refuses what cannot be compared, with the way to make it comparable."""
    succeed("evaluate", runs["words"], "--data", "sample", "--output", tmp_path / "on-test")
    message = refuse("compare", runs["words"], tmp_path / "on-test")
    assert "Evaluate both on the same file: evaluate RUN --data FILE --output NEW_RUN." in message


# As a program


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, ": no such file."),
        (b"", ": the file is empty (0 bytes)"),
        (b"text,label\nun caf\xe9,joy\n", ", line 2: found the byte 0xe9 at position 7, expected UTF-8 text."),
        (b"text,label\nfine,bliss\n", ", line 2: found label 'bliss', expected an id or a name of 0 sadness"),
    ],
)
def test_the_program_ends_with_one_message_and_exit_code_2(tmp_path, content, message):
    """As a user sees it: nothing on standard output, one message and no traceback on standard error."""
    path = tmp_path / "data.csv"
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "emotion_core", "audit", str(path)]
    result = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {path}{message}")
    assert result.stderr.count("Error:") == 1


def test_the_program_succeeds_with_exit_code_0():
    """The bundled corpus is audited without a word on standard error."""
    command = [sys.executable, "-m", "emotion_core", "audit", "sample"]
    result = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Audit of sample\n\ntrain: 600 rows")


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error on Windows")
def test_a_reader_that_leaves_early_is_no_mistake():
    """`emotion-core audit sample | head -1` ends without a message."""
    command = [sys.executable, "-u", "-m", "emotion_core", "audit", "sample", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_fault_of_the_file_system_is_told_without_a_traceback(tmp_path):
    """What the system refuses in the middle of a command is one message with exit code 2."""
    group = EmotionGroup()

    @group.command()
    def work():
        """Write where a folder lies."""
        tmp_path.write_text("")

    result = CliRunner().invoke(group, ["work"])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert str(tmp_path) in result.stderr


@pytest.mark.parametrize(
    ("module", "arguments", "who"),
    [
        ("matplotlib", ("audit", "sample", "--figure", "new.png"), "--figure"),
        ("matplotlib", ("evaluate", "run", "--data", "sample", "--output", "new"), "--output"),
        ("pyarrow", ("audit", "posts.parquet"), "posts.parquet"),
        ("pandas", ("compare", "run"), "comparing and reporting"),
        ("pandas", ("report", "."), "comparing and reporting"),
    ],
)
def test_what_needs_the_extra_study_says_so(module, arguments, who, tmp_path, runs, monkeypatch):
    """A command that needs a library which the base installation lacks names the extra, and how to install it."""
    monkeypatch.chdir(tmp_path)
    Path("posts.parquet").write_bytes(b"PAR1")
    shutil.copytree(runs["words"], "run")
    monkeypatch.setitem(sys.modules, module, None)
    for loaded in [name for name in sys.modules if name.startswith("emotion_core.reporting")]:
        monkeypatch.delitem(sys.modules, loaded)
    output = ("--output", "report") if arguments[0] == "report" else ()
    result = CliRunner().invoke(main, [*arguments, *output])
    assert result.exit_code == 2
    expected = f"Error: {who}: the module {module} is not installed. Do: pip install 'emotion-core[study]'\n"
    assert result.stderr == expected


# The data options of training


@pytest.fixture
def loaded():
    """A function that gives training options to a command and returns its result, the dataset being its value."""
    group = EmotionGroup()

    @group.command()
    @data_options
    @quiet_option
    @grouped(data=DataOptions)
    def train(quiet, data):
        """Load training data as the model packages do."""
        dataset = data.load(42, "letters_only", quiet=quiet)
        if not quiet:
            click.echo(f"Training on {dataset.name}", err=True)
        click.echo(json.dumps({name: len(frame) for name, frame in dataset.splits.items()}))

    def run(*arguments):
        return CliRunner().invoke(group, ["train", *map(str, arguments)])

    return run


def test_training_files_are_given_one_by_one(tmp_path, sample, loaded):
    """Each file becomes the split of its option."""
    arguments = []
    for name, split in sample.splits.items():
        split.frame().to_csv(tmp_path / f"my-{name}.csv", index=False)
        arguments += [f"--{name}-file", tmp_path / f"my-{name}.csv"]
    assert json.loads(loaded(*arguments).stdout) == {"train": 600, "validation": 150, "test": 150}


def test_a_training_file_alone_has_its_validation_split_held_out(tweets, loaded):
    """A tenth of the rows is validated on, also when the file comes by --data."""
    for option in ("--train-file", "--data"):
        assert json.loads(loaded(option, tweets).stdout) == {"train": 540, "validation": 60}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "sample", "--train-file", "a.csv"), "cannot be given together. Choose one way."),
        (("--validation-file", "a.csv"), "--train-file is missing"),
        (("--train-file", "nowhere.csv"), "nowhere.csv: no such file."),
    ],
)
def test_training_data_that_contradict_each_other_are_told(loaded, arguments, message):
    """Two ways at once, a validation file alone, and a file that is not there."""
    result = loaded(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr


def test_bad_rows_of_training_files_are_dropped_and_counted(tmp_path, write_rows, loaded):
    """The count names the split and its file."""
    bad = {"text": "", "label": "joy"}
    train = write_rows(tmp_path / "data.csv", [*GOOD, bad])
    validation = write_rows(tmp_path / "other.csv", [*OTHERS, bad])
    result = loaded("--train-file", train, "--validation-file", validation, "--on-bad-rows", "drop")
    assert json.loads(result.stdout) == {"train": 2, "validation": 2}
    assert f"Dropped 1 bad rows of train ({train}), which has 3: no text 1 (joy 1)." in result.stderr
    assert f"Dropped 1 bad rows of validation ({validation}), which has 3: no text 1 (joy 1)." in result.stderr


def test_quiet_training_data_are_loaded_without_remarks(tmp_path, write_rows, loaded):
    """Neither dropped rows nor a cleaned train split are told."""
    path = write_rows(tmp_path / "data.csv", [*GOOD, GOOD[0], {"text": "", "label": "joy"}])
    other = write_rows(tmp_path / "other.csv", OTHERS)
    options = ("--train-file", path, "--validation-file", other, "--on-bad-rows", "drop", "--clean-train", "majority")
    assert "Cleaned the train split" in loaded(*options).stderr
    assert loaded(*options, "--quiet").stderr == ""


def test_a_training_file_in_the_working_folder_gives_its_name(tmp_path, write_rows, loaded, monkeypatch):
    """A run, its card and a comparison say the name; a dot would say nothing."""
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "tweets.csv", GOOD)
    write_rows(tmp_path / "other.csv", OTHERS)
    told = loaded("--train-file", "tweets.csv", "--validation-file", "other.csv").stderr
    assert told.endswith("Training on tweets.csv\n")


@pytest.mark.parametrize("split", ["validation", "test"])
def test_one_file_for_two_splits_is_refused(tmp_path, write_rows, loaded, split):
    """A link to the file is the same file."""
    train = write_rows(tmp_path / "train.csv", GOOD)
    (tmp_path / "link.csv").symlink_to(train)
    result = loaded("--train-file", train, f"--{split}-file", tmp_path / "link.csv")
    assert result.exit_code == 2
    assert f"is both --train-file and --{split}-file" in result.stderr


def test_a_validation_split_of_the_training_texts_is_refused(tmp_path, write_rows, loaded):
    """A copy in another order and spelling measures nothing else."""
    write_rows(tmp_path / "train.csv", GOOD)
    write_rows(tmp_path / "val.jsonl", [row | {"text": row["text"].upper()} for row in reversed(GOOD)])
    result = loaded("--data", tmp_path)
    assert result.exit_code == 2
    assert "has the same texts as the train split" in result.stderr


def test_texts_that_stand_in_train_too_are_counted(tmp_path, write_rows, loaded):
    """Their number is told for each split, in whatever spelling."""
    write_rows(tmp_path / "train.csv", GOOD)
    write_rows(tmp_path / "dev.csv", [*OTHERS, GOOD[0] | {"text": "What a lovely day!"}])
    assert "1 texts of validation (3 rows) stand in train, too" in loaded("--data", tmp_path).stderr


def test_emotions_without_a_training_text_are_told(tmp_path, write_rows, loaded):
    """Nobody would guess it from the figures."""
    write_rows(tmp_path / "train.csv", GOOD)
    write_rows(tmp_path / "eval.csv", OTHERS)
    told = loaded("--data", tmp_path).stderr
    assert "The train split has no text of sadness, love, fear, surprise: the model will never predict that." in told


def test_a_test_file_without_labels_does_not_stop_a_training(tmp_path, write_rows, loaded):
    """It is left out and told, as are files that are no split; a validation file without labels is a mistake."""
    write_rows(tmp_path / "train.csv", GOOD)
    write_rows(tmp_path / "Validation.CSV", OTHERS)
    write_rows(tmp_path / "test.csv", [{"id": 1, "text": "who will score this"}])
    write_rows(tmp_path / "sample_submission.csv", [{"id": 1, "label": 0}])
    result = loaded("--data", tmp_path)
    assert json.loads(result.stdout) == {"train": 2, "validation": 2}
    assert f"The test split has no labels and is not used: {tmp_path / 'test.csv'}" in result.stderr
    assert f"{tmp_path}: not used: sample_submission.csv" in result.stderr
    write_rows(tmp_path / "Validation.CSV", [{"text": "who knows"}])
    assert "the column 'label' is missing" in loaded("--data", tmp_path).stderr


# Numbers


def test_every_command_says_what_each_option_does_and_ends_with_an_example():
    """Sentences that stand alone, numbers with their range, headings where there are many options."""
    assert help_faults({"emotion-core": main}) == []


def test_every_option_refuses_what_is_no_number_within_its_bounds():
    """NaN, infinity and what lies beyond a bound are one message, before anything is read."""
    assert check_numeric_options(main) >= 6


# What the terminal or the file can show


@pytest.mark.parametrize("charset", ["cp1252", "latin-1", "ascii"])
def test_output_that_is_redirected_has_every_character(tmp_path, write_rows, words_cli, runs, charset):
    """It is UTF-8 also where the system's code page has no emoji, from audit and predict alike."""
    rows = [{"text": "so happy \U0001f600", "label": label} for label in ("joy", "anger")]
    data = write_rows(tmp_path / "\U0001f600.csv", rows)
    for group, words in ((main, ["audit", data, "--json"]), (words_cli, ["predict", runs["words"], "\U0001f600"])):
        result = CliRunner(charset=charset).invoke(group, [str(word) for word in words])
        assert result.exit_code == 0
        assert "\U0001f600" in result.stdout_bytes.decode("utf-8")


def test_a_file_name_that_is_no_text_is_printed_with_escapes(tmp_path, write_rows):
    """On Linux a name may hold any bytes."""
    data = write_rows(tmp_path / "caf\udce9.csv", GOOD)
    result = CliRunner().invoke(main, ["audit", str(data)])
    assert result.exit_code == 0
    assert b"caf\\udce9.csv" in result.stdout_bytes
