"""Compress a run in several ways: a run folder for each, measured in a process of its own, and the trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic

from emotion_core.compression.measure import Result, Sizes, Variant
from emotion_core.compression.requirements import find_packages
from emotion_core.compression.technique import OptionsT, SourceT, Toolbox
from emotion_core.compression.variant import PASSED, SKIPPED, Work, definition_of, judged, measure_original, say
from emotion_core.errors import RunError
from emotion_core.runs.definition import is_complete
from emotion_core.runs.folder import RUN_FILE, read_metrics, read_run
from emotion_core.runs.writer import claimed_folder
from emotion_core.system.overwriting import check_collection, check_output

ORIGINAL = "original"


@dataclass(frozen=True)
class Asked(Generic[OptionsT]):
    """What is to be made, and where.

    Attributes:
        names: of the techniques.
        output: the folder of the run folders.
        options: of the techniques, and of the gate; a variant that fails it is kept.
        resume: take variants that are complete, and are what is asked for, as they are.
        force: make all anew and replace run folders; with ``resume``, only those that are not what is asked for.
    """

    names: Sequence[str]
    output: Path
    options: OptionsT
    resume: bool = False
    force: bool = False


def compress(toolbox: Toolbox[SourceT, OptionsT], source: SourceT, asked: Asked[OptionsT]) -> list[Variant]:
    """Write a run folder for each technique into the output.

    A variant counts as written when a new process has loaded it and says on some texts what it said when it was saved.
    One that cannot be made or loaded is named, and the others go on.

    Args:
        toolbox: of the package.
        source: the run.
        asked: which techniques, and where to.

    Returns:
        The original first, then one a technique, in their order.

    Raises:
        RunError: a run folder is in the way, or holds a variant of another run or with other options, or another
            process is writing there.
        DataError: there is no validation split, or no train split where one is needed.
    """
    names, output, options = asked.names, asked.output, asked.options
    done = {
        name: read_result(output / name)
        for name in names
        if asked.resume
        and is_complete(output / name, definition_of(toolbox, source, options, name), replace=asked.force)
    }
    check_collection(output, [source.run_dir])
    for name in set(names) - set(done):
        check_output(output / name, force=asked.force, inputs=[source.run_dir])
    with claimed_folder(output):
        original, predicted = measure_original(toolbox, source)
        source = replace(source, macro_f1=original.metrics.macro_f1.value)
        work = Work(toolbox, source, options, predicted, asked.force)
        can_run = toolbox.verdicts(find_packages(toolbox.packages), source.record.members)
        variants = [Variant(ORIGINAL, PASSED, result=original)]
        for name in names:
            say(source, f"{name}: {'is complete already' if name in done else toolbox.techniques[name].title}")
            if name in done:
                variants.append(judged(name, done[name], options))
            elif can_run[name].runs:
                variants.append(work.variant(name, output / name))
            else:
                verdict = can_run[name]
                variants.append(Variant(name, SKIPPED, f"{verdict.reason}. To do: {verdict.fix}"))
    return variants


def read_result(folder: Path) -> Result:
    """The figures of a variant that was written before."""
    written = read_run(folder).compression
    if written is None or written.size_bytes is None or written.gzip_bytes is None or written.memory_bytes is None:
        raise RunError(f"{folder / RUN_FILE}: has no figures of a compression. Compress again with --force.")
    sizes = Sizes(written.size_bytes, written.gzip_bytes, written.memory_bytes, written.cores)
    return Result(read_metrics(folder), sizes, written.versus_original, written.details)
