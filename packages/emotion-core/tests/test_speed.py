"""Figures of speed are recorded with what other programs used meanwhile, and marked when the machine was busy."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from emotion_core.classifier import Classifier
from emotion_core.compression.measure import Result, Sizes, Variant
from emotion_core.compression.options import GateOptions
from emotion_core.compression.report import COLUMNS, shared_remarks, table_rows, write_report
from emotion_core.compression.variant import BROKEN, PASSED
from emotion_core.data.dataset import Dataset
from emotion_core.evaluation.speed import Watch, measure_speed
from emotion_core.reporting import compare_table
from emotion_core.reporting.compare import Entry, ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.runs.folder import read_metrics
from emotion_core.runs.metrics import Latency, OtherPrograms, Speed, Throughput
from emotion_core.system.processes import usable_cores

OLD_RUN = Path(__file__).with_name("runs_of_version_0_1") / "evaluation"
AT_WORK = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: pass"
OF_ANOTHER_PARENT = f"""
import subprocess, sys
command = [sys.executable, "-c", {AT_WORK!r}]
print(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)
"""
BUSY = Speed(Latency(9.0, 9.5, 100), Throughput(100.0, 150), OtherPrograms(1.4, 2))
QUIET = replace(BUSY, other_programs=OtherPrograms(0.3, 2))
SENTENCE = "* Measured while other programs used 1.4 of 2 cores; on an idle machine it is faster."


def seconds(processes: Sequence[psutil.Process]) -> float:
    """Processor time that programs have taken."""
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


def work(processes: Sequence[psutil.Process], asked: float) -> tuple[float, float, OtherPrograms]:
    """Watch until programs have taken some seconds: those that passed, those that were taken, and what was found."""
    watch, start, before = Watch(), time.perf_counter(), seconds(processes)
    while (taken := seconds(processes) - before) < asked:
        time.sleep(0.02)
    found = watch.other_programs()
    assert found is not None
    return time.perf_counter() - start, taken, found


@contextmanager
def ended(processes: Sequence[psutil.Process]) -> Iterator[Sequence[psutil.Process]]:
    """Programs, which are ended at last."""
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
        psutil.wait_procs(processes)


def test_what_another_program_uses_is_counted() -> None:
    """A program that is none of ours is at work; others may be besides."""
    printed = subprocess.run([sys.executable, "-c", OF_ANOTHER_PARENT], check=True, capture_output=True, text=True)
    with ended([psutil.Process(int(printed.stdout))]) as processes:
        passed, taken, found = work(processes, 0.4)
    assert found.cores == usable_cores()
    assert found.cores_used * passed >= taken - 0.1


def test_what_our_own_programs_use_is_not_counted() -> None:
    """As many programs as there are cores leave others what they do not take."""
    started = [psutil.Popen([sys.executable, "-c", AT_WORK]) for _ in range(usable_cores())]
    with ended(started) as processes:
        passed, taken, found = work(processes, 0.4 * len(started))
    assert found.cores_used * passed <= found.cores * passed - taken + 0.1 * found.cores


def test_the_speed_has_what_other_programs_used(classifier: Classifier, sample: Dataset) -> None:
    """It is recorded beside the figures, whether the machine is busy or not."""
    used = measure_speed(classifier, sample.split("test").texts).other_programs
    assert used is not None
    assert 0 <= used.cores_used <= used.cores == usable_cores()


def test_without_psutil_nobody_knows(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base installation measures the speed without it."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    speed = measure_speed(classifier, ["what a day"])
    assert (speed.other_programs, speed.disturbed) == (None, False)


def test_of_an_old_run_nobody_knows() -> None:
    """Version 0.1 recorded the figures alone, and its run loads."""
    speed = read_metrics(OLD_RUN).speed
    assert speed is not None
    assert (speed.other_programs, speed.disturbed) == (None, False)


@pytest.mark.parametrize(("used", "cores", "disturb"), [(0.6, 2, False), (0.7, 2, True), (1.0, 8, False), (4, 8, True)])
def test_a_machine_is_busy_from_a_third_of_its_cores_on(used: float, cores: int, disturb: bool) -> None:
    """So much is left to a program that wants half of them, beside one that wants all."""
    assert OtherPrograms(used, cores).disturb is disturb


@pytest.fixture
def timed(runs: dict[str, Path]) -> Callable[..., list[Entry]]:
    """A function that gives the comparison of as many runs as speeds, with these."""

    def timed(*speeds: Speed) -> list[Entry]:
        entries = ranked_runs([runs[name] for name in ("better", "words", "same")][: len(speeds)])
        measured = [replace(entry.runs[0].metrics, speed=speed) for entry, speed in zip(entries, speeds, strict=True)]
        return [
            replace(entry, runs=(replace(entry.runs[0], metrics=metrics),))
            for entry, metrics in zip(entries, measured, strict=True)
        ]

    return timed


def cells(entry_cells: Sequence[str], columns: Sequence[str] = compare_table.COLUMNS) -> tuple[str, str]:
    """Latency and throughput of a row."""
    row = dict(zip(columns, entry_cells, strict=True))
    return row["p50 / p95 ms"], row["texts/s"]


def test_a_comparison_marks_what_was_measured_on_a_busy_machine(timed: Callable[..., list[Entry]]) -> None:
    """Both figures of the run have the sign, and one sentence explains it; the others have none."""
    entries = timed(BUSY, QUIET)
    found = [cells(row) for row in compare_table.table_rows(entries)]
    assert found == [("9.0 / 9.5 *", "100 *"), ("9.0 / 9.5", "100")]
    assert compare_table.remarks(entries) == [SENTENCE]
    assert compare_table.remarks(timed(QUIET, QUIET)) == []


def test_of_several_busy_measurements_the_worst_is_told(timed: Callable[..., list[Entry]]) -> None:
    """One sentence for all of them."""
    entries = timed(replace(BUSY, other_programs=OtherPrograms(0.8, 2)), BUSY, QUIET)
    assert compare_table.remarks(entries) == [SENTENCE.replace("used 1.4", "used up to 1.4")]


def test_one_busy_seed_marks_the_mean(timed: Callable[..., list[Entry]]) -> None:
    """The mean has a part of it."""
    quiet, busy = timed(QUIET, BUSY)
    speed = compare_table.mean_speed(replace(quiet, runs=(*quiet.runs, *busy.runs)))
    assert speed == BUSY


def test_the_page_marks_it_too(timed: Callable[..., list[Entry]], tmp_path: Path) -> None:
    """With the sentence, and the numbers that it sorts by stay numbers."""
    write_page(timed(BUSY), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "9.0 / 9.5 *" in page
    assert SENTENCE in page
    assert 'data-value="100.0"' in page


def test_the_table_of_a_compression_marks_it_and_its_file_has_it_apart(runs: dict[str, Path], tmp_path: Path) -> None:
    """The columns of the file hold what a program can read."""
    metrics, sizes = read_metrics(runs["words"]), Sizes(1, 1, 1, 2)
    made = [Variant(name, PASSED, result=Result(replace(metrics, speed=speed), sizes))
            for name, speed in (("original", QUIET), ("onnx", BUSY))]  # fmt: skip
    variants = [*made, Variant("nf4", BROKEN, "no such library")]
    assert [cells(row, COLUMNS) for row in table_rows(made)] == [("9.0 / 9.5", "100"), ("9.0 / 9.5 *", "100 *")]
    assert shared_remarks(variants) == [SENTENCE]
    write_report(tmp_path, variants, "run", GateOptions())
    with (tmp_path / "compression.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["texts/s"], row["other programs"]) for row in csv.DictReader(file)]
    assert rows == [("100", "0.3 of 2 cores"), ("100", "1.4 of 2 cores"), ("", "")]
