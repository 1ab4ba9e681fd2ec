"""The neutral gate: learned beside a training, stored in its run, and used by predictions of every kind."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from emotion_core import load, predict_emotions, predict_frame
from emotion_core.cli.main import main
from emotion_core.data.dataset import Dataset
from emotion_core.data.load import load_dataset
from emotion_core.data.neutral.texts import read_neutral
from emotion_core.errors import DataError, ModelError, RunError
from emotion_core.evaluation.neutral.auroc import auroc
from emotion_core.inference.loading import load_onnx
from emotion_core.inference.neutral.gate import terms
from emotion_core.runs.definition import data_definition, differing
from emotion_core.runs.folder import GATE_FILE, read_run
from emotion_core.runs.predictions import NEUTRAL_COLUMN, PREDICTION_COLUMNS
from emotion_core.serving.models import load_models
from emotion_core.serving.settings import Settings
from emotion_core.serving.web.application import application
from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.ensemble import write_ensemble
from emotion_core.training.neutral.fit import fit_gate
from emotion_core.training.options import RunOptions
from plain_texts import OTHERS, PLAIN, SERVICE
from tiny_onnx import write_onnx_run

QUICK = RunOptions(extras=False, quiet=True)
MOVED = "i am so happy i could cry, what a lovely surprise!!"


def rows_of(split: str, texts: list[str]) -> list[dict[str, str]]:
    """Texts that are meant for a split."""
    return [{"text": text, "split": split} for text in texts]


@pytest.fixture(scope="module")
def neutral_csv(tmp_path_factory: pytest.TempPathFactory, write_rows: Callable[..., Path]) -> Path:
    """A file whose rows teach a gate, and 20 that measure it."""
    path = tmp_path_factory.mktemp("neutral") / "neutral.csv"
    return write_rows(path, [*rows_of("train", PLAIN), *rows_of("test", OTHERS)])


@pytest.fixture(scope="module")
def folder(sample: Dataset, tmp_path_factory: pytest.TempPathFactory, write_rows: Callable[..., Path]) -> Path:
    """Some texts of each split of the sample."""
    made = tmp_path_factory.mktemp("small")
    for name, rows in (("train", 300), ("validation", 60), ("test", 60)):
        write_rows(made / f"{name}.csv", sample.split(name).take(range(rows)).frame().to_dict("records"))
    return made


@pytest.fixture(scope="module")
def small(folder: Path) -> Dataset:
    """These texts."""
    return load_dataset(str(folder))


@pytest.fixture(scope="module")
def taught(small: Dataset, neutral_csv: Path) -> Dataset:
    """The same with texts that teach a gate, whose threshold is recorded."""
    return replace(small, neutral=read_neutral(str(neutral_csv), "train", threshold=0.5))


@pytest.fixture(scope="module")
def gated(taught: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a gate that says neutral from 0.5 on without being asked."""
    output = tmp_path_factory.mktemp("gated") / "svm"
    train_baseline(BASELINES[0], taught, output, 42, QUICK)
    return output


@pytest.fixture(scope="module")
def silent(gated: Path) -> Path:
    """The same run with no threshold in its record."""
    run = Path(shutil.copytree(gated, gated.with_name("silent")))
    record = json.loads((run / "run.json").read_text())
    del record["neutral"]["threshold"]
    (run / "run.json").write_text(json.dumps(record))
    return run


@pytest.fixture(scope="module")
def plain(small: Dataset, gated: Path) -> Path:
    """The same training without a gate."""
    output = gated.with_name("plain")
    train_baseline(BASELINES[0], small, output, 42, QUICK)
    return output


def core(*words: object) -> Result:
    """Call emotion-core."""
    return CliRunner().invoke(main, list(map(str, words)))


class TestTraining:
    """A gate is taught at the end of a training."""

    def test_the_run_says_what_taught_its_gate(self, gated: Path, neutral_csv: Path) -> None:
        """The file, its rows, how many texts it was told from, and the AUROC by cross-validation."""
        record = read_run(gated).neutral
        assert record is not None
        assert (record.source, record.rows, record.emotional_rows) == (str(neutral_csv), 30, 300)
        assert record.threshold == 0.5
        assert 0.9 < record.auroc <= 1

    def test_the_gate_says_what_scikit_learn_says(self, taught: Dataset) -> None:
        """NumPy alone gives the probabilities of the pipeline that was fitted."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        from emotion_core.data.cleaning import CLEANERS

        assert taught.neutral is not None
        train, clean = taught.split("train"), CLEANERS["social_media"]
        vectorizer = TfidfVectorizer(analyzer=terms, min_df=2)
        vectors = vectorizer.fit_transform([clean(text) for text in (*PLAIN, *train.texts)])
        model = LogisticRegression(C=10.0, class_weight="balanced", solver="liblinear")
        model.fit(vectors, [1] * len(PLAIN) + [0] * len(train))
        texts = [SERVICE, MOVED, "", "zzz"]
        expected = model.predict_proba(vectorizer.transform(map(clean, texts)))[:, 1]
        found = fit_gate(taught.neutral, train)[0].probabilities(texts)
        np.testing.assert_allclose(found, expected, atol=1e-9)

    def test_a_command_teaches_a_gate(self, tmp_path: Path, neutral_csv: Path, folder: Path) -> None:
        """Of a file with a column split the train rows alone; the card says so."""
        words = ("--data", folder, "--output", tmp_path / "runs", "--neutral", neutral_csv, "--quiet")
        result = core("baseline", *words)
        assert result.exit_code == 0, result.output
        run = tmp_path / "runs" / "tfidf-svm"
        stated = read_run(run).neutral
        assert stated is not None
        assert (stated.rows, stated.threshold) == (30, None)
        assert "30 texts of `" in (run / "README.md").read_text()

    def test_texts_of_the_data_teach_no_gate(
        self, tmp_path: Path, folder: Path, small: Dataset, write_rows: Callable[..., Path]
    ) -> None:
        """In another spelling neither; the message names the text and the split."""
        shared = small.split("test").texts[0].upper()
        data = write_rows(tmp_path / "neutral.csv", [{"text": text} for text in (*PLAIN, shared)])
        result = core("baseline", "--data", folder, "--output", tmp_path / "runs", "--neutral", data)
        assert result.exit_code == 2
        assert "stands in the test split of the data, too" in result.stderr
        assert not (tmp_path / "runs" / "tfidf-svm").exists()

    def test_a_threshold_needs_a_gate(self, tmp_path: Path, folder: Path) -> None:
        """Without --neutral there is nothing that it could be the threshold of."""
        result = core("baseline", "--data", folder, "--output", tmp_path / "runs", "--neutral-threshold", "0.5")
        assert result.exit_code == 2
        assert "--neutral-threshold goes with --neutral FILE" in result.stderr

    def test_another_gate_is_another_training(self, small: Dataset, taught: Dataset) -> None:
        """So that a training that goes on takes no run with other neutral texts or another threshold."""
        assert taught.neutral is not None
        stated = data_definition(taught, "train")
        assert differing(stated, data_definition(small, "train"))
        assert differing(
            stated, data_definition(replace(taught, neutral=replace(taught.neutral, threshold=0.9)), "train")
        )


class TestFiles:
    """What a file of neutral texts must hold."""

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([{"words": "a"}], "has no column 'text', found words"),
            ([{"text": "a plain text"}] * 3, "has 3 texts, expected at least 20"),
            (rows_of("test", PLAIN), "has 0 texts whose split is train"),
            ([{"text": "a", "n": "1"}, {"text": "", "n": "2"}], "line 3: found an empty text"),
        ],
    )
    def test_a_file_that_cannot_teach_is_refused(
        self, tmp_path: Path, write_rows: Callable[..., Path], rows: list[dict[str, str]], message: str
    ) -> None:
        """With what is wrong, and where."""
        with pytest.raises(DataError, match=message):
            read_neutral(str(write_rows(tmp_path / "neutral.csv", rows)), "train")


class TestPredictions:
    """What users see of the gate."""

    def test_the_six_probabilities_stay_as_they_are(self, gated: Path, plain: Path, small: Dataset) -> None:
        """So that all figures of a run with a gate can be compared with those of one without."""
        texts = small.split("test").texts[:20]
        np.testing.assert_array_equal(load(gated).predict_proba(texts), load(plain).predict_proba(texts))

    @pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
    def test_files_have_a_column_neutral(
        self, silent: Path, tmp_path: Path, write_rows: Callable[..., Path], ending: str
    ) -> None:
        """A number for each text that is read, and nothing for the others."""
        data = write_rows(tmp_path / "data.csv", [{"text": text} for text in (SERVICE, MOVED, "")])
        output = tmp_path / f"out.{ending}"
        result = core("predict", silent, "--input", data, "--output", output)
        assert result.exit_code == 0, result.output
        table = {
            "csv": pd.read_csv,
            "tsv": lambda path: pd.read_csv(path, sep="\t"),
            "jsonl": lambda path: pd.read_json(path, lines=True),
            "parquet": pd.read_parquet,
        }[ending](output)
        assert list(table.columns) == ["text", *PREDICTION_COLUMNS, NEUTRAL_COLUMN]
        service, moved, empty = table[NEUTRAL_COLUMN]
        assert service > 0.5 > moved
        assert pd.isna(empty)
        assert "neutral" not in set(table["predicted_emotion"])

    def test_neutral_is_said_where_it_is_asked_for(self, silent: Path, gated: Path) -> None:
        """By the threshold of the command, or by that of the record, which the command can put out of force."""

        def said(run: Path, *words: object) -> list[str]:
            result = core("predict", run, SERVICE, MOVED, "--quiet", *words)
            assert result.exit_code == 0, result.output
            return [line.split()[0] for line in result.stdout.splitlines()]

        service, moved = said(silent)
        assert "neutral" not in (service, moved)
        assert said(gated) == said(silent, "--neutral-threshold", 0.5) == ["neutral", moved]
        assert said(gated, "--neutral-threshold", 1) == [service, moved]
        assert said(gated, "--abstain-below", 1) == ["neutral", "uncertain"]

    def test_a_run_without_a_gate_calls_no_text_neutral(self, plain: Path) -> None:
        """It says what to do instead, and has no such column."""
        result = core("predict", plain, SERVICE, "--neutral-threshold", 0.5)
        assert result.exit_code == 2
        assert "has no neutral gate" in result.stderr
        assert NEUTRAL_COLUMN not in json.loads(core("predict", plain, SERVICE, "--json").stdout)

    def test_python_gives_it_too(self, silent: Path, plain: Path) -> None:
        """As names, as a column with the label -2, and as numbers alone."""
        classifier = load(silent)
        assert predict_emotions(classifier, [SERVICE, None], neutral_threshold=0.5) == ["neutral", None]
        frame = predict_frame(classifier, pd.DataFrame({"text": [SERVICE, MOVED]}), neutral_threshold=0.5)
        assert frame["predicted_label"].tolist()[0] == -2
        found = classifier.neutral_proba([SERVICE, MOVED])
        assert found is not None
        assert frame[NEUTRAL_COLUMN].tolist() == pytest.approx(found.tolist(), abs=1e-6)
        assert load(plain).neutral_proba([SERVICE]) is None
        with pytest.raises(ModelError, match="no neutral gate"):
            predict_emotions(load(plain), [SERVICE], neutral_threshold=0.5)

    def test_a_run_can_abstain_by_itself(self, silent: Path, tmp_path: Path) -> None:
        """Its record says below which probability, and a command may say another."""
        run = Path(shutil.copytree(silent, tmp_path / "run"))
        record = json.loads((run / "run.json").read_text()) | {"abstain_below": 1.0}
        (run / "run.json").write_text(json.dumps(record))
        assert core("predict", run, MOVED).stdout.split()[0] == "uncertain"
        assert core("predict", run, MOVED, "--abstain-below", "0").stdout.split()[0] != "uncertain"

    def test_an_altered_gate_is_refused(self, gated: Path, tmp_path: Path) -> None:
        """As an altered model is."""
        run = Path(shutil.copytree(gated, tmp_path / "run"))
        (run / GATE_FILE).write_bytes(b"something else")
        with pytest.raises(RunError, match=GATE_FILE):
            load(run)

    def test_the_service_answers_it(self, gated: Path) -> None:
        """Beside the six probabilities; the models say from which threshold on it is the answer."""
        with TestClient(application(load_models([gated]), Settings()), base_url="http://localhost") as client:
            service, moved = client.post("/predict", json={"texts": [SERVICE, MOVED]}).json()["predictions"]
            (model,) = client.get("/models").json()["models"]
        assert (service["emotion"], service["label"], service["uncertain"]) == ("neutral", -2, False)
        assert service["neutral"] > 0.5 > moved["neutral"]
        assert set(service["probabilities"]) == set(moved["probabilities"])
        assert (model["neutral"], model["neutral_threshold"]) == (True, 0.5)


def test_an_ensemble_has_a_gate_of_its_own(taught: Dataset, tmp_path: Path) -> None:
    """Taught by the same texts as those of its members, since it does not look at their probabilities."""
    train = taught.split("train")
    members = [write_onnx_run(tmp_path / name, train.texts, train.labels) for name in ("one", "two")]
    write_ensemble(tmp_path / "both", members, taught, load_onnx, QUICK)
    found = load(tmp_path / "both").neutral_proba([SERVICE, MOVED])
    assert found is not None
    assert found[0] > 0.5 > found[1]


class TestEvaluation:
    """How well neutral texts are told from others."""

    def test_auroc_is_that_of_scikit_learn(self) -> None:
        """Also with ties; the interval holds it and lies between 0 and 1."""
        from sklearn.metrics import roc_auc_score

        draw = np.random.default_rng(0)
        positive, negative = draw.integers(2, 8, 50) / 8, draw.integers(0, 7, 80) / 8
        found = auroc(positive, negative)
        expected = roc_auc_score([1] * 50 + [0] * 80, [*positive, *negative])
        assert found.value == pytest.approx(expected)
        assert 0 <= found.low < found.value < found.high <= 1

    def test_a_gate_is_measured_with_the_rows_that_did_not_teach_it(
        self, gated: Path, plain: Path, neutral_csv: Path, folder: Path, tmp_path: Path
    ) -> None:
        """Beside the highest probability, which is all that a run without a gate has; the figures are kept."""
        words = ("--data", folder, "--neutral", neutral_csv)
        result = core("evaluate", gated, *words, "--output", tmp_path / "kept")
        assert "neutral (20 texts) against emotional (60): AUROC" in result.stdout, result.output
        kept = json.loads((tmp_path / "kept" / "metrics.json").read_text())["neutral"]
        assert kept["auroc_gate"]["value"] > 0.9
        without = json.loads(core("evaluate", plain, *words, "--json", "--quiet").stdout)["neutral"]
        assert "auroc_gate" not in without
        assert without["auroc_highest_probability"] == kept["auroc_highest_probability"]

    def test_texts_that_taught_the_gate_do_not_measure_it(
        self, gated: Path, folder: Path, tmp_path: Path, write_rows: Callable[..., Path]
    ) -> None:
        """The message says how many."""
        data = write_rows(tmp_path / "neutral.csv", [{"text": text} for text in PLAIN])
        result = core("evaluate", gated, "--data", folder, "--neutral", data)
        assert result.exit_code == 2
        assert "30 of these 30 texts taught the gate" in result.stderr


def test_rows_that_are_called_neutral_are_counted(gated: Path, tmp_path: Path, write_rows: Callable[..., Path]) -> None:
    """In the message at the end; a file keeps its own columns."""
    data = write_rows(tmp_path / "data.csv", [{"id": "1", "text": SERVICE}, {"id": "2", "text": MOVED}])
    result = core("predict", gated, "--input", data, "--output", tmp_path / "out.csv")
    assert "2 rows, 1 neutral" in result.stderr
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["1", "2"]
