"""Spoil data files at random and look whether reading, auditing, predicting and evaluating take it well.

    python benchmarks/faults/fuzz.py --files 10000
    python benchmarks/faults/fuzz.py emotion-bert runs/minilm --files 1000

Small files of every form, with texts that are hard to bear, are spoilt in one to four places: bytes are flipped,
removed, repeated or put in, or the file ends early. Each goes through audit, predict (into a file of a random form) and
evaluate, in this process. What may come out is a result with a row for each row, in order, or one message for the user;
what may not is any other exception, a wrong row, a file that is left behind, or more than five seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from programs import PROGRAMS, load

from emotion_core.classifier import Classifier
from emotion_core.data.audit import audit_text, audited
from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.load import load_dataset
from emotion_core.data.readers import open_table
from emotion_core.errors import EmotionError
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.inference.predict import checked_table, predict_table
from emotion_core.inference.writers import OUTPUT_FORMATS
from emotion_core.labels import EMOTIONS
from emotion_core.system.environment import host, installed_versions
from shared_checks import HARD_TEXTS

SECONDS = 5
TEXTS = [text for text in HARD_TEXTS if len(text) < 10_000 and text == replace_surrogates(text)]
BYTES = (
    b"\0", b'"', b"'", b"\n", b"\r", b",", b"\t", b";", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800",
    b"{", b"}", b"[" * 5000, b"1e999", b"NaN", b"-1", b"99999999999999999999", b"null", b"\x1a", b"PAR1",
)  # fmt: skip


def write_original(path: Path, drawn: random.Random) -> None:
    """A file of 1 to 12 rows that can be read, but for texts that are empty."""
    rows = [(drawn.choice(TEXTS), drawn.choice(EMOTIONS)) for _ in range(drawn.randint(1, 12))]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": [row[0] for row in rows], "label": [row[1] for row in rows]}), path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix in (".csv", ".tsv"):
            writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writerows([("text", "label"), *rows])
        elif path.suffix == ".jsonl":
            file.writelines(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
        else:
            file.writelines(f"{text};{label}\n" for text, label in rows)


def spoil(data: bytes, drawn: random.Random) -> bytes:
    """The bytes of a file with one to four faults."""
    for _ in range(drawn.randint(1, 4)):
        at, length = drawn.randrange(len(data) + 1), drawn.randint(1, 40)
        kind = drawn.randrange(5)
        if kind == 0 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << drawn.randrange(8)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[at + length :]
        elif kind == 2:
            data = data[:at] + data[at : at + length] * drawn.randint(2, 9) + data[at + length :]
        elif kind == 3:
            data = data[:at] + drawn.choice(BYTES) + data[at:]
        else:
            data = data[:at]
    return data


@contextmanager
def limited_time(seconds: int) -> Iterator[None]:
    """Raise a TimeoutError when the block takes longer."""

    def stop(number: int, frame: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def audit(path: Path) -> None:
    """As the command, with bad rows dropped."""
    audit_text(audited(load_dataset(path, Columns("text", "label", "drop"))))


def predict(path: Path, classifier: Classifier, output: Path) -> None:
    """As the command; the output has the rows of the input, and predictions where there are texts."""
    table = checked_table(path, "text")
    counts = predict_table(classifier, table, output)
    read, written = list(table), list(open_table(output))
    if not len(read) == len(written) == counts.rows:
        raise AssertionError(f"{len(read)} rows were read, {len(written)} written, {counts.rows} told")
    for before, after in zip(read, written, strict=True):
        text = before.cells.get("text")
        if output.suffix == ".jsonl" and after.cells.get("text") != text:
            raise AssertionError(f"the text {text!r} became {after.cells['text']!r}")


def measure(path: Path, classifier: Classifier) -> None:
    """As evaluate, with bad rows dropped."""
    dataset = load_dataset(path, Columns("text", "label", "drop"))
    json.dumps(evaluate(classifier, dataset, next(iter(dataset.splits)))[0])


def attempt(work: Callable[[], None], seconds: int = SECONDS) -> str:
    """``done``, ``told``, or the traceback of a fault."""
    try:
        with limited_time(seconds):
            work()
    except EmotionError as error:
        return "told" if str(error).strip() else "an empty message"
    except Exception:
        return traceback.format_exc()
    return "done"


def trained_run(folder: Path) -> Path:
    """A small GRU, trained on the sample."""
    from emotion_rnn.cli.main import main as emotion_rnn

    run = folder / "gru"
    words = ["train", "gru", "--data", "sample", "--epochs", "1", "--output", str(run), "--quiet"]
    emotion_rnn(words, standalone_mode=False)
    return run


def main() -> None:
    """Spoil, try, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", choices=PROGRAMS, default="emotion-rnn")
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the files that came out badly")
    options = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {}
    faults: list[dict[str, Any]] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        classifier = load(options.program, options.run or trained_run(folder))
        place = folder / "spoilt"
        place.mkdir()
        for number in range(options.files):
            drawn = random.Random(f"{options.seed} {number}")  # noqa: S311 - faults, no secrets
            path = place / f"data{drawn.choice(('.csv', '.tsv', '.jsonl', '.parquet', '.txt'))}"
            output = place / f"output{drawn.choice(OUTPUT_FORMATS)}"
            write_original(path, drawn)
            path.write_bytes(spoil(path.read_bytes(), drawn))
            works = {
                "audit": lambda path=path: audit(path),
                "predict": lambda path=path, output=output: predict(path, classifier, output),
                "evaluate": lambda path=path: measure(path, classifier),
            }
            for what, work in works.items():
                outcome = attempt(work)
                outcomes.setdefault(what, Counter())[outcome if outcome in ("done", "told") else "fault"] += 1
                if outcome not in ("done", "told"):
                    faults.append({"file": number, "form": path.suffix, "work": what, "fault": outcome[-1500:]})
                    if options.keep:
                        options.keep.mkdir(parents=True, exist_ok=True)
                        (options.keep / f"{number}{path.suffix}").write_bytes(path.read_bytes())
            output.unlink(missing_ok=True)
            path.unlink()
            left = [entry.name for entry in place.iterdir()]
            if left:
                raise SystemExit(f"file {number}: {left} were left behind")
            if number % 500 == 499:
                print(f"{number + 1} files, {len(faults)} faults", file=sys.stderr, flush=True)
    told = {"benchmark": "fuzz", "files": options.files, "seed": options.seed, "seconds": time.monotonic() - started}
    told |= {"outcomes": outcomes, "faults": faults[:20], "host": host(), "versions": installed_versions()}
    print(json.dumps(told, indent=2))
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
