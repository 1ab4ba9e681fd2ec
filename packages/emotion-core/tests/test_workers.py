"""Signals end a command and its workers; what they began is put back."""

import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

from emotion_core.errors import ModelError, RunError
from emotion_core.system.signals import ended_by_signals
from emotion_core.system.workers import process_pool
from interrupted import interrupt

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows knows no signals")

PATIENCE_SECONDS = 60
DIED = ModelError("a worker was killed")

PROGRAM = """
import sys, time
from pathlib import Path
import click
from emotion_core.cli.options import program
from emotion_core.runs.writer import RunWriter
from emotion_core.errors import ModelError
from emotion_core.system.workers import process_pool

main = program("emotion-core", "", "")

def train(output):
    with RunWriter(output, "train") as run:
        Path(output + ".began").write_text(str(__import__("os").getpid()))
        while True:
            time.sleep(0.05)

@main.command()
@click.argument("folder")
@click.option("--workers", type=int)
def go(folder, workers):
    if not workers:
        train(folder + "/run-0")
    with process_pool(workers, died=ModelError("a worker was killed")) as submit:
        for training in [submit(train, folder + f"/run-{number}") for number in range(workers)]:
            training.result()

if __name__ == "__main__":
    main()
elif slow := __import__("os").environ.get("SLOW"):
    Path(slow).touch()
    time.sleep(2)
"""


def wait_for(condition):
    """Return when a condition holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(number):
    """Whether there is a process that has not ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def heed_signals():
    """Undo what nohup may hand down to the tests."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path):
    """Start a program that writes runs for ever, and give it with the numbers of the processes that write them."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "runs").mkdir()
    programs = []

    def started(*options, count, prefix=()):
        program = subprocess.Popen(
            [*prefix, sys.executable, str(script), "go", str(tmp_path / "runs"), *options],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_signals,
        )
        programs.append(program)
        marks = [tmp_path / "runs" / f"run-{number}.began" for number in range(count)]
        wait_for(lambda: all(mark.exists() and mark.read_text(encoding="utf-8") for mark in marks))
        return program, [int(mark.read_text(encoding="utf-8")) for mark in marks]

    yield started
    for program in programs:
        program.kill()
        program.communicate()


def left_behind(folder):
    """What lies there beside the marks."""
    return [path.name for path in folder.iterdir() if path.suffix != ".began"]


class Finalized:
    """Receives a signal while it is finalized."""

    def __del__(self):
        signal.raise_signal(signal.SIGTERM)


def finalize():
    """Let a signal come in a finalizer."""
    Finalized()


def call_back():
    """Let a signal come in the callback of a weak reference."""
    gone = set()
    reference = weakref.ref(gone, lambda _: signal.raise_signal(signal.SIGTERM))
    del gone
    assert reference() is None


@ended_by_signals()
def receive_and_go_on(receive):
    """Receive a signal and work on as if there had been none."""
    receive()
    wait_for(lambda: False)


@pytest.mark.parametrize("receive", [finalize, call_back])
def test_a_signal_in_a_finalizer_ends_the_program_too(receive):
    """Python drops the exception that is raised there; the program ends nevertheless, and the hook is put back."""
    hook = sys.unraisablehook
    with pytest.raises(SystemExit) as ended:
        receive_and_go_on(receive)
    assert ended.value.code == 143
    assert sys.unraisablehook is hook


@pytest.mark.acceptance
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_signal_to_the_program_alone_ends_it_and_its_workers(start, tmp_path, workers, number, code):
    """Within seconds, with the exit code of the signal, and without locks and partial folders."""
    options = ("--workers", "2") if workers else ()
    program, writers = start(*options, count=workers or 1)
    program.send_signal(number)
    _, told = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == code
    assert len(told.splitlines()) == 1
    wait_for(lambda: not any(map(is_alive, writers)))
    assert left_behind(tmp_path / "runs") == []


@pytest.mark.acceptance
def test_ctrl_c_while_a_worker_is_imported_is_said_once(tmp_path, monkeypatch):
    """A terminal sends it to the worker, too, which has not begun to ignore it."""
    script, mark = tmp_path / "program.py", tmp_path / "slow"
    script.write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setenv("SLOW", str(mark))
    told = interrupt([script, "go", tmp_path, "--workers", "2"], lambda _: mark.exists())
    assert (told.code, told.err) == (130, "Interrupted: nothing was written.\n")


@pytest.mark.acceptance
def test_workers_end_with_a_program_that_is_killed(start, tmp_path):
    """They notice at once that it is gone, and put back what they began."""
    program, writers = start("--workers", "2", count=2)
    program.kill()
    wait_for(lambda: not any(map(is_alive, writers)))
    assert left_behind(tmp_path / "runs") == []


@pytest.mark.acceptance
def test_a_signal_that_is_ignored_stays_so(start):
    """A program that nohup has started goes on when the terminal is closed."""
    program, _ = start(count=1, prefix=("nohup",))
    program.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(1)


@pytest.mark.acceptance
def test_a_worker_that_is_ended_by_itself_is_told(start):
    """Its end is not that of the command, which says that a worker was killed."""
    program, writers = start("--workers", "2", count=2)
    os.kill(writers[0], signal.SIGTERM)
    _, told = program.communicate(timeout=PATIENCE_SECONDS)
    assert (program.returncode, told.strip()) == (2, "Error: a worker was killed")


@pytest.mark.acceptance
def test_a_worker_that_never_begins_is_told_from_one_that_dies(tmp_path):
    """A script without a main guard, which each worker imports, is named as the cause."""
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from emotion_core.errors import ModelError\n"
        "from emotion_core.system.workers import process_pool\n"
        "with process_pool(1, died=ModelError('killed')) as submit:\n"
        "    submit(abs, -1).result()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "if __name__ == '__main__':" in done.stderr.splitlines()[-1]


def kill_myself():
    """As a machine without memory does it."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.acceptance
def test_a_worker_that_is_killed_ends_the_block_with_its_message():
    """Where it had begun."""
    with pytest.raises(ModelError, match="a worker was killed"), process_pool(1, died=DIED) as submit:
        submit(kill_myself).result()


def fail():
    """As a training fails."""
    raise RunError("no")


@pytest.mark.acceptance
def test_what_a_task_raises_is_raised():
    """The pool stands in the way of no message."""
    with pytest.raises(RunError, match="no"), process_pool(1, died=DIED) as submit:
        submit(fail).result()


def test_signals_are_handled_within_the_block_alone():
    """A second one does not disturb what the first one began, and afterwards all is as before."""

    def be_ended_twice():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as ended, ended_by_signals():
        be_ended_twice()
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_handler_of_the_calling_program_stays():
    """A service that shuts itself down is not ended in its place."""
    caught = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught == [signal.SIGTERM]
