"""Predicting texts, files and standard input, with the user's own columns and order kept."""

import csv
import gzip
import io
import itertools
import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from conftest import WordClassifier

from emotion_core.cli.main import main
from emotion_core.data.cleaning import letters_only
from emotion_core.data.known_words import KnownWords, foreign_texts
from emotion_core.data.readers import open_table
from emotion_core.errors import DataError
from emotion_core.inference.counts import Counts
from emotion_core.inference.ensemble import Ensemble
from emotion_core.inference.frames import predict_emotions
from emotion_core.inference.predict import checked_table, predict_rows, predict_table
from emotion_core.inference.shared_prediction import SharedClassifier
from emotion_core.inference.writers import CHUNK_ROWS, OUTPUT_FORMATS
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells
from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.options import RunOptions

INPUTS = (".csv", ".tsv", ".jsonl", ".parquet")
ROWS = [
    {"id": "7", "text": "so glad, really", "note": "a"},
    {"id": "3", "text": "   ", "note": "b"},
    {"id": "9", "text": 'he said "boo"\nand ran', "note": "c"},
]


def read(path):
    """The rows of a written file."""
    return [row.cells for row in open_table(path)]


@pytest.fixture
def run(runs):
    """The run folder whose model predicts."""
    return runs["words"]


@pytest.mark.parametrize("target", OUTPUT_FORMATS)
@pytest.mark.parametrize("source", INPUTS)
def test_every_form_is_predicted_into_every_form(tmp_path, write_rows, run, succeed, calibrated, source, target):
    """Own columns and order stay, a row without text keeps its place without prediction, the rest is as predicted."""
    data = write_rows(tmp_path / f"data{source}", ROWS)
    result = succeed("predict", run, "--input", data, "--output", tmp_path / f"out{target}")
    rows = read(tmp_path / f"out{target}")
    assert [list(row) for row in rows] == [["id", "text", "note", *PREDICTION_COLUMNS]] * 3
    assert [{name: row[name] for name in ROWS[0]} for row in rows] == ROWS
    expected = prediction_cells(calibrated.predict_proba([ROWS[0]["text"], ROWS[2]["text"]]))
    for row, (label, emotion, *probabilities) in zip((rows[0], rows[2]), expected, strict=True):
        assert (int(row["predicted_label"]), row["predicted_emotion"]) == (label, emotion)
        assert [float(row[name]) for name in PREDICTION_COLUMNS[2:]] == pytest.approx(probabilities)
    assert {rows[1][name] for name in PREDICTION_COLUMNS} <= {None, ""}
    assert result.stdout == ""
    assert "3 rows, 1 without text and so without prediction" in result.stderr


def test_lines_of_a_txt_file_are_predicted_one_by_one(tmp_path, run, succeed):
    """Blank lines keep their places, and a semicolon belongs to the text."""
    (tmp_path / "data.txt").write_text("so glad; so so glad\n\nboo\n", encoding="utf-8")
    succeed("predict", run, "--input", tmp_path / "data.txt", "--output", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["text"] for row in rows] == ["so glad; so so glad", "", "boo"]
    assert [bool(row["predicted_emotion"]) for row in rows] == [True, False, True]


def test_the_text_nan_is_a_text_like_any_other(tmp_path, write_rows, run, succeed):
    """It may be someone's grandmother; only training data take it for a gap."""
    data = write_rows(tmp_path / "data.csv", [{"text": "nan"}])
    succeed("predict", run, "--input", data, "--output", tmp_path / "out.jsonl")
    assert read(tmp_path / "out.jsonl")[0]["predicted_emotion"] in ID_TO_EMOTION.values()


@pytest.mark.parametrize("value", [None, float("nan"), 5, ["a"], "", "NULL", " #N/A", "<NA>", "None", "#NAME?"])
def test_a_value_that_is_no_text_gets_no_prediction(classifier, value):
    """A gap, a spreadsheet's word for one, a number or a list keeps its place with None in every added column."""
    rows = list(predict_rows(classifier, [{"text": value}, {"text": "so glad"}, {}]))
    assert [row["predicted_label"] is None for row in rows] == [True, False, True]
    assert all(rows[0][name] is None for name in PREDICTION_COLUMNS)


INVISIBLE = ("\u200b", "\ufeff", "\0", "&nbsp; &#8203;", "\u200e\u202a", "\xad\xad", "\u2800\u3164", "\u0301")


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_that_nobody_can_see_is_none(classifier, text):
    """Zero-width characters, marks, entities of spaces and controls are no text, whatever a classifier makes of it."""
    assert [emotion is None for emotion in predict_emotions(classifier, [text, f"{text}glad"])] == [True, False]


class LatinOnly(WordClassifier):
    """A classifier that knows of which texts it reads nothing."""

    def unread(self, texts):
        """The reason for each text whose cleaning leaves nothing."""
        return [None if letters_only(text) else "no Latin letters" for text in texts]


@pytest.fixture
def latin(classifier):
    """The trained classifier, which tells what it cannot read."""
    return LatinOnly(classifier.pipeline)


def test_a_text_of_which_nothing_is_read_gets_no_prediction(latin, tmp_path, write_rows):
    """It keeps its place, and is counted with the reason, apart from rows without text."""
    texts = ["so glad", "привет", "", "12345", "boo"]
    data = write_rows(tmp_path / "data.csv", [{"text": text} for text in texts])
    counts = predict_table(latin, open_table(data), tmp_path / "out.csv")
    assert [bool(row["predicted_emotion"]) for row in read(tmp_path / "out.csv")] == [True, False, False, False, True]
    assert counts == Counts(5, 1, 0, Counter({"no Latin letters": 2}))
    assert "5 rows, 1 without text and so without prediction, 2 with no Latin letters and so" in counts.words()


def test_what_stands_around_a_classifier_tells_what_it_cannot_read(latin, classifier, run, tmp_path):
    """Processes that share a prediction say the same; of an ensemble a text is unread if no member reads it."""
    texts = ["so glad", "привет"]
    assert SharedClassifier(latin, run, tmp_path / "out.csv", 0, 2).unread(texts) == [None, "no Latin letters"]
    assert Ensemble([latin, latin]).unread(texts) == [None, "no Latin letters"]
    assert Ensemble([latin, classifier]).unread(texts) == [None, None]


GERMAN = "Meine Oma fehlt mir so sehr in dieser Stadt"


@pytest.fixture(scope="module")
def use_svm(tmp_path_factory, sample):
    """Calls a command of emotion-core with the run of a linear SVM, which knows the words of the sample."""
    run = tmp_path_factory.mktemp("runs") / "svm"
    train_baseline(BASELINES[0], sample, run, 42, RunOptions(extras=False, quiet=True))

    def use(command, *words):
        result = CliRunner().invoke(main, [command, str(run), *map(str, words)])
        assert result.exit_code == 0, result.output
        return result

    return use


@pytest.mark.parametrize("output", [None, "out.csv"])
def test_rows_in_another_language_are_counted_and_told(use_svm, tmp_path, write_rows, output):
    """With the numbers of the first ones, whether the predictions are written or printed; with --quiet they are not."""
    data = write_rows(tmp_path / "data.csv", [{"text": text} for text in ("so glad that you came", GERMAN, "", GERMAN)])
    words = ("--input", data, *(("--output", tmp_path / output, "--force") if output else ()))
    told = "2 of 3 texts seem to be in a language that the model does not read (rows 2, 4): do not rely on their predic"
    assert told in use_svm("predict", *words).stderr
    assert "language" not in use_svm("predict", *words, "--quiet").stderr


def test_a_text_in_another_language_is_told_beside_its_prediction(use_svm):
    """It gets one all the same."""
    result = use_svm("predict", GERMAN)
    assert GERMAN in result.stdout
    assert result.stderr.endswith("in a language that the model does not read: do not rely on its prediction.\n")
    assert "language" not in use_svm("predict", "i am so glad that you came").stderr


def test_an_evaluation_tells_how_many_texts_are_in_another_language(use_svm, tmp_path, write_rows):
    """Their labels count in the figures like all others."""
    rows = [{"text": text, "label": "joy"} for text in ("so glad that you came", GERMAN)]
    result = use_svm("evaluate", "--data", write_rows(tmp_path / "data.csv", rows))
    assert "1 of 2 texts seems to be in a language that the model does not read: do not rely on its" in result.stderr


def test_what_stands_around_a_classifier_tells_what_is_foreign_to_it(classifier, run, tmp_path):
    """Processes that share a prediction say the same; to an ensemble a text is foreign if it is so to every member."""

    class English(WordClassifier):
        def foreign(self, texts):
            return foreign_texts(KnownWords(frozenset({"glad", "that", "you", "came"}), 3, joined=True), texts)

    english, texts = English(classifier.pipeline), ["so glad that you came", GERMAN]
    assert SharedClassifier(english, run, tmp_path / "out.csv", 0, 2).foreign(texts) == [False, True]
    assert Ensemble([english, english]).foreign(texts) == [False, True]
    assert Ensemble([english, classifier]).foreign(texts) == [False, False]


def test_rows_are_predicted_a_chunk_at_a_time(classifier):
    """The first row of an endless source is predicted after one chunk was read."""
    taken = itertools.count()
    rows = predict_rows(classifier, ({"text": "so glad", "n": next(taken)} for _ in itertools.count()))
    assert next(rows)["n"] == 0
    assert next(taken) == CHUNK_ROWS


@pytest.mark.parametrize("target", OUTPUT_FORMATS)
def test_many_chunks_come_out_in_order_and_are_counted(tmp_path, write_rows, classifier, target):
    """More rows than two chunks hold, with gaps among them, keep their order; progress counts the texts."""
    texts = ["" if number % 100 == 0 else f"glad {number}" for number in range(2 * CHUNK_ROWS + 10)]
    data = write_rows(tmp_path / "data.csv", [{"text": text, "n": str(n)} for n, text in enumerate(texts)])
    done = []
    counts = predict_table(classifier, open_table(data), tmp_path / f"out{target}", progress=done.append)
    rows = read(tmp_path / f"out{target}")
    assert [row["n"] for row in rows] == [str(n) for n in range(len(texts))]
    assert [row["predicted_label"] in (None, "") for row in rows] == [text == "" for text in texts]
    assert counts == Counts(len(texts), texts.count(""))
    assert sum(done) == len(texts) - texts.count("")


@pytest.mark.parametrize("name", ["data.csv", "data.parquet"])
@pytest.mark.parametrize("target", OUTPUT_FORMATS)
def test_a_file_without_rows_gives_a_file_without_rows(tmp_path, run, succeed, name, target):
    """A header alone is no mistake in prediction; the output has the columns."""
    if name == "data.csv":
        (tmp_path / name).write_text("text,id\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"text": pa.array([], pa.string()), "id": pa.array([], pa.int64())}), tmp_path / name)
    succeed("predict", run, "--input", tmp_path / name, "--output", tmp_path / f"out{target}")
    if target == ".jsonl":
        assert (tmp_path / "out.jsonl").read_bytes() == b""
    else:
        table = open_table(tmp_path / f"out{target}")
        assert (table.columns, list(table)) == (("text", "id", *PREDICTION_COLUMNS), [])


def test_columns_of_a_parquet_file_keep_their_types(tmp_path, run, succeed):
    """Also where the first rows are gaps; the added columns are integers, strings and floats."""
    own = pa.schema([("text", pa.large_string()), ("n", pa.int16()), ("tags", pa.list_(pa.string()))])
    pq.write_table(
        pa.table({"text": ["a", "b"], "n": [None, 2], "tags": [None, ["x"]]}, schema=own), tmp_path / "a.parquet"
    )
    succeed("predict", run, "--input", tmp_path / "a.parquet", "--output", tmp_path / "b.parquet")
    written = pq.read_table(tmp_path / "b.parquet")
    assert written.schema.types == [*own.types, pa.int64(), pa.string(), *[pa.float64()] * 6]
    assert written.column("tags").to_pylist() == [None, ["x"]]


def test_values_that_parquet_cannot_hold_together_are_told(tmp_path, run, refuse):
    """A jsonl column with numbers and words, or with a number beyond 64 bits, goes to jsonl or csv alone."""
    for name, values in (("mixed", ["1", '"one"']), ("huge", ["1" + "0" * 30])):
        data = tmp_path / f"{name}.jsonl"
        data.write_text("".join(f'{{"text": "a", "x": {value}}}\n' for value in values), encoding="utf-8")
        message = refuse("predict", run, "--input", data, "--output", tmp_path / "out.parquet", "--quiet")
        assert message.startswith(f"{data}: the column 'x' holds values that parquet cannot store together")
        assert message.endswith("Write a .jsonl or .csv file instead.")
        assert not (tmp_path / "out.parquet").exists()


def test_half_an_emoji_stays_in_jsonl_and_is_replaced_elsewhere(tmp_path, run, succeed):
    """JSON can escape a lone surrogate; csv and parquet get U+FFFD in its place."""
    data = tmp_path / "data.jsonl"
    data.write_text('{"text": "so glad \\ud83d"}\n', encoding="utf-8")
    for suffix, expected in ((".jsonl", "so glad \ud83d"), (".csv", "so glad \ufffd"), (".parquet", "so glad \ufffd")):
        succeed("predict", run, "--input", data, "--output", tmp_path / f"out{suffix}")
        assert read(tmp_path / f"out{suffix}")[0]["text"] == expected


def test_an_existing_output_is_replaced_by_force_alone(tmp_path, write_rows, run, succeed, refuse):
    """Without --force it stays untouched."""
    data, output = write_rows(tmp_path / "data.csv", ROWS), tmp_path / "out.csv"
    output.write_text("mine", encoding="utf-8")
    arguments = ("predict", run, "--input", data, "--output", output)
    assert refuse(*arguments) == f"{output}: exists already. Choose another --output, or replace it with --force."
    assert output.read_text(encoding="utf-8") == "mine"
    succeed(*arguments, "--force")
    assert len(read(output)) == 3


def test_the_input_is_never_overwritten(tmp_path, write_rows, run, refuse):
    """Not even with --force, nor under another spelling of its path."""
    data = write_rows(tmp_path / "data.csv", ROWS)
    before = data.read_bytes()
    (tmp_path / "sub").mkdir()
    output = tmp_path / "sub" / ".." / "data.csv"
    assert "is the input itself" in refuse("predict", run, "--input", data, "--output", output, "--force", "--quiet")
    assert data.read_bytes() == before


@pytest.mark.parametrize("target", OUTPUT_FORMATS)
def test_a_prediction_that_fails_leaves_nothing(tmp_path, run, refuse, target):
    """A row of another width near the end stops it, and neither the output nor half of it is there."""
    data = tmp_path / "data.csv"
    data.write_text("text,id\n" + "glad,1\n" * (CHUNK_ROWS + 5) + "a,b,c\n", encoding="utf-8")
    message = refuse("predict", run, "--input", data, "--output", tmp_path / f"out{target}", "--quiet")
    assert message.startswith(f"{data}, line {CHUNK_ROWS + 7}: found 3 cells, expected 2 as in the header.")
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("out.xlsx", "found the ending '.xlsx', expected one of .csv, .tsv, .jsonl, .parquet"),
        ("out", "found the ending ''"),
        ("nowhere/out.csv", "nowhere does not exist. Make it first."),
    ],
)
def test_an_output_that_cannot_be_is_refused(tmp_path, write_rows, run, refuse, output, message):
    """An ending that names no form, and a folder that is not there."""
    data = write_rows(tmp_path / "data.csv", ROWS)
    assert message in refuse("predict", run, "--input", data, "--output", tmp_path / output)


def test_a_column_named_like_an_added_one_is_refused(tmp_path, write_rows):
    """The user's column is not overwritten."""
    data = write_rows(tmp_path / "data.csv", [{"text": "a", "predicted_label": "1"}])
    with pytest.raises(DataError, match="has a column 'predicted_label' already"):
        checked_table(data, "text")


def test_the_text_column_is_named_by_option(tmp_path, write_rows, run, succeed):
    """The texts are taken from it."""
    data = write_rows(tmp_path / "data.csv", [{"text": "", "tweet": "so glad"}])
    succeed("predict", run, "--input", data, "--output", tmp_path / "out.csv", "--text-column", "tweet")
    assert read(tmp_path / "out.csv")[0]["predicted_emotion"] in ID_TO_EMOTION.values()


def test_texts_as_arguments_are_shown_with_emotion_and_probability(run, succeed, calibrated):
    """One line each, in order, with the most probable emotion."""
    texts = ["so very glad today", "  ", "i am so scared"]
    lines = succeed("predict", run, *texts).stdout.splitlines()
    for text, line in ((texts[0], lines[0]), (texts[2], lines[2])):
        probabilities = calibrated.predict_proba([text])[0]
        emotion = ID_TO_EMOTION[int(probabilities.argmax())]
        assert line.split(maxsplit=2) == [emotion, f"{probabilities.max():.3f}", text]
    assert lines[1].startswith("(no text)")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_argument_that_is_not_utf8_is_predicted_all_the_same(run, succeed, options):
    """A terminal set to Latin-1 hands over bytes that Python keeps as lone surrogates."""
    assert "so glad caf" in succeed("predict", run, "so glad caf\udce9", *options).stdout


def test_the_text_column_of_files_does_not_matter_to_arguments_and_standard_input(run, succeed):
    """Both are texts and nothing else, whatever a column is called."""
    given = succeed("predict", run, "so glad", "--text-column", "tweet").stdout
    assert given == succeed("predict", run, "so glad").stdout
    piped = ("predict", run, "--input", "-")
    assert (
        succeed(*piped, "--text-column", "tweet", input="so glad\n").stdout == succeed(*piped, input="so glad\n").stdout
    )


def test_json_is_one_object_a_line_and_nothing_else(run, succeed, calibrated):
    """Each has the text, label, emotion and six probabilities that sum to 1."""
    texts = ["so very glad today", "café 🎉"]
    result = succeed("predict", run, *texts, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in rows] == [["text", *PREDICTION_COLUMNS]] * 2
    assert [row["text"] for row in rows] == texts
    probabilities = np.array([[row[name] for name in PREDICTION_COLUMNS[2:]] for row in rows])
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert probabilities == pytest.approx(calibrated.predict_proba(texts), abs=1e-6)
    assert result.stderr == ""


def test_standard_input_is_one_text_a_line(run, succeed):
    """Blank lines keep their places, a semicolon belongs to the text; csv comes out."""
    result = succeed("predict", run, "--input", "-", input=b"so glad\r\n\nso so; love\n")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["text"] for row in rows] == ["so glad", "", "so so; love"]
    assert [bool(row["predicted_emotion"]) for row in rows] == [True, False, True]


def test_standard_input_in_another_encoding_is_told(run, succeed, refuse):
    """UTF-16 is read and named, with a mark or without; a byte of Windows-1252 is refused with its line."""
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        result = succeed("predict", run, "--input", "-", input="so glad, so very glad\ncafé\n".encode(encoding))
        assert [row["text"] for row in csv.DictReader(io.StringIO(result.stdout.lstrip("\ufeff")))] == [
            "so glad, so very glad",
            "café",
        ]
        assert "standard input: the text is UTF-16" in result.stderr
    message = refuse("predict", run, "--input", "-", "--quiet", input="so glad\ncafé\n".encode("cp1252"))
    assert message.startswith("standard input, line 2: found the byte 0xe9 at position 4, expected UTF-8 text.")


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_standard_input_may_be_a_file_of_any_format(tmp_path, write_rows, run, succeed, form):
    """With --format its rows come out as those of a file do, compressed or not."""
    data = write_rows(tmp_path / f"data.{form}", ROWS)
    expected = succeed("predict", run, "--input", data).stdout
    piped = ("predict", run, "--input", "-", "--format", form)
    assert succeed(*piped, input=data.read_bytes()).stdout == expected
    assert succeed(*piped, input=gzip.compress(data.read_bytes())).stdout == expected


def test_standard_input_goes_to_a_file_too(tmp_path, run, succeed):
    """With --output the rows are written instead of printed."""
    result = succeed("predict", run, "--input", "-", "--output", tmp_path / "out.jsonl", "--quiet", input="one\ntwo\n")
    assert [row["text"] for row in read(tmp_path / "out.jsonl")] == ["one", "two"]
    assert (result.stdout, result.stderr) == ("", "")


def test_a_file_without_output_is_printed_as_csv(tmp_path, write_rows, run, succeed):
    """What is printed is what would be written."""
    data = write_rows(tmp_path / "data.jsonl", ROWS)
    result = succeed("predict", run, "--input", data)
    succeed("predict", run, "--input", data, "--output", tmp_path / "out.csv")
    assert result.stdout_bytes == (tmp_path / "out.csv").read_bytes()


@pytest.mark.parametrize("arguments", [(), ("so glad", "--input", "data.csv")])
def test_texts_and_a_file_exclude_each_other(run, invoke, arguments):
    """Neither, or both, is a mistake that is told with exit code 2."""
    result = invoke("predict", run, *arguments)
    assert result.exit_code == 2
    assert "Give either TEXTs or --input FILE" in result.stderr


# Abstaining


@pytest.mark.parametrize("target", OUTPUT_FORMATS)
def test_a_text_below_the_threshold_is_uncertain_and_keeps_its_probabilities(
    tmp_path, write_rows, run, succeed, calibrated, target
):
    """Its label is -1, a text at the threshold keeps its emotion, and a row without text has no label at all."""
    texts = ["so very glad today", "", "hm", "i am so scared"]
    data = write_rows(tmp_path / "data.csv", [{"text": text, "n": "1"} for text in texts])
    plain = list(predict_rows(calibrated, [{"text": text} for text in texts]))
    highest = [max(row[name] or 0 for name in PREDICTION_COLUMNS[2:]) for row in plain]
    threshold = sorted(highest)[2]
    output = tmp_path / f"out{target}"
    result = succeed("predict", run, "--input", data, "--output", output, "--abstain-below", threshold)
    for before, top, row in zip(plain, highest, read(output), strict=True):
        sure = (before["predicted_label"], before["predicted_emotion"])
        expected = (-1, "uncertain") if 0 < top < threshold else sure
        label, emotion = row["predicted_label"], row["predicted_emotion"]
        assert (None if label in (None, "") else int(label), emotion or None) == expected
        probabilities = [None if row[name] in (None, "") else float(row[name]) for name in PREDICTION_COLUMNS[2:]]
        assert probabilities == [before[name] for name in PREDICTION_COLUMNS[2:]]
    assert "4 rows, 1 without text and so without prediction, 1 uncertain" in result.stderr


def test_parquet_keeps_its_types_where_every_text_is_uncertain(tmp_path, write_rows, run, succeed):
    """The label stays an integer, the emotion a string, the probabilities floats."""
    data = write_rows(tmp_path / "data.csv", [{"text": "hm"}])
    succeed("predict", run, "--input", data, "--output", tmp_path / "out.parquet", "--abstain-below", "1")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.schema.types[1:] == [pa.int64(), pa.string(), *[pa.float64()] * 6]
    assert written.column("predicted_label").to_pylist() == [-1]


def test_an_uncertain_argument_is_shown_with_its_highest_probability(run, succeed, calibrated):
    """The word stands where the emotion would."""
    line = succeed("predict", run, "hm", "--abstain-below", "1").stdout
    assert line.split() == ["uncertain", f"{calibrated.predict_proba(['hm']).max():.3f}", "hm"]


def test_prediction_abstains_from_nothing_unless_asked(run, succeed):
    """Even the least sure text gets an emotion by default."""
    assert succeed("predict", run, "hm").stdout.split()[0] in ID_TO_EMOTION.values()


@pytest.mark.parametrize("value", ["-0.1", "1.1", "half"])
def test_a_threshold_that_is_no_probability_is_refused(run, invoke, value):
    """The message names the option."""
    result = invoke("predict", run, "hm", "--abstain-below", value)
    assert result.exit_code == 2
    assert "--abstain-below" in result.stderr


# Calibration


def test_uncalibrated_prediction_is_that_of_the_model_alone(run, succeed, classifier, calibrated):
    """With --uncalibrated the temperature of the run is left out."""
    row = json.loads(succeed("predict", run, "so very glad today", "--json", "--uncalibrated").stdout)
    raw = classifier.predict_proba(["so very glad today"])[0]
    assert [row[name] for name in PREDICTION_COLUMNS[2:]] == pytest.approx(raw, abs=1e-6)
    assert abs(calibrated.predict_proba(["so very glad today"])[0] - raw).max() > 0.01


def test_a_missing_number_of_a_parquet_file_is_null_in_jsonl(tmp_path, run, succeed):
    """JSON knows no NaN."""
    pq.write_table(pa.table({"text": ["what a day", "oh no"], "weight": [1.5, np.inf]}), tmp_path / "data.parquet")
    succeed("predict", run, "--input", tmp_path / "data.parquet", "--output", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line, parse_constant=pytest.fail)["weight"] for line in lines] == [1.5, None]
