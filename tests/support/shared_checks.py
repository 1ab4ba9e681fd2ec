"""What the tests of every package that has a command line check in the same way."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
from click.testing import Result
from numpy.typing import NDArray

from emotion_core.classifier import Classifier
from emotion_core.data.readers import open_table
from emotion_core.inference.predict import checked_table, predict_table
from emotion_core.runs.folder import CARD_FILE, RUN_FILE, read_json
from emotion_core.runs.layouts import FOLDER
from emotion_core.system.hashes import file_hash

HEAVY_LIBRARIES = (
    "keras", "tensorflow", "torch", "transformers", "numpy", "pandas", "sklearn", "scipy", "statsmodels", "matplotlib",
    "pyarrow", "datasketch", "kagglehub", "jinja2", "yaml", "rich",
)  # fmt: skip
"""Libraries that take long to import, and that only training and reports need."""

NOT_FOR_HELP = (*HEAVY_LIBRARIES, "importlib.metadata", "emotion_core.runs.record")
"""What no help text may wait for: the parser of metadata and the records of runs, too."""


def help_of(module: str, *command: str) -> tuple[str, list[str]]:
    """Ask a program for help in a process of its own.

    Args:
        module: where its command group ``main`` is, e.g. ``emotion_core.cli.main``.
        command: of the group, or nothing for the group itself.

    Returns:
        What it printed, and which modules of `NOT_FOR_HELP` it had imported by then.
    """
    code = (
        f"import sys; from {module} import main;"
        "main(sys.argv[1:], standalone_mode=False);"
        f"sys.stderr.write(' '.join(name for name in {NOT_FOR_HELP} if name in sys.modules))"
    )
    arguments = [sys.executable, "-c", code, *command, "--help"]
    result = subprocess.run(arguments, check=True, capture_output=True, encoding="utf-8")
    return result.stdout, result.stderr.split()


HARD_TEXTS = (
    "i did not see that coming", "", "   ", "nan", "NULL", "=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)",
    'say "what" now', "a, b; c\td", "two\nlines", "\r\n", "\u202eback\u202c", "\u0645\u0631\u062d\u0628\u0627",
    "e\u0301", "\U0001f602\U0001f602", "\ufeffmark", "nul\0byte", "\0", "half \ud83d", "\udc00", "1234", "{}", "[]",
    "\\", "'", "label", "text;joy", "".join(chr(0x10000 * plane + 0x1F40) for plane in range(17)), "word " * 200_000,
)  # fmt: skip
"""Texts that break careless readers, cleanings and tokenizers: a character of every plane and a megabyte among them."""

NO_TEXTS = ("", "   ", "NULL", "\r\n", "\0")
"""Those that are no texts: nothing that can be seen, and a spreadsheet's word for a missing value."""


def predict_hard_texts(classifier: Classifier, folder: Path) -> list[dict[str, Any]]:
    """The rows that come out when a file of `HARD_TEXTS` is predicted into another.

    Args:
        classifier: of any package.
        folder: for the files.
    """
    source, output = folder / "hard.jsonl", folder / "predicted.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in HARD_TEXTS), encoding="utf-8")
    predict_table(classifier, checked_table(source, "text"), output)
    return [row.cells for row in open_table(output)]


def predict_in_threads(classifier: Classifier, texts: Sequence[str], threads: int) -> list[NDArray[np.floating[Any]]]:
    """What a classifier gives for the texts in each of several threads that use it at once."""
    together = Barrier(threads)

    def predict() -> NDArray[np.floating[Any]]:
        together.wait()
        return classifier.predict_proba(texts)

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(predict) for _ in range(threads)]]


def run_python_of_card(run_dir: Path) -> None:
    """Run the Python code that the model card of a run shows, with the path of the run where it stands for one."""
    card = (run_dir / CARD_FILE).read_text(encoding="utf-8").replace(FOLDER, str(run_dir))
    (code,) = re.findall(r"^```python\n(.*?)^```", card, re.MULTILINE | re.DOTALL)
    exec(compile(code, str(run_dir / CARD_FILE), "exec"), {})


def flip_a_bit(path: Path, position: float) -> None:
    """Turn one bit of a file over, ``position`` (0 to 1) of the way through it."""
    data = bytearray(path.read_bytes())
    data[int(position * (len(data) - 1))] ^= 4
    path.write_bytes(data)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "another beginning": lambda data: bytes([data[0] ^ 4]) + data[1:],
    "no UTF-8": lambda data: data[:9] + b"\xff" + data[10:],
}
"""What can be done to the bytes of a file that no library reads then, but for the last: weights may hold any byte."""


def renew_hashes(run_dir: Path, **changes: object) -> None:
    """Write the hashes of the files that a run has now, and other changes, into its record, as a forger would."""
    record = read_json(run_dir, "run.json") | changes
    files = (path for path in run_dir.rglob("*") if path.is_file() and path != run_dir / RUN_FILE)
    record["files"] = {path.relative_to(run_dir).as_posix(): file_hash(path) for path in files}
    (run_dir / RUN_FILE).write_text(json.dumps(record), encoding="utf-8")


def with_little_room(module: str, largest: int, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process that can write no file beyond a size, as on a disk that runs full.

    Args:
        module: of the program, as after ``python -m``.
        largest: size of a file, in bytes.
        words: of the command line.
    """
    code = (
        f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest}));"
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def in_a_folder_that_must_not_be_written(folder: Path, module: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process that may read a folder and not write in it, as on a disk that is read-only.

    Args:
        folder: which is writable again afterwards.
        module: of the program, as after ``python -m``.
        words: of the command line.
    """
    # The superuser may write everywhere until the process gives that up (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE).
    code = (
        "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0);"
        f"os.execv(sys.executable, [sys.executable, '-m', {module!r}, *sys.argv[1:]])"
    )
    command = [sys.executable, "-c", code, *map(str, words)]
    folder.chmod(0o555)
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    finally:
        folder.chmod(0o755)


def check_one_message(told: subprocess.CompletedProcess[str]) -> None:
    """Raise an AssertionError unless a program ended with one message for its user."""
    assert told.returncode == 2, told.stderr
    assert told.stderr.count("Error: ") == 1, told.stderr
    assert "Traceback" not in told.stderr, told.stderr


def check_mistake(result: Result, message: str, folder: Path) -> None:
    """Raise an AssertionError unless a command called in this process told its user's mistake and left no file behind.

    Args:
        result: of click's runner.
        message: a part of what must stand on standard error.
        folder: in which the command was called.
    """
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not [path for path in folder.rglob("*") if path.is_file()]


HOLDER = """
import sys
from pathlib import Path
from emotion_core.system.claim import claimed
with claimed(Path(sys.argv[1])) as aside:
    aside.touch()
    print("claimed", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def writing_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that claims a path, writes it aside, and goes on doing so until the block ends.

    Yields:
        The process; killed in the block, it leaves what it wrote aside.
    """
    arguments = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        yield process
        process.communicate("done\n" if process.poll() is None else None)
