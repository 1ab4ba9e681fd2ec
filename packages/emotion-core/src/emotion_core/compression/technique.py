"""What a compression technique is. A package states its own, and with them how its runs are read and loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from emotion_core.compression.requirements import Package, Requirement, Verdict, verdict
from emotion_core.runs.layouts import ONNX, Layout

if TYPE_CHECKING:  # the choices of the command line do not wait for NumPy
    from emotion_core.classifier import Classifier
    from emotion_core.compression.options import GateOptions
    from emotion_core.compression.source import Source
    from emotion_core.data.dataset import Dataset
    from emotion_core.runs.record import RunRecord
    from emotion_core.runs.record_parts import Settings

ALL = "all"
"""Every technique but those that are made on request alone."""

SourceT = TypeVar("SourceT", bound="Source")
OptionsT = TypeVar("OptionsT", bound="GateOptions")


def nothing_told(details: Settings) -> Sequence[str]:
    """Of a technique whose details need no words."""
    return ()


@dataclass(frozen=True)
class Technique(Generic[SourceT, OptionsT]):
    """A way to make a model smaller or faster.

    Attributes:
        title: in a few words.
        save: writes the compressed model of a run into a folder, where what `Source.prepare` copies lies already; what
            it returns is recorded.
        layout: of the model folder that it writes.
        needs: packages besides those of every training.
        remark: what a user must know of it, for the report.
        told: what a user must know of the recorded details, one sentence each.
        on_request: it is made only when it is named, since it trains for long or removes what only a user can judge.
        reads_train: what it makes depends on the train split, whatever the options are.
    """

    title: str
    save: Callable[[SourceT, Path, OptionsT], Settings]
    layout: Layout
    needs: tuple[Requirement, ...] = ()
    remark: str = ""
    told: Callable[[Settings], Sequence[str]] = nothing_told
    on_request: bool = False
    reads_train: bool = False

    def save_all(self, source: SourceT, folder: Path, options: OptionsT) -> Settings:
        """Write the compressed model, or each member of an ensemble; gives the details, of an ensemble by members."""
        made: dict[str, Settings] = {}
        for one in source.models():
            target = folder / one.member
            target.mkdir(exist_ok=True)
            one.prepare(target)
            with one.silence():
                made[one.member] = self.save(one, target, options)
        return made if source.record.members is not None else made[""]


@dataclass(frozen=True)
class Toolbox(Generic[SourceT, OptionsT]):
    """What a package compresses its runs with.

    Attributes:
        package: its name.
        techniques: by name.
        packages: that the techniques may need; True for those whose native code may fail to load.
        read: the run in a folder, told the dataset, the device, and whether to show no progress.
        load: the model in a folder, told the record of its run and the device; a function of a module, since a new
            process calls it.
        set_up: prepares that process, and is such a function, too.
    """

    package: str
    techniques: Mapping[str, Technique[SourceT, OptionsT]]
    packages: Mapping[str, bool]
    read: Callable[[Path, Dataset, str, bool], SourceT]
    load: Callable[[Path, RunRecord, str], Classifier]
    set_up: Callable[[], None]

    @property
    def usual(self) -> list[str]:
        """The techniques that ``all`` stands for."""
        return [name for name, technique in self.techniques.items() if not technique.on_request]

    def verdicts(self, found: Mapping[str, Package], members: Sequence[str] | None = None) -> dict[str, Verdict]:
        """For each technique whether it runs with these packages, and on an ensemble of these members if there are."""
        verdicts = {name: verdict(technique.needs, found) for name, technique in self.techniques.items()}
        if members is not None:
            one = Verdict(False, "an ensemble can only become ONNX graphs", f"compress a member: {', '.join(members)}")
            verdicts |= {name: one for name, each in self.techniques.items() if each.layout.name != ONNX.name}
        return verdicts
