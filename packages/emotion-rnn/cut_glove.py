"""Cut the vectors that ``--glove sample`` names out of a GloVe file: those of the words of the sample corpus.

``python packages/emotion-rnn/cut_glove.py glove.twitter.27B.25d.txt`` writes the file into the package and describes it
in ``shared-data/glove.json``. Run it again when the corpus has changed; a test compares the words. The vectors are in
the public domain (PDDL 1.0, Pennington et al. 2014).
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.published.manifests import shared_data_dir
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove import BUNDLED, N_RESERVED, read_vectors
from emotion_rnn.network.options import CLEANING, VectorOptions

NAME = "sample"
DIGITS = 3
"""After the point: the numbers are of the order of 1, and three digits of them train as well as six."""


def corpus_words(folder: Path) -> list[str]:
    """The words of all texts of a folder's csv files as the networks read them, in alphabetical order."""
    clean, words = CLEANERS[CLEANING], set[str]()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            words.update(word for row in csv.DictReader(file) for word in clean(row["text"]).split())
    return sorted(words)


def cut(source: Path, words: list[str], target: Path) -> dict[str, object]:
    """Write the vectors of the words that ``source`` has as a GloVe text file, and describe it for the manifest."""
    vectors = read_vectors(VectorOptions(source), [""] * N_RESERVED + words, seed=0)
    rows = [
        " ".join([word, *(f"{number:.{DIGITS}f}" for number in vector)])
        for word, vector, found in zip(words, vectors.matrix[N_RESERVED:], vectors.found[N_RESERVED:], strict=True)
        if found
    ]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
    with source.open("rb") as file:
        n_source = sum(1 for _ in file)
    return {
        "file": target.name,
        "rows": len(rows),
        "dimension": vectors.matrix.shape[1],
        "sha256": file_hash(target),
        "cut_from": {"file": source.name, "rows": n_source, "sha256": vectors.sha256},
    }


def main() -> None:
    """Cut the words of the corpus, and put the new description into the manifest's entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="a GloVe text file")
    path = shared_data_dir() / "glove.json"
    parser.add_argument("--corpus", type=Path, default=path.parent / "sample", help="a folder of csv files")
    asked = parser.parse_args()
    entries = json.loads(path.read_text(encoding="utf-8"))
    entries[NAME] |= cut(asked.source, corpus_words(asked.corpus), BUNDLED / entries[NAME]["file"])
    path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
