"""Cut the vocabulary of a tokenizer down, so that what it reads in whole tokens stays so and all else still tokenizes.

WordPiece takes the longest token that fits, so a text whose tokens are all kept is read as before. Byte-pair encoding
joins two tokens at a time in a fixed order, so a text is read as before if every token on the way to its own is kept,
too: all joins that were made are still there, and none that comes first is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from emotion_core.errors import ModelError

KINDS = ("WordPiece", "BPE")

Described = dict[str, Any]
"""A ``tokenizer.json``."""


def token_ids(described: Described) -> dict[str, int]:
    """All tokens of a tokenizer with their ids, those that were added to it included."""
    vocabulary: dict[str, int] = described["model"]["vocab"]
    return vocabulary | {added["content"]: added["id"] for added in described["added_tokens"]}


def needed_tokens(described: Described, used: Collection[int], place: str) -> list[int]:
    """The ids that must stay, sorted: those that are used, what these are made from, added ones and single characters.

    Args:
        described: the tokenizer.
        used: the ids of texts that are to be read as before.
        place: what it was loaded from, for the message.

    Raises:
        ModelError: it is of another kind.
    """
    model = described["model"]
    if model["type"] not in KINDS:
        raise ModelError(
            f"{place}: its tokenizer is of the kind {model['type']}, and the vocabulary can be cut of "
            f"{' and '.join(KINDS)} only."
        )
    tokens = token_ids(described)
    names = {index: token for token, index in tokens.items()}
    kept = {names[index] for index in used if index in names}
    kept |= {added["content"] for added in described["added_tokens"]}
    kept |= {token for token in model["vocab"] if _is_single(token, model)}
    if model.get("unk_token"):
        kept.add(model["unk_token"])
    if model["type"] == "BPE":
        kept = _with_parts(kept, _merges(model), model)
    return sorted(tokens[token] for token in kept if token in tokens)


def cut_tokenizer(described: Described, kept: list[int]) -> Described:
    """The tokenizer with some of its tokens alone, whose new ids are their places among them.

    Args:
        described: the tokenizer; not changed.
        kept: ids, sorted, as `needed_tokens` gives them.
    """
    new = {old: place for place, old in enumerate(kept)}
    model = dict(described["model"])
    model["vocab"] = {token: new[index] for token, index in model["vocab"].items() if index in new}
    if model["type"] == "BPE":
        model["merges"] = [
            merge
            for merge, pair in zip(model["merges"], _merges(model), strict=True)
            if {*pair, _joined(pair, model)} <= model["vocab"].keys()
        ]
    added = [entry | {"id": new[entry["id"]]} for entry in described["added_tokens"]]
    changed = {"added_tokens": added, "model": model}
    for part in ("post_processor", "padding"):
        changed[part] = _renumbered(described.get(part), new)
    return described | changed


def _is_single(token: str, model: Mapping[str, Any]) -> bool:
    """Whether a token is one character, perhaps within or at the end of a word, or one byte."""
    bare = token.removeprefix(model.get("continuing_subword_prefix") or "")
    bare = bare.removesuffix(model.get("end_of_word_suffix") or "")
    return len(bare) == 1 or (token.startswith("<0x") and token.endswith(">"))


def _merges(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs that are joined; older files have each as one text."""
    return [tuple(merge.split(" ", 1) if isinstance(merge, str) else merge) for merge in model["merges"]]


def _joined(pair: tuple[str, str], model: Mapping[str, Any]) -> str:
    return pair[0] + pair[1].removeprefix(model.get("continuing_subword_prefix") or "")


def _with_parts(kept: Iterable[str], merges: list[tuple[str, str]], model: Mapping[str, Any]) -> set[str]:
    """Some tokens with all that they can be joined from."""
    parts: dict[str, set[str]] = {}
    for pair in merges:
        parts.setdefault(_joined(pair, model), set()).update(pair)
    found, waiting = set(), list(kept)
    while waiting:
        token = waiting.pop()
        if token not in found:
            found.add(token)
            waiting += parts.get(token, ())
    return found


def _renumbered(part: Any, new: Mapping[int, int]) -> Any:
    """A part of a ``tokenizer.json`` with the new ids in the places where such a file has ids."""
    if isinstance(part, list):
        return [_renumbered(entry, new) for entry in part]
    if not isinstance(part, dict):
        return part
    changed = {name: _renumbered(value, new) for name, value in part.items()}
    if "ids" in part:
        changed["ids"] = [new[index] for index in part["ids"]]
    if "pad_id" in part and part["pad_id"] in new:
        changed["pad_id"] = new[part["pad_id"]]
    for name in ("sep", "cls"):
        if isinstance(part.get(name), list):
            token, index = part[name]
            changed[name] = [token, new[index]]
    return changed
