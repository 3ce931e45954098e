"""Language models of transformers."""

from collections.abc import Callable

import torch
from torch import Tensor

from .subject import Subject, model
from .transformers_nets import built

PACKAGE = "transformers"
VOCABULARY = 50
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "intermediate_size": 64,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}


def sentences(name: str = "input_ids", length: int = 8) -> Callable[[], dict[str, Tensor]]:
    """Draws token ids, without those that often have a meaning of their own."""
    return lambda: {name: torch.randint(5, VOCABULARY, (4, length))}


def language(name: str, declared: dict[str, object] | None = None, **settings: object) -> Subject:
    """A model of sentences, with the usual names of its sizes."""
    return model(name, built(name, **{**SIZES, **settings}), sentences(), **declared or {})


def pairs() -> dict[str, Tensor]:
    """Sentences, and what they are translated into."""
    return {**sentences()(), **sentences("decoder_input_ids", 6)()}


def labelled() -> dict[str, Tensor]:
    """Sentences and labels, for a model that returns its own loss."""
    return {**sentences()(), **sentences("labels", 6)()}


def two_parts() -> dict[str, Tensor]:
    """Sentences, and which of two parts each word belongs to."""
    parts = torch.arange(8).expand(4, 8) // 4
    return {**sentences()(), "token_type_ids": parts.clone()}


CAUSAL = {"causal_axis": 1}
FLOAT32 = {"float32_inside": True}
GPT2 = {"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 32}
BLOOM = {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 2, "n_head": 2}
OPT = {**SIZES, "ffn_dim": 64, "word_embed_proj_dim": 32}
T5 = {"vocab_size": VOCABULARY, "d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2}
BART = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}
XLNET = {"vocab_size": VOCABULARY, "d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64}
FUNNEL = {
    "vocab_size": VOCABULARY,
    "block_sizes": [1, 1],
    "d_model": 32,
    "n_head": 2,
    "d_head": 16,
    "d_inner": 64,
}

SUBJECTS = [
    language("BertModel"),
    language("BertForSequenceClassification", num_labels=3),
    language("AlbertModel", embedding_size=16),
    language("DebertaV2Model", relative_attention=True, pos_att_type=["c2p", "p2c"]),
    language("FNetModel", use_tpu_fourier_optimizations=False),
    language("NystromformerModel", num_landmarks=4, segment_means_seq_len=8),
    language("EsmModel", {"unused_modules": ("contact_head*",)}, mask_token_id=1),
    language("MobileBertModel", embedding_size=16, intra_bottleneck_size=16, true_hidden_size=16),
    model("FunnelModel", built("FunnelModel", **FUNNEL), sentences()),
    model(
        "XLNetModel",
        built("XLNetModel", use_mems_eval=False, **XLNET),
        two_parts,
        unused_modules=("mask_emb",),
    ),
    language("LlamaForCausalLM", CAUSAL),
    language("Gemma2ForCausalLM", CAUSAL, head_dim=16),
    language("MixtralForCausalLM", CAUSAL, num_local_experts=2),
    language("MambaForCausalLM", {**CAUSAL, **FLOAT32}, state_size=4),
    language("RwkvModel", {**CAUSAL, **FLOAT32}, attention_hidden_size=32),
    model("GPT2LMHeadModel", built("GPT2LMHeadModel", **GPT2), sentences(), **CAUSAL),
    model("BloomForCausalLM", built("BloomForCausalLM", **BLOOM), sentences(), **CAUSAL),
    model("OPTForCausalLM", built("OPTForCausalLM", **OPT), sentences(), **CAUSAL),
    model("T5Model", built("T5Model", num_heads=2, **T5), pairs),
    model(
        "T5ForConditionalGeneration",
        built("T5ForConditionalGeneration", decoder_start_token_id=0, num_heads=2, **T5),
        labelled,
    ),
    model("BartModel", built("BartModel", **BART), pairs),
]
