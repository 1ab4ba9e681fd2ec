"""Write a run as the ready model into shared-data, with the manifest of its files.

`python -m nox -s ready-model` does it with the run that it makes.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from emotion_core.data.published.ready import READY
from emotion_core.errors import RunError
from emotion_core.runs.card import model_card
from emotion_core.runs.folder import CARD_FILE, FIGURES_DIR, MODEL_DIR, RUN_FILE, folder_size, read_metrics, read_run
from emotion_core.runs.typed_json import json_text
from emotion_core.system.claim import claimed, put_in_place, write_aside
from emotion_core.system.hashes import file_hash, file_names

MOST_BYTES = 10_000_000
"""Of the model folder; the whole run is smaller in the wheel, which is compressed."""

ABSTAIN_BELOW = 0.5
"""Since the probabilities are calibrated, a prediction with a lower one is more often wrong than right."""

LICENCE = "Apache-2.0 as the pre-trained model, whose weights these are, fine-tuned and made smaller"


def pack(run: Path, shared_data: Path) -> None:
    """Write the folder of the ready model, without the figures of its run, and ``ready.json`` beside it.

    Args:
        run: the small model.
        shared_data: the folder of that name in the repository.

    Raises:
        RunError: it would be too large.
    """
    folder = shared_data / READY
    with claimed(folder) as aside:
        shutil.copytree(run, aside, ignore=shutil.ignore_patterns(FIGURES_DIR, RUN_FILE, ".*"))
        record = replace(read_run(run), name=READY, abstain_below=ABSTAIN_BELOW)
        (aside / CARD_FILE).write_text(model_card(record, read_metrics(run)), encoding="utf-8", newline="\n")
        record = replace(record, files=_hashes(aside))
        text = json_text(record.to_json(), indent=2, ensure_ascii=False) + "\n"
        (aside / RUN_FILE).write_text(text, encoding="utf-8", newline="\n")
        if (size := folder_size(aside / MODEL_DIR)) > MOST_BYTES:
            raise RunError(f"{run}: the ready model has {size / 1e6:.1f} MB, at most {MOST_BYTES / 1e6:.0f} may be.")
        files = _hashes(aside)
        put_in_place(aside, folder)
    entry = {"made_by": "python -m nox -s ready-model", "licence": LICENCE, "bytes": size, "files": files}
    write_aside(shared_data / f"{READY}.json", json.dumps({READY: entry}, indent=2) + "\n")
    sys.stdout.write(f"{folder}: {size / 1e6:.1f} MB\n")


def _hashes(folder: Path) -> dict[str, str]:
    return {name: file_hash(folder / name) for name in file_names(folder)}


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(__file__).parents[1] / "shared-data")
