"""A whole study on tiny models: what it searches, what it reports, and that it goes on where it was."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.load import load_dataset
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.runs.typed_json import to_json
from emotion_core.system.hashes import file_hash
from emotion_rnn import GRU, LSTM
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import Computing, VectorOptions
from emotion_rnn.plan import Phase, Study
from emotion_rnn.search.job import Running, TrainingInputs
from emotion_rnn.search.study import StudyReport, report_page, run_study

pytestmark = pytest.mark.xdist_group("study")

SEED = 3
SMALL = {"epochs": 2, "batch_size": 32, "learning_rate": 0.05}


def tiny(phase: Phase, **grid: tuple[Any, ...]) -> Phase:
    """A phase with its frozen and thawed vectors, but few epochs and another grid."""
    frozen = 1 if phase.settings.frozen_epochs else 0
    return dataclasses.replace(
        phase, settings=dataclasses.replace(phase.settings, **SMALL, frozen_epochs=frozen), grid=grid
    )


TINY_STUDY = Study(
    GRU.ARCHITECTURE,
    phases=(
        tiny(LSTM.GRID, units=(2, 4), dropout=(0.1,)),
        tiny(GRU.FREEZE_THAW, units=(4,), dropout=(0.1,), fine_tune_learning_rate=(0.05, 0.001)),
    ),
    final={"epochs": 3, "frozen_epochs": 2, "batch_size": 16},
)
"""The phases of the GRU, two points each, and other final settings than those of the phases."""


@dataclasses.dataclass(frozen=True)
class Studied:
    """A study that was run: its folder, its inputs, and the report that it returned, as it is written."""

    output: Path
    inputs: TrainingInputs
    report: dict[str, Any]

    def run(self) -> StudyReport:
        """Run it again."""
        running = Running(quiet=True)
        return run_study(TINY_STUDY, self.output, self.inputs, storage=None, n_seeds=2, running=running)


@pytest.fixture(scope="session")
def studied(small_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Studied:
    """A tiny study of the GRU on small data with a test split, with two seeds of the final model."""
    folder = tmp_path_factory.mktemp("studies")
    glove = folder / "glove.txt"
    glove.write_text("the 1 2 3\nmy -1 -2 -3\ni 0.5 0.5 0.5\nfeel 0 1 0\n", encoding="utf-8")
    test = Split.from_frame(load_dataset("sample").splits["test"].frame().groupby("label").head(5))
    dataset = dataclasses.replace(small_data, splits=small_data.splits | {"test": test})
    inputs = TrainingInputs(dataset, VectorOptions(glove), Computing(), SEED)
    report = Studied(folder / "study", inputs, {}).run()
    (folder / "page.md").write_text(report_page(report), encoding="utf-8")
    return Studied(folder / "study", inputs, report.to_json())


def run_folders(output: Path) -> list[Path]:
    """Every run folder of a study."""
    return sorted(file.parent for file in output.rglob("run.json"))


def test_the_gru_begins_with_the_very_grid_of_the_lstm() -> None:
    """Both studies search the same phase, so that the layers are compared and nothing else."""
    assert GRU.STUDY.phases[0] is LSTM.STUDY.phases[0]
    assert GRU.STUDY.phases[0].grid is LSTM.GRID.grid


def test_the_grids_have_fifty_and_sixteen_points() -> None:
    """Every combination is a point of its own: 5 sizes x 10 dropouts, then 2 sizes x 2 dropouts x 4 rates."""
    for phase, size in zip(GRU.STUDY.phases, (50, 16), strict=True):
        points = phase.points()
        assert len(points) == size
        assert len({tuple(point.values()) for point in points}) == size
    assert [phase.name for phase in LSTM.STUDY.phases] == ["grid"]


def test_the_final_settings_are_the_best_point_trained_longer() -> None:
    """The final GRU has the values of the best point of phase 2, 5 frozen and 15 thawed epochs, batches of 32."""
    point = {"units": 256, "dropout": 0.3, "fine_tune_learning_rate": 5e-4}
    assert GRU.STUDY.final_settings(point) == Hyperparameters(
        **point, dense_units=64, learning_rate=1e-3, batch_size=32, epochs=20, frozen_epochs=5
    )


def test_the_final_lstm_is_trained_as_it_was_searched() -> None:
    """A study without final settings keeps those of the phase."""
    point = {"units": 64, "dropout": 0.25}
    assert LSTM.STUDY.final_settings(point) == LSTM.GRID.at(point)


@pytest.mark.acceptance
def test_the_report_has_both_phases_and_the_final_model(studied: Studied) -> None:
    """study.json tells points, winner and figures of each phase, and the settings and mean of the final model."""
    report = json.loads((studied.output / "study.json").read_text(encoding="utf-8"))
    assert report == json.loads(json.dumps(studied.report))
    assert [phase["folder"] for phase in report["phases"]] == ["grid", "freeze-thaw"]
    for phase in report["phases"]:
        rows = read_json(studied.output / phase["folder"], "search.json")["trials"]
        assert (phase["points"], phase["failed"]) == (len(rows), 0) == (2, 0)
        assert phase["best"] == {name: rows[0][name] for name in phase["best"]}
        assert phase["macro_f1"]["value"] == pytest.approx(rows[0]["macro_f1"])
    values = report["final"]["macro_f1"]["values"]
    recorded = {
        seed: read_json(studied.output / "final" / f"seed-{seed}", "metrics.json")["macro_f1"]["value"]
        for seed in ("3", "4")
    }
    assert values == recorded
    assert report["final"]["macro_f1"]["mean"] == pytest.approx(sum(values.values()) / 2)


@pytest.mark.acceptance
def test_the_final_models_follow_from_the_winner_of_the_last_phase(studied: Studied) -> None:
    """Every final run has the searched values of the second phase's winner, and the final epochs and batches."""
    best = studied.report["phases"][1]["best"]
    expected = dataclasses.asdict(TINY_STUDY.phases[1].at(best)) | TINY_STUDY.final
    assert studied.report["final"]["settings"] == expected
    for seed in (SEED, SEED + 1):
        run = studied.output / "final" / f"seed-{seed}"
        assert verify_run(run) == []
        assert read_json(run, "run.json")["hyperparameters"] == expected | {"embedding_dimension": 3}
        assert len((run / "history.csv").read_text(encoding="utf-8").splitlines()) == 1 + 3


@pytest.mark.acceptance
def test_the_page_has_a_row_for_each_phase_and_the_mean_of_the_final_model(studied: Studied) -> None:
    """README.md is the page of the report: two phases, the final mean and deviation, and the test split."""
    page = (studied.output / "README.md").read_text(encoding="utf-8")
    assert page == (studied.output.parent / "page.md").read_text(encoding="utf-8")
    first, second, final = [line for line in page.splitlines() if line.startswith("| ") and "Points" not in line]
    assert first.startswith("| Frozen GloVe vectors | 2 | units ")
    assert second.startswith("| Frozen, then thawed GloVe vectors | 2 | units 4, dropout 0.1, fine_tune_learning_rate")
    scores = studied.report["final"]["macro_f1"]
    assert final.startswith("| Final | 2 seeds |")
    assert f"{scores['mean']:.4f} ± {scores['sd']:.4f}" in final
    assert f"macro-F1 {studied.report['test']['macro_f1']['mean']:.4f}" in page.splitlines()[-1]


@pytest.mark.acceptance
def test_the_test_split_is_looked_at_only_in_the_end(studied: Studied) -> None:
    """Its figures stand under "test" alone, from one evaluation of each final model, after all trainings."""
    assert studied.report["test"]["data"]["split"] == "test"
    assert studied.report["final"]["data"]["split"] == "validation"
    measured = {run: read_json(run, "metrics.json")["data"]["split"] for run in run_folders(studied.output)}
    on_test = [run for run, split in measured.items() if split == "test"]
    assert on_test == [studied.output / "final" / f"seed-{seed}-test" for seed in (SEED, SEED + 1)]
    trainings = [read_json(run, "run.json")["created"] for run in measured if run not in on_test]
    assert max(trainings) <= min(read_json(run, "run.json")["created"] for run in on_test)
    for phase in ("grid", "freeze-thaw"):
        assert set(read_json(studied.output / phase, "search.json")["definition"]["data"]) == {"train", "validation"}


@pytest.mark.acceptance
def test_a_final_model_of_another_point_is_trained_and_tested_anew(studied: Studied, tmp_path: Path) -> None:
    """Where another point was the best before, its final model and what it said of the test split do not stay."""
    copied = dataclasses.replace(studied, output=shutil.copytree(studied.output, tmp_path / "study"))
    stale, kept = (copied.output / "final" / f"seed-{seed}" for seed in (SEED, SEED + 1))
    record, before = read_json(stale, "run.json"), read_json(kept, "run.json")
    record["definition"]["settings"]["units"] = 99
    (stale / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert to_json(copied.run().final.macro_f1) == studied.report["final"]["macro_f1"]
    assert read_json(stale, "run.json")["definition"]["settings"]["units"] == 4
    assert read_json(kept, "run.json") == before
    tested = read_json(stale.with_name(f"{stale.name}-test"), "run.json")["definition"]["run"]
    assert tested == file_hash(stale / "run.json")


@pytest.mark.acceptance
def test_a_finished_study_that_is_run_again_trains_nothing(studied: Studied) -> None:
    """Run again, a study adds no trial, leaves every run folder as it is, and reports the same."""

    def times() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for run in run_folders(studied.output) for file in run.rglob("*")}

    def trials() -> list[int]:
        return [read_json(studied.output / name, "search.json")["trials_run"] for name in ("grid", "freeze-thaw")]

    before = times(), trials()
    assert studied.run().to_json() == studied.report
    assert (times(), trials()) == before
