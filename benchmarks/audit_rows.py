"""Audit a file of many rows, or of one very long one: the time, and the most memory that the program took."""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.labels import EMOTIONS
from emotion_core.system.environment import host, installed_versions

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
WORDS_OF_A_TWEET = (5, 33)


def write_tweets(path: Path, rows: int) -> None:
    """A csv file of texts of tweets' length, drawn from the words of the sample, every fifth with a mention."""
    words = " ".join(load_dataset("sample").split("train").texts).replace('"', "").replace(",", "").split()
    draw = random.Random(1)  # noqa: S311 - no secret
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("text,label\n")
        for number in range(rows):
            text = " ".join(draw.choices(words, k=draw.randint(*WORDS_OF_A_TWEET)))
            extra = f"@user{number} " if number % 5 == 0 else ""
            file.write(f"{extra}{text},{EMOTIONS[number % len(EMOTIONS)]}\n")


def write_long_line(path: Path, characters: int) -> None:
    """A csv file of one row with a text of so many characters."""
    words = " ".join(load_dataset("sample").split("train").texts).replace('"', "").replace(",", "")
    path.write_text(f"text,label\n{(words * (characters // len(words) + 1))[:characters]},joy\n", encoding="utf-8")


def measure(path: Path, words: Sequence[str]) -> dict[str, float]:
    """Seconds and megabytes of the program on a file, with these options."""
    before = time.perf_counter()
    command = [sys.executable, "-m", "emotion_core", "audit", str(path), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    seconds = time.perf_counter() - before
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "megabytes": round(used.ru_maxrss * MAXRSS_UNIT / 1e6),
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--long-line", type=int, metavar="CHARACTERS", help="one row of so many characters instead")
    parser.add_argument("--near-duplicates", action="store_true", help="look for near duplicates, too")
    parser.add_argument("--profile", action="store_true", help="say what the texts look like, too")
    options = parser.parse_args()
    words = [f"--{name}" for name in ("near-duplicates", "profile") if getattr(options, name.replace("-", "_"))]
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tweets.csv"
        if options.long_line:
            write_long_line(path, options.long_line)
        else:
            write_tweets(path, options.rows)
        megabytes = round(path.stat().st_size / 1e6)
        measured = {"file_megabytes": megabytes, **measure(path, words)}
    where = {"other_programs": watch.to_json(), "host": host(), "versions": installed_versions()}
    print(json.dumps(measured | where, indent=2))


if __name__ == "__main__":
    main()
