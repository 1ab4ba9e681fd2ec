"""How to load the model of a run: with our own command, and with the library that its format belongs to."""

from __future__ import annotations

from emotion_core.labels import EMOTIONS
from emotion_core.runs.record import RunRecord, Settings

FOLDER = "PATH_OF_THIS_FOLDER"
"""Stands for the run folder, which its card cannot know: it may be moved."""

_TRANSFORMERS = f"""
from transformers import pipeline

classify = pipeline("text-classification", model="{FOLDER}/model")
print(classify("i did not see that coming"))
"""

_KERAS = f"""
import keras
import tensorflow as tf

emotions = {list(EMOTIONS)!r}
model = keras.saving.load_model("{FOLDER}/model/model.keras")
probabilities = model.predict(tf.constant(["i did not see that coming"]))
print(emotions[probabilities[0].argmax()])
"""

_ONNX = f"""
import onnxruntime
from transformers import AutoTokenizer

emotions = {list(EMOTIONS)!r}
tokenizer = AutoTokenizer.from_pretrained("{FOLDER}/model")
session = onnxruntime.InferenceSession("{FOLDER}/model/model.onnx")
tokens = tokenizer("i did not see that coming", return_tensors="np")
logits = session.run(None, {{entry.name: tokens[entry.name] for entry in session.get_inputs()}})[0]
print(emotions[logits[0].argmax()])
"""

LIBRARIES = {
    "transformers": ("transformers", _TRANSFORMERS),
    "keras": ("Keras", _KERAS),
    "onnx": ("ONNX Runtime", _ONNX),
}
"""What else opens a model, by the ``format`` that its run records: the name of the library, and how."""


def usage(record: RunRecord) -> str:
    """The ways to use the model of a run, as Markdown."""
    own = f"""With `{record.package}`, which cleans the texts as in training and calibrates the probabilities:

```console
{record.package} predict {FOLDER} "i did not see that coming"
```
"""
    if record.format is None or record.format not in LIBRARIES or _needs_our_code(record):
        return own
    library, code = LIBRARIES[record.format]
    needed = f", with {needs} installed" if (needs := _also_needed(record)) else ""
    return f"""{own}
With {library} alone{needed}; texts are not cleaned then, nor probabilities calibrated:

```python{code}```
"""


def _needs_our_code(record: RunRecord) -> bool:
    """Whether heads were removed: the configs of transformers know no model with so few."""
    return _details(record).get("structured") == "heads"


def _also_needed(record: RunRecord) -> str:
    quantized = record.compression is not None and record.compression.technique in ("int8", "nf4", "combined")
    return "accelerate and bitsandbytes" if quantized else ""


def _details(record: RunRecord) -> Settings:
    return record.compression.details if record.compression else {}
