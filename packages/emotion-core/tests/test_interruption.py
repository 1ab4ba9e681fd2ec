"""Ctrl+C and signals end a command with one sentence and the exit code of the signal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.options import program
from emotion_core.errors import RunError
from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.options import RunOptions
from interrupted import has_loaded, interrupt, waits_for_input

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows knows no signals")


def ended(work, *words):
    """What the program ``emotion-core work`` says and the code that it ends with."""
    main = program("emotion-core", "", "")
    main.command("work", context_settings={"ignore_unknown_options": True})(
        click.argument("words", nargs=-1)(lambda words: work())
    )
    result = CliRunner().invoke(main, ["work", *map(str, words)])
    assert result.stdout == ""
    return result.exit_code, result.stderr


def be_interrupted(number=signal.SIGINT):
    """Receive a signal."""
    signal.raise_signal(number)


@pytest.fixture
def heeds_hangup():
    """Undo what nohup may have handed down to the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeds_hangup")
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "Interrupted"),
        (signal.SIGTERM, 143, "Ended by SIGTERM"),
        (signal.SIGHUP, 129, "Ended by SIGHUP"),
    ],
)
def test_a_signal_ends_a_command_with_one_sentence(number, code, said):
    """And with the exit code that shells have for it."""
    assert ended(lambda: be_interrupted(number)) == (code, f"{said}: nothing was written.\n")


def test_a_library_may_wrap_what_a_signal_raised():
    """The import of a compiled module turns Ctrl+C into an ImportError, which is no fault of an installation."""

    def import_library():
        try:
            be_interrupted()
        except KeyboardInterrupt as error:
            raise ImportError("initialization failed") from error

    assert ended(import_library)[0] == 130


def test_the_same_ctrl_c_again_does_not_disturb_the_tidying_up():
    """A key that is held sends it several times."""
    tidied = []

    def work():
        try:
            be_interrupted()
        finally:
            be_interrupted()
            tidied.append(True)

    assert ended(work)[0] == 130
    assert tidied


def test_a_fault_without_a_signal_stays_what_it_is():
    """So do exit codes that a command has chosen."""

    def fail():
        raise RunError("no")

    assert ended(fail) == (2, "Error: no\n")
    assert ended(lambda: sys.exit(143)) == (143, "")


class TestOutputs:
    """What a command says of the files and folders that it makes."""

    def told(self, folder, made, *words, names=("a", "b"), **how):
        """What a command says that is interrupted when it has made some of its outputs."""

        def work():
            tell_outputs(*map(Path, names), **how)
            for name in made:
                Path(name).mkdir()
            be_interrupted()

        before = Path.cwd()
        os.chdir(folder)
        try:
            return ended(work, *words)[1].removeprefix("Interrupted: ").rstrip("\n")
        finally:
            os.chdir(before)

    def test_nothing_is_made(self, tmp_path):
        """One output is named."""
        assert self.told(tmp_path, []) == "nothing is kept, and the same command begins anew."
        assert self.told(tmp_path, [], names=["a"]) == "nothing of a is kept, and the same command begins anew."

    def test_all_is_made(self, tmp_path):
        """The command was just about to end."""
        assert self.told(tmp_path, ["a", "b"]) == "a, b are complete."

    def test_some_is_made_and_the_command_cannot_go_on(self, tmp_path):
        """What is there needs --force."""
        assert self.told(tmp_path, ["a"]) == "a is complete, and the same command with --force makes all anew."

    def test_the_command_that_goes_on_is_named(self, tmp_path):
        """As it was called, quoted, without --force and passwords."""
        words = ("--force", "two words", "postgresql://me:secret@host/db")
        assert self.told(tmp_path, ["a"], *words, resume="--resume") == (
            "a is kept; go on with: emotion-core work 'two words' 'postgresql://me:***@host/db' --resume"
        )

    def test_what_is_there_counts_only_for_a_command_that_takes_it(self, tmp_path):
        """One that makes it anew leaves the old one, which is not its own."""
        (tmp_path / "a").mkdir()
        assert self.told(tmp_path, []) == "nothing is kept, and the same command begins anew."
        assert self.told(tmp_path, [], resume="", keep=True) == "a is kept; go on with: emotion-core work"

    def test_what_has_begun_is_said_in_words(self, tmp_path):
        """Of an output that is not whole."""
        begun = {Path("a"): "a until epoch 2"}.get
        told = self.told(tmp_path, [], "--resume", resume="--resume", begun=begun)
        assert told == "a until epoch 2 is kept; go on with: emotion-core work --resume"


@pytest.mark.parametrize(
    ("work", "code", "said"),
    [
        ("signal.raise_signal(signal.SIGINT)", 130, "Interrupted: nothing was written.\n"),
        ("atexit.register(signal.raise_signal, signal.SIGINT)", -signal.SIGINT, ""),
    ],
)
def test_no_traceback_before_a_command_begins_or_after_its_end(work, code, said):
    """While the program is imported, and while Python takes down what large libraries have built."""
    script = f"import atexit, signal\nfrom emotion_core.start import own_process\nwith own_process(): {work}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (code, said)


@pytest.fixture(scope="module")
def svm(tmp_path_factory, sample):
    """A run that predicts with NumPy alone."""
    folder = tmp_path_factory.mktemp("runs") / "svm"
    train_baseline(BASELINES[0], sample, folder, 42, RunOptions(extras=False, quiet=True))
    return folder


class TestProcesses:
    """Real commands, whose whole process group gets the signal."""

    pytestmark = pytest.mark.acceptance

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_standard_input_that_never_ends(self, tmp_path, svm, number, code):
        """No file is left, not even a hidden one."""
        output, (reader, writer) = tmp_path / "out.csv", os.pipe()
        os.write(writer, b"so glad\n" * 5000)
        words = ["-m", "emotion_core", "predict", svm, "--input", "-", "--output", output]
        try:
            told = interrupt(words, waits_for_input, number, stdin=reader)
        finally:
            os.close(reader)
            os.close(writer)
        by = "Interrupted" if number == signal.SIGINT else "Ended by SIGTERM"
        kept = f"nothing of {output} is kept, and the same command begins anew."
        assert (told.code, told.out, told.err) == (code, "", f"{by}: {kept}\n")
        assert list(tmp_path.iterdir()) == []

    def test_libraries_that_are_imported(self, tmp_path, svm):
        """Matplotlib and pandas, which a comparison needs."""
        words = ["-m", "emotion_core", "compare", svm, "--html", tmp_path / "page.html"]
        told = interrupt(words, lambda process: has_loaded("pandas", process))
        assert (told.code, told.out) == (130, "")
        assert told.err.startswith("Interrupted: nothing ")
        assert len(told.err.splitlines()) == 1
