"""Two-layer checkpoints of the architectures that a user is likely to name, each with the kind of tokenizer it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CONFIG_MAPPING, AutoModel, PretrainedConfig, PreTrainedTokenizerFast, set_seed

POSITIONS = 64
WIDTH = 16
VOCABULARY_SIZE = 400

SIZES: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "embedding_size", "word_embed_proj_dim"), WIDTH),
    **dict.fromkeys(("intermediate_size", "d_ff", "ffn_dim", "encoder_ffn_dim", "decoder_ffn_dim", "hidden_dim"), 32),
    **dict.fromkeys(("d_inner", "n_inner", "intermediate_dim"), 32),
    **dict.fromkeys(("num_hidden_layers", "num_layers", "n_layers", "n_layer", "encoder_layers", "decoder_layers"), 2),
    **dict.fromkeys(("num_attention_heads", "n_heads", "n_head", "num_heads"), 2),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads", "num_key_value_heads"), 2),
    **dict.fromkeys(("head_dim", "d_kv", "d_head", "rotary_dim"), 8),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), POSITIONS),
}
"""By the names that the configurations have for them; of each, those that it knows are taken."""

BERT = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
ROBERTA = {
    "cls_token": "<s>",
    "pad_token": "<pad>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
    "bos_token": "<s>",
    "eos_token": "</s>",
}
T5 = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
GPT = {"eos_token": "<|endoftext|>"}


@dataclass(frozen=True)
class Architecture:
    """A kind of model and its tokenizer.

    Attributes:
        tokens: the special tokens, by their role, in the order of their ids.
        template: what stands round a text, ``$A``.
        settings: of the configuration, besides `SIZES`.
        side: where its tokenizer pads of itself.
    """

    tokens: dict[str, str]
    template: str = "$A"
    settings: dict[str, Any] = field(default_factory=dict)
    side: str = "right"


AS_BERT = Architecture(BERT, "[CLS] $A [SEP]")
AS_ROBERTA = Architecture(ROBERTA, "<s> $A </s>")
AS_T5 = Architecture(T5, "$A </s>", {"decoder_start_token_id": 0})
AS_GPT = Architecture(GPT)
AS_LLAMA = Architecture(GPT, side="left")

ARCHITECTURES = {
    **dict.fromkeys(("albert", "bert", "convbert", "deberta", "deberta-v2", "distilbert", "electra", "ernie"), AS_BERT),
    **dict.fromkeys(("megatron-bert", "rembert", "roformer", "squeezebert", "big_bird"), AS_BERT),
    **({"nomic_bert": AS_BERT} if "nomic_bert" in CONFIG_MAPPING else {}),  # older versions lack it
    "mpnet": AS_ROBERTA,
    "modernbert": AS_BERT,
    **dict.fromkeys(("camembert", "data2vec-text", "roberta", "roberta-prelayernorm"), AS_ROBERTA),
    **dict.fromkeys(("xlm-roberta", "xlm-roberta-xl", "eurobert"), AS_ROBERTA),
    "longformer": Architecture(ROBERTA, "<s> $A </s>", {"attention_window": 4}),
    **dict.fromkeys(("bart", "mbart"), AS_ROBERTA),
    **dict.fromkeys(("mt5", "t5"), AS_T5),
    "xlnet": Architecture(BERT, "$A [SEP] [CLS]", side="left"),
    **dict.fromkeys(("bloom", "gpt2", "gpt_neox", "opt", "falcon"), AS_GPT),
    **dict.fromkeys(("gemma", "llama", "mistral", "phi", "qwen2", "qwen3"), AS_LLAMA),
}
"""By the ``model_type``."""


def make_checkpoint(name: str, folder: Path, texts: Iterable[str], *, side: str | None = None) -> None:
    """Write a two-layer checkpoint of an architecture with random weights; ``side`` is where its tokenizer pads."""
    architecture = ARCHITECTURES[name]
    tokenizer = make_tokenizer(architecture, texts, side or architecture.side)
    tokenizer.save_pretrained(folder)
    set_seed(0)
    AutoModel.from_config(make_config(name, tokenizer)).save_pretrained(folder)


def make_config(name: str, tokenizer: PreTrainedTokenizerFast) -> PretrainedConfig:
    """The smallest configuration of an architecture."""
    kind = CONFIG_MAPPING[name]
    names = {*vars(kind()), *getattr(kind, "attribute_map", {})} - {"pad_token_id", "bos_token_id", "eos_token_id"}
    aliases = getattr(kind, "attribute_map", {})
    sizes = {key: value for key, value in SIZES.items() if key in names and aliases.get(key) not in SIZES}
    ids = {key: getattr(tokenizer, key) for key in ("pad_token_id", "bos_token_id", "eos_token_id")}
    return kind(vocab_size=len(tokenizer), **sizes, **ids, **ARCHITECTURES[name].settings)


def make_tokenizer(architecture: Architecture, texts: Iterable[str], side: str) -> PreTrainedTokenizerFast:
    """WordPiece in lower case for the kin of BERT, byte-level BPE with case for the others."""
    tokens = list(dict.fromkeys(architecture.tokens.values()))
    options = {"vocab_size": VOCABULARY_SIZE, "special_tokens": tokens, "show_progress": False}
    if architecture.tokens is BERT:
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
        trainer: trainers.Trainer = trainers.WordPieceTrainer(**options)
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options)
    tokenizer.train_from_iterator(texts, trainer)
    if architecture.template != "$A":
        ids = [(token, tokenizer.token_to_id(token)) for token in tokens]
        tokenizer.post_processor = processors.TemplateProcessing(single=architecture.template, special_tokens=ids)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, padding_side=side, **architecture.tokens)
