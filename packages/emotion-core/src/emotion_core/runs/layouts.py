"""The forms in which a run holds its model: what lies in the folder, what loads it, and what its card says of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.errors import RunError
from emotion_core.imports import PROGRAM
from emotion_core.labels import EMOTIONS
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.pointers import check_pointers

if TYPE_CHECKING:
    from emotion_core.runs.record import RunRecord

TOKENIZER_FILES = (
    "added_tokens.json",
    "bpe.codes",
    "byte_maps.json",
    "dict.txt",
    "emoji.json",
    "entity_vocab.json",
    "merges.txt",
    "normalizer.json",
    "prophetnet.tokenizer",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "source.spm",
    "special_tokens_map.json",
    "spiece.model",
    "spm.model",
    "target.spm",
    "tekken.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab-src.json",
    "vocab-tgt.json",
    "vocab.json",
    "vocab.spm",
    "vocab.txt",
    "word_pronunciation.json",
    "word_shape.json",
)
"""What the tokenizers of transformers read and write."""

FOLDER = "PATH_OF_THIS_FOLDER"
"""Stands for the run folder in a card, which cannot know it: the folder may be moved."""


@dataclass(frozen=True)
class Layout:
    """One form of a model folder.

    Attributes:
        name: as ``run.json`` states it under ``format``.
        package: which loads it. A run that states no format has the first layout of its package.
        files: that must lie in the model folder, or in that of each member of an ensemble.
        others: that may lie there, with ``*`` for any characters. What is not named is refused, since libraries look
            for files by their names, and what one of them says may lead elsewhere.
        library: another one that opens the model alone.
        snippet: how, in Python.
        needs: what must be installed for that as well, by the technique of a compression.
    """

    name: str
    package: str
    files: tuple[str, ...]
    library: str
    snippet: str
    needs: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def missing(self, folder: Path) -> list[str]:
        """The files that a model folder lacks."""
        return [name for name in self.files if not (folder / name).is_file()]

    def strange(self, folder: Path) -> list[str]:
        """What lies in a model folder and does not belong there; what systems and editors leave does no harm."""
        known = (*self.files, *self.others)
        names = sorted(entry.name for entry in folder.iterdir() if not is_passed_over(entry.name))
        return [
            name
            for name in names
            if not any(fnmatchcase(name, pattern) for pattern in known) or not (folder / name).is_file()
        ]


_QUANTIZED = "accelerate and bitsandbytes"

KERAS = Layout(
    "keras",
    "emotion-rnn",
    ("model.keras",),
    "Keras",
    f"""
import keras
import tensorflow as tf

emotions = {list(EMOTIONS)!r}
model = keras.saving.load_model("{FOLDER}/model/model.keras")
probabilities = model.predict(tf.constant(["i did not see that coming"]))
print(emotions[probabilities[0].argmax()])
""",
)

TRANSFORMERS = Layout(
    "transformers",
    "emotion-bert",
    ("config.json",),  # the weights may be in several files
    "transformers",
    f"""
from transformers import pipeline

classify = pipeline("text-classification", model="{FOLDER}/model")
print(classify("i did not see that coming"))
""",
    dict.fromkeys(("int8", "nf4", "combined"), _QUANTIZED),
    ("*.safetensors", "model.safetensors.index.json", *TOKENIZER_FILES),
)

ONNX = Layout(
    "onnx",
    "emotion-bert",
    ("model.onnx", "inputs.json"),
    "ONNX Runtime",
    f"""
import onnxruntime
from transformers import AutoTokenizer

emotions = {list(EMOTIONS)!r}
tokenizer = AutoTokenizer.from_pretrained("{FOLDER}/model")
session = onnxruntime.InferenceSession("{FOLDER}/model/model.onnx")
tokens = tokenizer("i did not see that coming", return_tensors="np")
logits = session.run(None, {{entry.name: tokens[entry.name] for entry in session.get_inputs()}})[0]
print(emotions[logits[0].argmax()])
""",
    others=("config.json", "model.onnx.data", *TOKENIZER_FILES),  # a large graph has its weights in a second file
)

TFIDF = Layout(
    "tfidf",
    PROGRAM,
    ("words.json", "weights.npz"),
    "NumPy",
    f"""
import json
import re
from collections import Counter

import numpy as np

emotions = {list(EMOTIONS)!r}
with open("{FOLDER}/model/words.json", encoding="utf-8") as file:
    words = json.load(file)
weights = np.load("{FOLDER}/model/weights.npz", allow_pickle=False)
counts = Counter(re.findall(r"\\b\\w\\w+\\b", "i did not see that coming"))
vector = np.array([counts[word] for word in words]) * weights["idf"]
margins = vector / max(np.linalg.norm(vector), 1e-12) @ weights["coefficients"] + weights["intercepts"]
print(emotions[margins.argmax()])
""",
)

PREDICTIONS = Layout("predictions", PROGRAM, (), "", "")
"""The predictions of another program: such a run has no model folder, and nothing loads it."""

OWN = (ONNX, TFIDF)
"""Those that emotion-core computes itself."""

ONNX_OF_WORDS = Layout(
    ONNX.name,
    KERAS.package,
    (*ONNX.files, "vocabulary.txt"),
    "ONNX Runtime",
    f"""
from pathlib import Path

import numpy as np
import onnxruntime

emotions = {list(EMOTIONS)!r}
folder = Path("{FOLDER}/model")
words = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\\n")
ids = {{word: number for number, word in enumerate(words)}}
unknown = 1
text = np.array([[ids.get(word, unknown) for word in "i did not see that coming".split()]])
session = onnxruntime.InferenceSession(folder / "model.onnx")
logits = session.run(None, {{"input_ids": text}})[0]
print(emotions[logits[0].argmax()])
""",
)

LAYOUTS = (KERAS, TRANSFORMERS, ONNX, ONNX_OF_WORDS, TFIDF)
"""All of them. An ensemble has a folder in one of these for each member, and its record names the members."""


def layout_of(record: RunRecord, folder: Path) -> Layout:
    """The layout of a model folder, as the record of its run states it.

    Raises:
        RunError: it is none that is known, a file is missing, or one does not belong there or leads elsewhere.
    """
    known = [layout for layout in LAYOUTS if layout.package == record.package]
    name = record.format or known[0].name
    layout = next((layout for layout in known if layout.name == name), None)
    if layout is None:
        names = " or ".join(layout.name for layout in known)
        raise RunError(f"{folder}: is in the format {name!r}, expected {names}. Install a newer version.")
    if missing := layout.missing(folder):
        raise RunError(
            f"{folder}: cannot be loaded ({', '.join(missing)} is missing). Check the run with emotion-core verify."
        )
    if strange := layout.strange(folder):
        raise RunError(
            f"{folder}: cannot be loaded (holds {', '.join(strange[:3])}, which the format {layout.name!r} does not "
            "need and which could make a library open other files). Remove what you added, or copy the run again."
        )
    check_pointers(folder)
    return layout


def usage(record: RunRecord) -> str:
    """How the card of a run says that its model is used, as Markdown: our command, and the library of its layout."""
    # A card is copied from: a record that names no program must not put words into a command.
    program = record.package if re.fullmatch(r"[\w-]+", record.package) else PROGRAM
    own = f"""With `{program}`, which cleans the texts as in training and calibrates the probabilities:

```console
{program} predict {FOLDER} "i did not see that coming"
```
"""
    technique, details = (record.compression.technique, record.compression.details) if record.compression else ("", {})
    layout = next(
        (layout for layout in LAYOUTS if (layout.package, layout.name) == (record.package, record.format)), None
    )
    # No library opens several models as one, and the configs of transformers know no model with fewer heads.
    if layout is None or record.members is not None or details.get("structured") == "heads":
        return own
    needs = layout.needs.get(technique)
    alone = f"{layout.library} alone{f', with {needs} installed' if needs else ''}"
    return f"""{own}
With {alone}; texts are not cleaned then, nor probabilities calibrated:

```python{layout.snippet}```
"""
