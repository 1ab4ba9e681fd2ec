"""Two-layer checkpoints of the true architectures with the true kinds of tokenizer, trained on the bundled sample."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers import ByteLevelBPETokenizer, Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForMaskedLM,
    ModernBertConfig,
    PretrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    set_seed,
)

from emotion_bert.models.checkpoints import Checkpoint
from emotion_core.data.load import load_dataset

SIZES = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
VOCABULARY_SIZE = 600


def sample_texts() -> Iterator[str]:
    """The training texts of the sample."""
    yield from load_dataset("sample").splits["train"].texts


def bertweet(folder: Path) -> None:
    """RoBERTa with 130 positions and BERTweet's word-level BPE files: vocab.txt and bpe.codes, both with counts."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    bpe.train_from_iterator(
        sample_texts(), trainers.BpeTrainer(vocab_size=VOCABULARY_SIZE, end_of_word_suffix="</w>", show_progress=False)
    )
    learned = json.loads(bpe.to_str())["model"]
    tokens: dict[str, None] = {}
    for token in learned["vocab"]:
        whole, ends_word = token.removesuffix("</w>"), token.endswith("</w>")
        tokens[whole if ends_word else f"{token}@@"] = None
    counted = len(tokens)
    lines = [f"{token} {counted - rank}" for rank, token in enumerate(tokens)]
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    merges = [f"{' '.join(pair)} {counted - rank}" for rank, pair in enumerate(learned["merges"])]
    (folder / "bpe.codes").write_text("\n".join(merges) + "\n", encoding="utf-8")
    config = RobertaConfig(
        vocab_size=counted + 5,
        max_position_embeddings=130,
        type_vocab_size=1,
        tokenizer_class="BertweetTokenizer",
        **SIZES,
    )
    _save_model(config, folder)


def cardiffroberta(folder: Path) -> None:
    """RoBERTa with 514 positions and byte-level BPE in vocab.json and merges.txt."""
    bpe = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bpe.train_from_iterator(sample_texts(), vocab_size=VOCABULARY_SIZE, special_tokens=special, show_progress=False)
    bpe.save_model(str(folder))
    config = RobertaConfig(vocab_size=bpe.get_vocab_size(), max_position_embeddings=514, type_vocab_size=1, **SIZES)
    _save_model(config, folder)


def modernbert(folder: Path) -> None:
    """ModernBERT with a tokenizer.json of byte-level BPE and BERT's special tokens."""
    special = {
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "mask_token": "[MASK]",
        "unk_token": "[UNK]",
    }
    bpe = Tokenizer(models.BPE(unk_token="[UNK]"))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.train_from_iterator(
        sample_texts(),
        trainers.BpeTrainer(vocab_size=VOCABULARY_SIZE, special_tokens=list(special.values()), show_progress=False),
    )
    ids = {name: bpe.token_to_id(token) for name, token in special.items()}
    bpe.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["cls_token"]), ("[SEP]", ids["sep_token"])]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, model_max_length=8192, model_input_names=["input_ids", "attention_mask"], **special
    )
    tokenizer.save_pretrained(folder)
    config = ModernBertConfig(
        vocab_size=len(tokenizer),
        pad_token_id=ids["pad_token"],
        cls_token_id=ids["cls_token"],
        sep_token_id=ids["sep_token"],
        bos_token_id=ids["cls_token"],
        eos_token_id=ids["sep_token"],
        **SIZES,
    )
    _save_model(config, folder)


def _save_model(config: PretrainedConfig, folder: Path) -> None:
    set_seed(0)
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "bertweet": bertweet,
    "cardiffroberta": cardiffroberta,
    "modernbert": modernbert,
}
"""Functions that write a checkpoint like the one of each named model into an empty folder."""


def save_old_checkpoint(path: Path, weights: Any, checkpoint: Checkpoint, **more: Any) -> Path:
    """A checkpoint file in the form of the old studies."""
    content = {
        "model_state_dict": weights,
        "model_id": checkpoint.location,
        "model_name": "MyModel",
        "config": {"learning_rate": 2e-5, "max_length": 48, "seed": 13},
        "compression_type": None,
    }
    torch.save(content | more, path)
    return path
