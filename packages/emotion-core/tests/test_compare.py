"""Comparing runs: ranks, significance, and what cannot be compared."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import WordClassifier

from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import RunError
from emotion_core.evaluation.versus.seed_differences import seed_differences
from emotion_core.reporting.compare import compare_runs, rank, ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.reporting.compare_table import COLUMNS, DISTURBED, SEEDS, SINGLE, table_rows
from emotion_core.reporting.compared.candidates import Candidate, read_candidate
from emotion_core.runs.folder import read_json
from emotion_core.runs.metrics import Score


@pytest.fixture(scope="module")
def entries(runs):
    """The comparison of all three runs."""
    return ranked_runs([runs["words"], runs["better"], runs["same"]])


@pytest.fixture
def copy(tmp_path, runs):
    """A copy of a run that a test may spoil."""
    return shutil.copytree(runs["same"], tmp_path / "copy")


@pytest.fixture
def rare_lost(runs):
    """Two entries of 500 texts with the same accuracy, one of which has every text of a rare emotion wrong."""
    labels = np.array([0] * 470 + [5] * 30)
    right, lost = labels.copy(), labels.copy()
    right[:30], lost[470:] = 5, 0
    (read,) = read_candidate(runs["words"]).runs
    return [
        Candidate(
            "words",
            (replace(read, metrics=replace(read.metrics, macro_f1=Score(score, score, score))),),
            labels,
            predicted[None],
        )
        for predicted, score in ((right, 0.9), (lost, 0.3))
    ]


def edit_json(path, change):
    """Change the content of a JSON file."""
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def test_runs_are_ranked_by_macro_f1(entries):
    """The best comes first, whatever the order of the arguments; equal runs keep that order."""
    assert [(entry.rank, entry.run) for entry in entries] == [(1, "better"), (2, "words"), (3, "same")]
    scores = [entry.metrics.macro_f1.value for entry in entries]
    assert scores == sorted(scores, reverse=True)
    assert entries[0].versus_best is None


def test_a_run_against_its_double_does_not_differ(runs):
    """p is 1, the difference 0 and not significant, with an interval as far below as above."""
    _, double = compare_runs([runs["words"], runs["same"]])
    versus = double["versus_best"]
    nothing = {"value": 0.0, "p": 1.0, "p_holm": 1.0, "significant": False}
    for difference in (versus["macro_f1_difference"], versus["accuracy_difference"]):
        assert {name: difference[name] for name in nothing} == nothing
        assert 0 < difference["high"] == pytest.approx(-difference["low"])


def test_a_clearly_worse_run_differs_significantly(runs):
    """The difference is this minus best, with an interval below 0."""
    best, worse = compare_runs([runs["words"], runs["better"]])
    versus = worse["versus_best"]
    for name in ("macro_f1", "accuracy"):
        scores, difference = [entry["metrics"][name]["value"] for entry in (worse, best)], versus[f"{name}_difference"]
        assert difference["value"] == pytest.approx(scores[0] - scores[1])
        assert (difference["high"] < 0, difference["significant"]) == (True, True)


@pytest.mark.parametrize("name", ["macro_f1_difference", "accuracy_difference"])
def test_p_values_are_corrected_for_the_number_of_runs(entries, name):
    """Two runs with one p-value against the best: Holm doubles it."""
    first, second = (getattr(entry.versus_best, name) for entry in entries[1:])
    assert first.p == second.p
    assert [first.p_holm, second.p_holm] == pytest.approx([2 * first.p] * 2, rel=1e-9, abs=0)


def test_each_column_has_the_verdict_on_its_own_quantity(rare_lost):
    """A run that gets a rare emotion wrong, and as many frequent texts right, is worse in macro-F1 alone."""
    row = dict(zip(COLUMNS, table_rows(rank(rare_lost))[1], strict=True))
    assert row["macro-F1 versus best"].endswith("(significant)")
    assert row["accuracy versus best"] == "0.0000 [-0.0307, 0.0307], p = 1 (not significant)"


def test_one_run_alone_is_the_best(runs):
    """There is nothing to test it against."""
    (entry,) = compare_runs([runs["words"]])
    assert (entry["rank"], "versus_best" in entry) == (1, False)


def test_runs_on_other_texts_are_refused(tmp_path, runs, sample, classifier, train_run):
    """The message names both runs, their data, and how to make them comparable."""
    louder = Split(
        [f"{text}!" for text in sample.split("validation").texts], sample.split("validation").labels
    )  # the labels stay the same
    dataset = Dataset("mine", {"train": sample.split("train"), "validation": louder})
    other = train_run(tmp_path / "other", classifier, dataset)
    with pytest.raises(RunError) as caught:
        compare_runs([runs["better"], other])
    message = str(caught.value)
    assert f"{other} was measured on validation of mine (150 texts)" in message
    assert f"{runs['better']} on validation of sample (150 texts)" in message
    assert "Evaluate both on the same file" in message


def test_a_run_that_is_named_twice_is_refused(runs):
    """Also under another spelling of its path."""
    with pytest.raises(RunError, match="is named twice"):
        compare_runs([runs["words"], runs["same"] / ".." / "words"])


def test_a_run_that_is_not_complete_is_refused(copy, runs):
    """Without predictions, with broken ones, without a metric, without a record."""
    (copy / "predictions.csv").write_text("text,label\na,1\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"predictions\.csv: cannot be read"):
        compare_runs([copy, runs["words"]])
    (copy / "predictions.csv").unlink()
    with pytest.raises(RunError, match=r"predictions\.csv: cannot be read"):
        compare_runs([copy, runs["words"]])
    edit_json(copy / "metrics.json", lambda metrics: metrics.pop("macro_f1"))
    with pytest.raises(RunError, match=r"metrics\.json: has no 'macro_f1'"):
        compare_runs([copy, runs["words"]])
    (copy / "metrics.json").unlink()
    with pytest.raises(RunError, match=r"is not a complete run, metrics\.json is missing"):
        compare_runs([copy, runs["words"]])


def test_a_label_that_is_none_is_refused(copy, runs):
    """Counted from the end it would pass for another emotion."""
    table = (copy / "predictions.csv").read_text(encoding="utf-8")
    (copy / "predictions.csv").write_text(table.replace(",0,0,sadness", ",0,-1,sadness", 1), encoding="utf-8")
    with pytest.raises(RunError, match=r"predictions\.csv: has a label that is not one of 0 to 5"):
        compare_runs([copy, runs["words"]])


def test_the_table_shows_size_parameters_and_speed(entries):
    """Each cell is the figure in the unit of its column."""
    row = dict(zip(COLUMNS, table_rows(entries)[0], strict=True))
    entry = entries[0]
    f1, speed = entry.metrics.macro_f1, entry.metrics.speed
    assert row["macro-F1"] == f"{f1.value:.4f} [{f1.low:.4f}, {f1.high:.4f}]"
    assert row["size"] == f"{entry.model_size_bytes / 1e6:.1f} MB"
    assert row["parameters"] == f"{entry.parameters / 1e6:.2f} M"
    sign = " *" if speed.disturbed else ""
    assert row["p50 / p95 ms"] == f"{speed.latency_ms.p50:.1f} / {speed.latency_ms.p95:.1f}{sign}"
    assert row["texts/s"] == f"{speed.texts_per_second.value:.0f}{sign}"
    assert row["macro-F1 versus best"] == row["accuracy versus best"] == "best"


def test_a_run_without_speed_says_so(copy):
    """It was not measured, which is not 0."""
    edit_json(copy / "metrics.json", lambda metrics: metrics.pop("speed"))
    (row,) = table_rows(ranked_runs([copy]))
    assert row[COLUMNS.index("texts/s")] == row[COLUMNS.index("p50 / p95 ms")] == "not measured"


def test_the_command_prints_the_table(runs, succeed):
    """What it was measured on, then aligned columns, best first, with the verdict."""
    result = succeed("compare", runs["words"], runs["better"])
    first, header, rule, *rows = result.stdout.splitlines()
    assert first == "Measured on validation of sample (150 texts), 95 % intervals."
    assert re.split(r"  +", header) == list(COLUMNS)
    assert set(rule) == {"-", " "}
    rows = [row for row in rows if not row.startswith(DISTURBED)]  # the other tests keep the processor busy
    assert [row.split()[:2] for row in rows] == [["1", "better"], ["2", "words"]]
    assert rows[0].endswith("best")
    assert rows[1].endswith("(significant)")


def test_the_command_prints_one_json_value_and_nothing_else(runs, succeed, tmp_path):
    """It is the list that compare_runs returns, with a page too."""
    page = tmp_path / "page.html"
    result = succeed("compare", runs["words"], runs["better"], runs["same"], "--json", "--html", page)
    assert json.loads(result.stdout) == compare_runs([runs["words"], runs["better"], runs["same"]])
    assert page.is_file()


def test_a_page_that_cannot_be_written_is_told(entries, tmp_path):
    """A folder that is not there, or a folder in the place of the page, ends with one message and leaves nothing."""
    (tmp_path / "folder").mkdir()
    for page in (tmp_path / "nowhere" / "page.html", tmp_path / "folder"):
        with pytest.raises(RunError, match="the page cannot be written"):
            write_page(entries, page)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_page_that_exists_is_replaced(entries, tmp_path):
    """An older page makes way, and nothing else is left beside it."""
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")
    write_page(entries, page)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_same_predictions_of_another_evaluation_compare(runs, tmp_path, succeed):
    """An evaluation is a run like any other: the model measured again on its validation texts ties with itself."""
    again = tmp_path / "again"
    succeed("evaluate", runs["words"], "--data", "sample", "--split", "validation", "--output", again)
    _, second = compare_runs([runs["words"], again])
    assert second["versus_best"]["accuracy_difference"]["p"] == 1.0
    assert read_json(again, "metrics.json")["macro_f1"] == read_json(runs["words"], "metrics.json")["macro_f1"]


# Several seeds


def make_evaluation(record):
    """Change the record of a training into that of an evaluation whose run is gone."""
    del record["hyperparameters"]
    record.update(kind="evaluate", evaluated_run="gone/seed")


def seed_runs(folder, classifiers, sample, train_run, *, settings):
    """Runs of several seeds of one training below a folder, as ``train --seeds`` makes them."""
    for seed, classifier in classifiers.items():
        run = train_run(folder / f"seed-{seed}", classifier, sample)
        edit_json(run / "run.json", lambda record, seed=seed: record.update(seed=seed, hyperparameters=settings))
    return folder


@pytest.fixture(scope="module")
def two_trainings(tmp_path_factory, sample, train_run):
    """Folders ``five`` and ``few`` of seeds; the best of ``few`` is the best of all, and its mean is the lower one."""
    folder = tmp_path_factory.mktemp("seeds")
    seen, train = sample.split("validation"), sample.split("train")

    def fitted(n_seen, n_train=600):
        texts = [*seen.texts[:n_seen], *train.texts[:n_train]]
        return WordClassifier.fit(texts, [*seen.labels[:n_seen], *train.labels[:n_train]])

    five = {1: fitted(90), 2: fitted(80), 3: fitted(85)}
    few = {1: fitted(120), 2: fitted(0, 100)}
    for name, classifiers in {"five": five, "few": few}.items():
        seed_runs(folder / name, classifiers, sample, train_run, settings={"name": name})
    return folder


def test_a_folder_of_seeds_is_ranked_by_its_mean(two_trainings, runs):
    """And not by its luckiest seed; a single run stands among them."""
    best, *others = ranked_runs([two_trainings / "few", two_trainings / "five", runs["words"]])
    assert [entry.run for entry in (best, *others)] == ["five (3 seeds)", "few (2 seeds)", "words"]
    values = [run.metrics.macro_f1.value for run in best.runs]
    assert best.seeds.macro_f1.mean == pytest.approx(np.mean(values))
    assert best.seeds.macro_f1.sd == pytest.approx(np.std(values, ddof=1))
    assert max(run.metrics.macro_f1.value for run in others[0].runs) > max(values)


def test_seeds_that_are_named_one_by_one_are_one_entry_too(two_trainings):
    """As a shell writes them for runs/five/*; the result is that of their folder."""
    one_by_one = [run for name in ("five", "few") for run in sorted((two_trainings / name).iterdir())]
    assert compare_runs(one_by_one) == compare_runs([two_trainings / "five", two_trainings / "few"])


def test_seeds_are_tested_with_the_variance_of_the_seeds(two_trainings):
    """The difference is that of the means, which two seeds that are far apart make uncertain."""
    _, few = ranked_runs([two_trainings / "five", two_trainings / "few"])
    found = seed_differences(
        read_candidate(Path(few.runs[0].path)).labels,
        *(
            np.concatenate([read_candidate(path).predicted for path in sorted((two_trainings / name).iterdir())])
            for name in ("five", "few")
        ),
    )
    against = few.versus_best.macro_f1_difference
    assert (against.value, against.low, against.high, against.p) == pytest.approx(found["macro_f1"])
    assert not against.significant
    assert few.versus_best.only_first_right is None


def test_the_command_shows_mean_and_deviation_of_seeds(two_trainings, runs, succeed, tmp_path):
    """In the table with a word on what was compared, in JSON with each run, and on the page."""
    page = tmp_path / "page.html"
    words = ("compare", two_trainings / "five", two_trainings / "few", runs["words"])
    lines = succeed(*words, "--html", page).stdout.splitlines()
    assert re.search(r"five \(3 seeds\)  words  0\.\d{4} ± 0\.\d{4} +0\.\d{4} ± 0\.\d{4} ", lines[3])
    assert SEEDS in lines
    assert SINGLE in lines
    first, _, single = json.loads(succeed(*words, "--json").stdout)
    assert first["seeds"]["seeds"] == [1, 2, 3]
    assert [run["run"] for run in first["runs"]] == ["seed-1", "seed-2", "seed-3"]
    assert "seeds" not in single
    html = page.read_text(encoding="utf-8")
    assert "Confusion matrix, mean of the seeds" in html
    assert re.search(r"1\. five \(3 seeds\)</bdi>&nbsp;\(0\.\d\d, [123] of 3 seeds\)", html)
    assert html.count("Seed 2: made") == 2


def test_a_folder_of_other_runs_is_not_taken_for_seeds(two_trainings, runs, tmp_path):
    """The message names the runs that it holds; one seed alone is no group either."""
    with pytest.raises(RunError, match=r"is neither a run nor a folder with the seeds of one training\. .*better"):
        compare_runs([runs["words"].parent])
    shutil.copytree(two_trainings / "few" / "seed-1", tmp_path / "one" / "seed-1")
    with pytest.raises(RunError, match=r"Name the runs that it holds: .*seed-1"):
        compare_runs([tmp_path / "one"])
    mixed = shutil.copytree(two_trainings / "few", tmp_path / "mixed")
    edit_json(mixed / "seed-2" / "run.json", lambda record: record.update(hyperparameters={"name": "other"}))
    with pytest.raises(RunError, match="neither a run nor a folder"):
        compare_runs([mixed])
    with pytest.raises(RunError, match="is named twice"):
        compare_runs([two_trainings / "few", two_trainings / "few" / "seed-1"])


def test_an_ensemble_beside_the_seeds_is_none_of_them(two_trainings, runs, tmp_path):
    """It is a run of its own, and compared when it is named."""
    folder = shutil.copytree(two_trainings / "few", tmp_path / "few")
    ensemble = shutil.copytree(folder / "seed-1", folder / "ensemble")
    edit_json(ensemble / "run.json", lambda record: record.update(seed=[1, 2], name="ensemble"))
    assert [entry.run for entry in ranked_runs([folder, ensemble])] == ["ensemble", "few (2 seeds)"]


def test_evaluations_of_seeds_are_seeds(two_trainings, runs, tmp_path):
    """In a folder of their own, also when the trainings are gone."""
    for seed in (1, 2):
        copy = shutil.copytree(two_trainings / "few" / f"seed-{seed}", tmp_path / "few-test" / f"seed-{seed}")
        edit_json(copy / "run.json", make_evaluation)
    (entry,) = ranked_runs([tmp_path / "few-test"])
    assert entry.run == "few-test (2 seeds)"


def test_runs_of_one_name_are_told_apart_by_their_paths(two_trainings, runs, tmp_path):
    """By as much of the path as it takes."""
    same = [two_trainings / "five" / "seed-1", two_trainings / "few" / "seed-1"]
    assert {entry.run for entry in ranked_runs(same)} == {"five/seed-1", "few/seed-1"}
    copy = shutil.copytree(two_trainings / "five", tmp_path / "five")
    named = {entry.run for entry in ranked_runs([two_trainings / "five", copy])}
    assert named == {f"{two_trainings.name}/five (3 seeds)", f"{tmp_path.name}/five (3 seeds)"}
