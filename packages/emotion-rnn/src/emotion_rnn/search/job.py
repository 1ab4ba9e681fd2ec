"""What a search consists of, and the name that it has in a storage."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emotion_core.data.dataset import Dataset
from emotion_core.runs.definition import TRAINING_SPLITS, Definition, data_definition, settings_definition
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove import locate_glove
from emotion_rnn.network.options import Computing, VectorOptions
from emotion_rnn.plan import PRUNERS, SAMPLERS, Phase, Point
from emotion_rnn.search.storage import open_storage, telling_faults

if TYPE_CHECKING:
    import optuna

    from emotion_rnn.search.patience import PatientStorage

TPE_TRIALS = 50
"""How many points the TPE sampler chooses unless --max-trials says otherwise: as many as the grid of phase 1 has."""


@dataclass(frozen=True)
class TrainingInputs:
    """What all trainings of a search or a study have in common.

    Attributes:
        dataset: with train and validation splits.
        vectors: the GloVe vectors; None for random ones.
        computing: of each worker.
        seed: of every training of a search, and of the first of the final ones.
    """

    dataset: Dataset
    vectors: VectorOptions | None
    computing: Computing
    seed: int


@dataclass(frozen=True)
class Running:
    """How a search is run, which does not change its result.

    Attributes:
        n_workers: processes on this machine.
        retry: train the failed points again.
        quiet: no progress.
    """

    n_workers: int = 1
    retry: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Job:
    """A search, as every worker is told of it.

    Attributes:
        architecture: its name.
        phase: the settings and the values that are searched.
        dataset: with train and validation splits.
        vectors: the GloVe vectors; None for random ones.
        computing: of each worker.
        seed: of every training.
        storage: address of the storage.
        sampler: ``grid`` takes every point, ``tpe`` chooses points within its bounds (Bergstra et al. 2011).
        pruner: ends hopeless trainings early: ``median``, ``hyperband`` (Li et al. 2018), or ``none``.
        max_trials: points at most; None for the whole grid. Part of a grid is drawn at random from all of it.
    """

    architecture: str
    phase: Phase
    dataset: Dataset
    vectors: VectorOptions | None
    computing: Computing
    seed: int
    storage: str
    sampler: str = SAMPLERS[0]
    pruner: str = PRUNERS[0]
    max_trials: int | None = None

    def points(self) -> dict[int, Point]:
        """The hyperparameters of each point by its number in the whole grid; empty where the sampler chooses them.

        The seed alone decides which points a part of the grid consists of, on every machine and with every version of
        the libraries, and a larger part contains each smaller one.
        """
        if self.sampler == "tpe":
            return {number: {} for number in range(self.max_trials or TPE_TRIALS)}
        grid = dict(enumerate(self.phase.points()))
        drawn = sorted(grid, key=self._place)[: self.max_trials]
        return {number: grid[number] for number in sorted(drawn)}

    def _place(self, number: int) -> bytes:
        """What puts the points of the grid into the random order in which they are drawn."""
        return hashlib.sha256(f"{self.seed} {number}".encode()).digest()

    def definition(self) -> Definition:
        """Everything that decides the result of a point; searches of one definition share their points."""
        return {
            "architecture": self.architecture,
            "phase": self.phase.name,
            "settings": settings_definition(self.phase.settings),
            "grid": {name: list(values) for name, values in self.phase.grid.items()},
            "data": data_definition(self.dataset, *TRAINING_SPLITS),
            "glove": file_hash(locate_glove(self.vectors.glove)) if self.vectors else None,
            "unknown_words": self.vectors.unknown_words if self.vectors else None,
            "precision": self.computing.precision,
            "seed": self.seed,
            "sampler": self.sampler,
            "pruner": self.pruner,
        }

    def study_name(self) -> str:
        """The name of the search in its storage, with a fingerprint of its definition."""
        text = json.dumps(self.definition(), sort_keys=True)
        return f"{self.architecture}-{self.phase.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def open_study(job: Job, name: str, number: int = 0, *, patient: bool = False) -> tuple[optuna.Study, PatientStorage]:
    """Open the study of a job in its storage, or make it.

    Args:
        job: the search.
        name: from `Job.study_name`, which takes long with a large GloVe file.
        number: of the worker; each draws other random points.
        patient: wait for a server that is away, since it was there before.

    Raises:
        RunError: the storage cannot be used.
    """
    with telling_faults(job.storage):
        return _open(job, name, number, patient)


def _open(job: Job, name: str, number: int, patient: bool) -> tuple[optuna.Study, PatientStorage]:
    import optuna

    storage = open_storage(job.storage, patient=patient)
    samplers = {"grid": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}
    pruners = {
        "none": optuna.pruners.NopPruner,
        "median": optuna.pruners.MedianPruner,
        "hyperband": optuna.pruners.HyperbandPruner,
    }
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        direction="maximize",
        load_if_exists=True,
        pruner=pruners[job.pruner](),
    )
    # A search that goes on must not draw the points again with which it began.
    entropy = (job.seed, number, len(study.get_trials(deepcopy=False)))
    study.sampler = samplers[job.sampler](seed=int(np.random.SeedSequence(entropy).generate_state(1)[0]))
    return study, storage
