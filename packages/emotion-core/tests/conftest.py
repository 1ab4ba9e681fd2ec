"""What several tests share: a small real classifier, its run folders, writers of data files, and the command lines."""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import click
import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import settings
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from emotion_core import RunError, letters_only, load_dataset
from emotion_core.classifier import Classifier
from emotion_core.cli.commands.behave import behave_command
from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.main import main
from emotion_core.cli.options import EmotionGroup
from emotion_core.cli.several.transfer import transfer_command
from emotion_core.data.dataset import Dataset, Split
from emotion_core.evaluation.evaluate import measure_predictions
from emotion_core.inference.loading import origin_of
from emotion_core.labels import EMOTION_TO_ID, N_EMOTIONS
from emotion_core.runs.folder import (
    METRICS_FILE,
    MODEL_DIR,
    PREDICTIONS_FILE,
    RUN_FILE,
    read_json,
    read_run,
)
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells
from emotion_core.runs.typed_json import to_json
from emotion_core.runs.writer import RunWriter
from emotion_core.training.finish import finish_training_run
from emotion_core.training.options import RunOptions

settings.register_profile("emotion", deadline=None)
settings.load_profile("emotion")

PACKAGE = "emotion-words"
MODEL_FILE = "words.joblib"


class WordClassifier(Classifier):
    """A real classifier in the smallest form: counts of words, and naive Bayes."""

    def __init__(self, pipeline, temperature=1.0):
        self.pipeline, self.temperature = pipeline, temperature

    @classmethod
    def fit(cls, texts, labels, alpha=0.1):
        """Train on texts that need not be clean, nor of all six emotions."""
        pipeline = make_pipeline(CountVectorizer(), MultinomialNB(alpha=alpha))
        return cls(pipeline.fit([letters_only(text) for text in texts], labels))

    def raw_probabilities(self, texts, progress):
        """Probabilities, shape (n, 6)."""
        probabilities = np.zeros((len(texts), N_EMOTIONS), np.float32)
        probabilities[:, self.pipeline.classes_] = self.pipeline.predict_proba([letters_only(text) for text in texts])
        progress(len(texts))
        return probabilities

    def save(self, folder):
        """Write the model into the folder of a run."""
        joblib.dump(self.pipeline, folder / MODEL_FILE)

    @classmethod
    def load(cls, run_dir):
        """Load the model of a run folder, with the temperature of the run."""
        path = Path(run_dir) / MODEL_DIR / MODEL_FILE
        if not path.is_file():
            raise RunError(f"{run_dir}: has no {MODEL_FILE}.")
        record = read_run(run_dir)
        classifier = cls(joblib.load(path), record.temperature)
        classifier.origin = origin_of(record, run_dir)
        return classifier


@pytest.fixture(scope="session")
def sample():
    """The bundled corpus."""
    return load_dataset("sample")


@pytest.fixture(scope="session")
def classifier(sample):
    """A classifier fitted on the train split of the bundled corpus."""
    train = sample.split("train")
    return WordClassifier.fit(train.texts, train.labels)


@pytest.fixture(scope="session")
def train_run():
    """A function that saves a classifier and makes the run folder of its training, as the model packages do."""

    def train(output, classifier, dataset, *, calibrate=True, extras=False, quiet=True):
        with RunWriter(output, "train") as run:
            classifier.save(run.model_dir)
            run.record = replace(
                run.record,
                package=PACKAGE,
                model="words",
                seed=42,
                hyperparameters={"alpha": 0.1},
                text_cleaning="letters_only",
                parameters=int(classifier.pipeline[-1].feature_log_prob_.size),
            )
            reloaded = WordClassifier(joblib.load(run.model_dir / MODEL_FILE))
            history = [{"epoch": 1, "loss": 1.5, "val_accuracy": 0.3}, {"epoch": 2, "loss": 1.0, "val_accuracy": 0.5}]
            options = RunOptions(calibrate=calibrate, extras=extras, quiet=quiet)
            finish_training_run(run, reloaded, dataset, history, options)
        return output

    return train


@pytest.fixture(scope="session")
def runs(tmp_path_factory, sample, classifier, train_run):
    """Run folders on the same validation texts: ``words``, ``same`` (the same model), ``better`` (saw the texts)."""
    folder = tmp_path_factory.mktemp("runs")
    seen = sample.split("validation")
    better = WordClassifier.fit(seen.texts, seen.labels)
    runs = {
        "words": train_run(folder / "words", classifier, sample, extras=True),
        "better": train_run(folder / "better", better, sample, extras=True),
        "same": shutil.copytree(folder / "words", folder / "same"),
    }
    (runs["same"] / RUN_FILE).write_text(json.dumps(read_json(runs["same"], "run.json") | {"name": "same"}))
    return runs


HOSTILE = "</script><script>document.title = 'spoilt'</script>"
VOTES = (
    ("all are right here", "joy", ("joy", 0.9), ("joy", 0.9), ("joy", 0.9)),
    (HOSTILE, "anger", ("anger", 0.9), ("joy", 0.9), ("anger", 0.9)),
    ("<img src=x onerror=\"document.title = 'spoilt'\">", "sadness", ("fear", 0.5), ("sadness", 0.6), ("sadness", 0.6)),
    ("nan", "love", ("love", 0.4), ("love", 0.4), ("surprise", 0.4)),
    ("word " * 1000, "surprise", ("surprise", 0.95), ("surprise", 0.95), ("joy", 0.99)),
    ("two\nlines", "fear", ("fear", 0.8), ("fear", 0.8), ("fear", 0.8)),
    ("so & so", "sadness", ("sadness", 0.7), ("anger", 0.7), ("anger", 0.7)),
)


@pytest.fixture(scope="session")
def disputed(tmp_path_factory, write_rows):
    """Evaluations ``best``, ``middle`` and ``worst`` (called `HOSTILE`) of `VOTES`: text, emotion, what each says."""
    folder = tmp_path_factory.mktemp("disputed")
    split = Split([text for text, *_ in VOTES], [EMOTION_TO_ID[true] for _, true, *_ in VOTES])
    dataset = Dataset("disputed", {"test": split})
    names = ("best", "middle", "worst")
    for number, name in enumerate(names):
        said = [(EMOTION_TO_ID[vote[2 + number][0]], vote[2 + number][1]) for vote in VOTES]
        probabilities = np.array([[(1 - p) / 5 if i != label else p for i in range(6)] for label, p in said])
        with RunWriter(folder / name, "evaluate") as run:
            run.record = replace(
                run.record, package=PACKAGE, model="words", parameters=100 + number, model_size_bytes=9
            )
            run.write_json(METRICS_FILE, to_json(measure_predictions(dataset, "test", probabilities, 1.0)))
            predicted = pd.DataFrame(prediction_cells(probabilities), columns=PREDICTION_COLUMNS)
            write_rows(run.path / PREDICTIONS_FILE, split.frame().join(predicted).to_dict("records"))
    (folder / "worst" / RUN_FILE).write_text(json.dumps(read_json(folder / "worst", "run.json") | {"name": HOSTILE}))
    return [folder / name for name in names]


@pytest.fixture(scope="session")
def calibrated(runs):
    """The classifier of the run ``words``, as a user loads it: with the temperature of the run."""
    return WordClassifier.load(runs["words"])


@pytest.fixture(scope="session")
def words_cli():
    """The command line of a model package whose models are WordClassifiers."""

    @click.group(cls=EmotionGroup)
    def group():
        """Commands of a model package."""

    def load(run_dir, device):
        return WordClassifier.load(run_dir)

    group.add_command(evaluate_command(PACKAGE, load))
    group.add_command(predict_command(PACKAGE, load))
    group.add_command(behave_command(PACKAGE, load))
    group.add_command(transfer_command(PACKAGE, load))
    return group


@pytest.fixture
def invoke(words_cli):
    """A function that runs a command: of the words package what model packages have, any other of core."""

    def run(*arguments, **options):
        arguments = [str(argument) for argument in arguments]
        group = words_cli if arguments[0] in words_cli.commands else main
        return CliRunner().invoke(group, arguments, **options)

    return run


@pytest.fixture
def succeed(invoke):
    """A function that runs a command which must end well."""

    def run(*arguments, **options):
        result = invoke(*arguments, **options)
        assert result.exit_code == 0, result.output
        return result

    return run


@pytest.fixture
def refuse(invoke):
    """A function that runs a command which must end with one message, and returns that message."""

    def run(*arguments, **options):
        result = invoke(*arguments, **options)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("Error: ") == 1
        assert "Traceback" not in result.stderr
        return result.stderr.removeprefix("Error: ").rstrip("\n")

    return run


@pytest.fixture(scope="session")
def write_rows():
    """A function that writes rows (dictionaries) in the form that the ending of the path names."""

    def write(path, rows, encoding="utf-8"):
        columns = list(dict.fromkeys(name for row in rows for name in row))
        if path.suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.Table.from_pylist(rows), path)
            return path
        with path.open("w", encoding=encoding, newline="") as file:
            if path.suffix == ".json":
                json.dump(rows, file, ensure_ascii=encoding == "ascii")
            elif path.suffix in (".jsonl", ".ndjson"):
                file.writelines(json.dumps(row, ensure_ascii=encoding == "ascii") + "\n" for row in rows)
            elif path.suffix == ".txt":
                file.writelines(";".join(str(cell) for cell in row.values()) + "\n" for row in rows)
            else:
                writer = csv.DictWriter(file, columns, delimiter="\t" if path.suffix == ".tsv" else ",")
                writer.writeheader()
                writer.writerows(rows)
        return path

    return write


@pytest.fixture(scope="session")
def emotion_folder():
    """The folder with the public emotion tweets, which is not part of the repository."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "emotion"
    folder = Path(os.environ.get("EMOTION_DATA_DIR") or beside)
    if not (folder / "train.csv").is_file():
        pytest.skip("the emotion tweets are not here: name their folder with EMOTION_DATA_DIR")
    return folder
