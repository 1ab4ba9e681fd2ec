"""How fast a classifier predicts, cleaning and tokenization included, and what else the machine did meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from emotion_core.classifier import Classifier
from emotion_core.runs.metrics import Latency, OtherPrograms, Speed, Throughput
from emotion_core.runs.typed_json import to_json

N_WARM_UP = 5


N_LATENCY_TEXTS = 100


N_THROUGHPUT_TEXTS = 1000

SHORTEST = 0.1
"""Seconds that a `Watch` takes at least, since systems count processor time in hundredths of a second."""

AT_WORK = ("user", "nice", "system", "irq", "softirq", "steal")
"""What a core may do besides waiting, as psutil calls it; ``steal`` is what other virtual machines take."""


def measure_speed(classifier: Classifier, texts: Iterable[str]) -> Speed:
    """Latency and throughput of a warm classifier, cleaning and tokenization included.

    Returns:
        Of one text at a time for up to 100 of the texts, in order, and of one call with up to 1,000 texts.
    """
    texts = list(texts)
    watch = Watch()
    for text in texts[:N_WARM_UP]:
        classifier.predict_proba([text])
    times = []
    for text in texts[:N_LATENCY_TEXTS]:
        start = time.perf_counter()
        classifier.predict_proba([text])
        times.append(time.perf_counter() - start)
    batch = texts[:N_THROUGHPUT_TEXTS]
    classifier.predict_proba(batch)  # frameworks compile for each new batch shape
    start = time.perf_counter()
    classifier.predict_proba(batch)
    throughput = Throughput(len(batch) / (time.perf_counter() - start), len(batch))
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return Speed(Latency(float(p50), float(p95), len(times)), throughput, watch.other_programs())


class _Reading(NamedTuple):
    """Seconds of processor time until a moment: of all programs on the cores that this one may use, and of this one."""

    moment: float
    cores: int
    all_programs: float
    own: float


class Watch:
    """What other programs use of the processor from now on.

    The load average of the system would not tell: it counts this program, too. So the watch takes the time that the
    cores were at work, less that of this process and of those that it started. In a container these are the cores of
    the machine, which other containers use, too.
    """

    def __init__(self) -> None:
        self._start = _reading()

    def other_programs(self) -> OtherPrograms | None:
        """On average until now; None where psutil is not installed or the system does not count."""
        if self._start is None:
            return None
        time.sleep(max(0.0, SHORTEST - (time.perf_counter() - self._start.moment)))
        end = _reading()
        if end is None or end.cores != self._start.cores or end.all_programs == self._start.all_programs:
            return None
        others = (end.all_programs - self._start.all_programs) - (end.own - self._start.own)
        used = others / (end.moment - self._start.moment)
        return OtherPrograms(round(min(max(used, 0.0), end.cores), 2), end.cores)

    def to_json(self) -> dict[str, Any] | None:
        """The same as a benchmark prints it."""
        found = self.other_programs()
        return None if found is None else to_json(found)


def _reading() -> _Reading | None:
    try:
        import psutil  # of the extra study; without it predictions are timed as well
    except ImportError:
        return None
    process = psutil.Process()
    cores = psutil.cpu_times(percpu=True)
    usable = process.cpu_affinity() if hasattr(process, "cpu_affinity") else range(len(cores))
    if max(usable) < len(cores):  # some containers number their cores anew
        cores = [cores[number] for number in usable]
    at_work = sum(getattr(core, state, 0.0) for core in cores for state in AT_WORK)
    own = 0.0
    for member in [process, *process.children(recursive=True)]:
        with suppress(psutil.Error):  # it has ended meanwhile
            own += sum(value for state, value in member.cpu_times()._asdict().items() if state != "iowait")
    return _Reading(time.perf_counter(), len(cores), at_work, own)
