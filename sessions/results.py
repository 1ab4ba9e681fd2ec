"""Figures: the demonstration, the published results, and the speeds."""

from __future__ import annotations

import argparse
import csv
import os
import shutil
from pathlib import Path

import nox

from sessions.common import BERT, CORE, RNN, STUDY, TORCH_OPTION, install, install_with_torch, session

DEMO_OUTPUT = Path("demo-output")
RESULTS_OUTPUT = Path("results-output")
TWO_AT_A_TIME = ("--workers", "2", "--threads", "1")
SMALL = ("--recipe", "small", "--glove", "sample")
"""Settings of a recurrent network for the sample, and the vectors of its words."""
DEMO_POSTS = Path("shared-data", "examples", "posts.csv")


@session
def bench(session: nox.Session) -> None:
    """Measure the speed figures."""
    install_with_torch(session, CORE, RNN, f"{BERT}[offline]")
    for script in sorted(Path("benchmarks").glob("*.py")):
        session.run("python", str(script))


@session
def demo(session: nox.Session) -> None:
    """Train a baseline, a BiGRU and MiniLM on the bundled corpus, measure them, predict a file, and compare."""
    install_with_torch(session, CORE, RNN, f"{BERT}[offline]")
    shutil.rmtree(DEMO_OUTPUT, ignore_errors=True)
    DEMO_OUTPUT.mkdir()
    svm, gru, minilm = (str(DEMO_OUTPUT / name) for name in ("tfidf-svm", "gru", "minilm"))
    session.run("emotion-core", "baseline", "--data", "sample", "--output", str(DEMO_OUTPUT))
    session.run("emotion-rnn", "train", "gru", "--data", "sample", "--output", gru, *SMALL)
    session.run("emotion-bert", "train", "--model", "minilm", "--data", "sample", "--output", minilm, "--epochs", "3")
    for program, run in (("emotion-core", svm), ("emotion-rnn", gru), ("emotion-bert", minilm)):
        session.run(program, "evaluate", run, "--data", "sample", "--split", "test", "--output", f"{run}-test")
    predicted = DEMO_OUTPUT / "predicted.csv"
    session.run("emotion-bert", "predict", minilm, "--input", str(DEMO_POSTS), "--output", str(predicted))
    with predicted.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            session.log(f"{row['predicted_emotion']:<9} {row['text']}")
    page = str(DEMO_OUTPUT / "comparison.html")
    session.run("emotion-core", "compare", *(f"{run}-test" for run in (svm, gru, minilm)), "--html", page)


def results_options(session: nox.Session) -> argparse.Namespace:
    """What stands after `--`, with the folders of the runs and of the report."""
    parser = argparse.ArgumentParser(
        prog="nox -s results --",
        parents=[TORCH_OPTION],
        description="Train LSTM, GRU and MiniLM with several seeds, compress MiniLM, search a grid, and write a report "
        f"on all runs into {RESULTS_OUTPUT}/. What is there already is not trained again, so an interrupted command "
        "goes on; remove the folder to begin anew. The sample took 19 minutes when it had 600 training texts, a ninth "
        "of today's; the emotion tweets take about three hours on two cores without a GPU (a sum of the times of its "
        "parts, not measured in one go).",
    )
    parser.add_argument("--data", default="sample", help="as in the train commands: sample, emotion, a folder, a file")
    parser.add_argument("--quick", action="store_true", help="two seeds, one epoch each: shows that everything works")
    parser.add_argument("--seeds", type=int, metavar="N", help="trainings of each model; default 3, of the sample 2")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="train nothing: report on the runs below FOLDER")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write the report there instead")
    options = parser.parse_args(session.posargs)
    if options.seeds is not None and options.seeds < 2:
        parser.error("--seeds: 2 at least, since the report shows a spread")
    name = options.runs.resolve().name if options.runs else Path(options.data).stem
    options.folder = RESULTS_OUTPUT / (f"{name}-quick" if options.quick else name)
    options.report = options.report or options.folder / "report"
    options.small = options.quick or options.data == "sample"
    options.seeds = options.seeds or (2 if options.small else 3)
    folder = os.environ.get("EMOTION_DATA_DIR") if options.data == "emotion" else options.data
    options.has_test = options.data == "sample" or not folder or any(Path(folder).glob("test.*"))
    return options


def evaluate_test(
    session: nox.Session, options: argparse.Namespace, program: str, model: str, run_name: str | None = None
) -> None:
    """Measure a run of a model, the first seed unless it is named, on the test split, where the data have one."""
    names = (run_name or f"{model}/seed-42", f"{model}-test")
    run, output = (str(options.folder / "runs" / name) for name in names)
    if options.has_test:
        words = ("--data", options.data, "--split", "test", "--output", output, "--force")
        session.run(program, "evaluate", run, *words)


@session(name="results-rnn")
def results_rnn(session: nox.Session) -> None:
    """Train LSTM and GRU and search a small grid, for `results`."""
    options = results_options(session)
    if options.runs:
        return
    install(session, CORE, RNN)
    data, runs = ("--data", options.data), options.folder / "runs"
    epochs = ("--epochs", "1") if options.quick else ()
    settings = SMALL if options.data == "sample" else ()
    seeds = ("--seeds", str(options.seeds), *TWO_AT_A_TIME)
    for model in ("lstm", "gru"):
        session.run("emotion-rnn", "train", model, *data, *seeds, *epochs, *settings, "--output", str(runs / model))
        evaluate_test(session, options, "emotion-rnn", model)
    plan = ("--train-embedding", "--max-trials", "20", "--batch-size", "128", "--learning-rate", "0.004")
    epochs = ("--epochs", "1") if options.quick else ("--epochs", "4") if options.small else ()
    words = (*plan, *epochs, *TWO_AT_A_TIME, "--resume", "--output", str(runs / "gru-grid"))
    session.run("emotion-rnn", "search", "gru", *data, *words)


@session(name="results-bert")
def results_bert(session: nox.Session) -> None:
    """Fine-tune and compress MiniLM, for `results`."""
    options = results_options(session)
    if options.runs:
        return
    install_with_torch(session, CORE, f"{BERT}[offline,onnx]")
    data, runs = ("--data", options.data), options.folder / "runs"
    settings = ("--epochs", "1") if options.quick else () if options.small else ("--recipe", "tuned")
    seeds = ("--seeds", str(options.seeds), *TWO_AT_A_TIME, "--resume")
    minilm, first = runs / "minilm", str(runs / "minilm" / "seed-42")
    session.run("emotion-bert", "train", "--model", "minilm", *data, *settings, *seeds, "--output", str(minilm))
    evaluate_test(session, options, "emotion-bert", "minilm")
    made = {"compressed": ("--technique=prune", "--technique=onnx", "--technique=onnx-int8")}
    made |= {f"pruned-{amount}": ("--technique=prune", f"--amount=0.{amount}") for amount in (50, 70)}
    for name, techniques in made.items():
        output = ("--resume", "--output", str(runs / f"minilm-{name}"))
        session.run("emotion-bert", "compress", first, *techniques, *data, *output)


@session(requires=["results-rnn", "results-bert"])
def results(session: nox.Session) -> None:
    """Train, compress and search, or take the runs of a folder, and write a report; `-- --help` says more."""
    options = results_options(session)
    install(session, STUDY)
    runs = options.runs or options.folder / "runs"
    if not options.runs:  # in seconds, so that it is simply trained again
        session.run("emotion-core", "baseline", "--data", options.data, "--output", str(runs), "--force")
        evaluate_test(session, options, "emotion-core", "tfidf-svm", "tfidf-svm")
    session.run("emotion-core", "report", str(runs), "--output", str(options.report), "--force")
