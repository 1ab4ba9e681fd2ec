"""Compare runs of any package side by side: ranked by macro-F1, each tested against the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emotion_core.evaluation.versus.paired_tests import corrected, versus, versus_seeds
from emotion_core.reporting.compared.candidates import Candidate, MeasuredRun, check_same_texts
from emotion_core.reporting.compared.seed_folders import read_candidates
from emotion_core.runs.metrics import DataRef, Metrics, Versus
from emotion_core.runs.typed_json import to_json
from emotion_core.training.seeds import SeedsSummary, summarize_scores


@dataclass(frozen=True)
class Entry:
    """A ranked run, or the runs of several seeds of one training.

    Attributes:
        run: what it is called; no other has that name.
        rank: from 1; several seeds are ranked by the mean of their macro-F1.
        runs: one, or one a seed.
        versus_best: this against the best, None for the best itself.
    """

    run: str
    rank: int
    runs: tuple[MeasuredRun, ...]
    versus_best: Versus | None = None

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.runs[0].model

    @property
    def metrics(self) -> Metrics:
        """What the run measured, or the first seed."""
        return self.runs[0].metrics

    @property
    def data(self) -> DataRef:
        """The texts."""
        return self.metrics.data

    @property
    def trained_on(self) -> int:
        """How many of the texts a run of it was trained on, at most; 0 if nobody knows."""
        return max(run.metrics.data.trained_on or 0 for run in self.runs)

    @property
    def model_size_bytes(self) -> float | None:
        """Of the saved model, the mean over the seeds; None if nobody knows."""
        return _mean([run.model_size_bytes for run in self.runs])

    @property
    def parameters(self) -> float | None:
        """How many weights, the mean over the seeds; None if nobody knows."""
        return _mean([run.parameters for run in self.runs])

    @cached_property
    def seeds(self) -> SeedsSummary | None:
        """Mean and spread over the seeds; None for a single run."""
        if len(self.runs) == 1:
            return None
        return summarize_scores({run.seed: run.metrics for run in self.runs if isinstance(run.seed, int)})

    def to_json(self) -> dict[str, Any]:
        """A single run with its metrics; several seeds with mean and spread and what each of them measured."""
        against = {} if self.versus_best is None else {"versus_best": to_json(self.versus_best)}
        if self.seeds is None:
            return {**to_json(self.runs[0]), "run": self.run, "rank": self.rank, **against}
        named = {"run": self.run, "model": self.model, "package": self.runs[0].package}
        runs = [to_json(run) for run in self.runs]
        return {**named, "seeds": to_json(self.seeds), "runs": runs, "rank": self.rank, **against}


def _mean(values: Sequence[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def compare_runs(run_dirs: Sequence[str | Path]) -> list[dict[str, Any]]:
    """Rank runs by macro-F1 and compare each with the best on the same texts.

    Runs that differ in nothing but the seed, and a folder of such, are one entry: they are ranked by their mean, and
    never by the luckiest of them.

    Returns:
        One entry a run, best first: ``rank``, ``run``, ``path``, ``model``, ``metrics``, ``model_size_bytes``,
        ``parameters``, and for all but the best ``versus_best``: what `compare_predictions` says of this run against
        the best, where the differences of macro-F1 and of accuracy each have, too, ``p_holm``, their p-value after
        Holm's correction for the number of runs compared, and ``significant``, whether that is below 0.05. An entry of
        several seeds has ``runs``, each as above, and ``seeds`` with their means and standard deviations in place of
        ``path`` and ``metrics``; its differences are those of `seed_differences`.

    Raises:
        RunError: a folder is not a run with an evaluation nor one of several seeds, is named twice, or was measured on
            other texts.
    """
    return [entry.to_json() for entry in ranked_runs(run_dirs)]


def ranked_runs(run_dirs: Sequence[str | Path]) -> list[Entry]:
    """As `compare_runs`, as records."""
    return rank(read_candidates(run_dirs))


def rank(candidates: Sequence[Candidate]) -> list[Entry]:
    """As `ranked_runs`, for at least one candidate.

    Raises:
        RunError: a run was measured on other texts.
    """
    best, *others = sorted(candidates, key=lambda candidate: -candidate.macro_f1)
    check_same_texts([best, *others])
    compared = corrected([_against(best, other) for other in others])
    return [
        Entry(candidate.name, number, candidate.runs, against)
        for number, (candidate, against) in enumerate(zip([best, *others], [None, *compared], strict=True), start=1)
    ]


def _against(best: Candidate, other: Candidate) -> Versus:
    if len(best.runs) == len(other.runs) == 1:
        return versus(best.labels, best.predicted[0], other.predicted[0])
    return versus_seeds(best.labels, best.predicted, other.predicted)
