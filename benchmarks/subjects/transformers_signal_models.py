"""Models of transformers for images, sound and series, and for several kinds of inputs."""

import torch
import transformers
from torch import Tensor, nn

from .subject import images, model, normal
from .transformers_nets import built

PACKAGE = "transformers"
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
LAYERS = {**SIZES, "intermediate_size": 64}
VISION = {**LAYERS, "image_size": 32, "patch_size": 8}
STAGES = {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 32]}
SWIN2SR = {"image_size": 16, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]}
WAVES = {**LAYERS, "conv_dim": (16, 16), "conv_kernel": (10, 3), "conv_stride": (5, 2)}
WAV2VEC2 = {**WAVES, "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
WHISPER = {
    "vocab_size": 50,
    "num_mel_bins": 8,
    "max_source_positions": 10,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}
PATCHES = {"d_model": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "ffn_dim": 32}
SERIES = {"num_input_channels": 3, "context_length": 32, "prediction_length": 8}
PERCEIVER = {"num_latents": 4, "d_latents": 16, "d_model": 8, "num_self_attends_per_block": 1}


def clip() -> nn.Module:
    text = {**LAYERS, "vocab_size": 50, "max_position_embeddings": 16, "eos_token_id": 3}
    config = transformers.CLIPConfig(text_config=text, vision_config=VISION, projection_dim=16)
    return transformers.CLIPModel(config)


def ids(length: int = 8) -> Tensor:
    return torch.randint(5, 50, (4, length))


def pictures_and_sentences() -> dict[str, Tensor]:
    """The same with the token for the end, which CLIP reads the sentence from."""
    inputs = pictures_and_words()
    inputs["input_ids"][:, -1] = 3
    return inputs


def pictures_and_words() -> dict[str, Tensor]:
    return {"input_ids": ids(), "pixel_values": torch.randn(4, 3, 32, 32)}


def sound_and_words() -> dict[str, Tensor]:
    return {"input_features": torch.randn(4, 8, 20), "decoder_input_ids": ids(6)}


def without_codes(self, net: nn.Module, waves: Tensor) -> Tensor:
    return net.decoder(net.encoder(waves))


def game() -> dict[str, Tensor]:
    """States, actions, returns and the time of each of five steps."""
    return {
        "states": torch.randn(4, 5, 6),
        "actions": torch.randn(4, 5, 2),
        "returns_to_go": torch.randn(4, 5, 1),
        "timesteps": torch.arange(5).repeat(4, 1),
    }


def probabilistic() -> dict[str, Tensor]:
    """Past and future values of a series, with one feature of time."""
    return {
        "past_values": torch.randn(4, 19).cumsum(1),
        "past_time_features": torch.randn(4, 19, 1),
        "past_observed_mask": torch.ones(4, 19),
        "future_values": torch.randn(4, 4),
        "future_time_features": torch.randn(4, 4, 1),
    }


FORECAST = {
    "prediction_length": 4,
    "context_length": 12,
    "num_time_features": 1,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
}
DECISION = {"state_dim": 6, "act_dim": 2, "hidden_size": 32, "n_layer": 2, "n_head": 2}


SUBJECTS = [
    model(
        "Dinov2Model",
        built("Dinov2Model", **VISION),
        images(32),
        frozen_parameters=("*mask_token",),
    ),
    model("YolosModel", built("YolosModel", **{**VISION, "image_size": [32, 32]}), images(32)),
    model("Swin2SRModel", built("Swin2SRModel", **SWIN2SR), images(16)),
    model("SegformerModel", built("SegformerModel", **STAGES), images(64)),
    model("ConvNextV2Model", built("ConvNextV2Model", **STAGES), images(32)),
    model("ResNetModel", built("ResNetModel", embedding_size=8, **STAGES), images(32)),
    model("Wav2Vec2Model", built("Wav2Vec2Model", **WAV2VEC2), normal(4, 400)),
    model("HubertModel", built("HubertModel", **WAV2VEC2), normal(4, 400)),
    model(
        "ASTModel", built("ASTModel", max_length=26, num_mel_bins=16, **LAYERS), normal(4, 26, 16)
    ),
    model(
        "WhisperModel",
        built("WhisperModel", **WHISPER),
        sound_and_words,
        frozen_parameters=("encoder.embed_positions.weight",),
    ),
    model(
        "EncodecModel",
        built("EncodecModel", num_filters=4, hidden_size=16),
        normal(2, 1, 640),
        call=without_codes,
        unused_modules=("quantizer",),
    ),
    model(
        "CLIPModel",
        clip,
        pictures_and_sentences,
        outputs_of=lambda self, result: [result.text_embeds, result.image_embeds],
        unused_modules=("logit_scale",),
    ),
    model("ViltModel", built("ViltModel", vocab_size=50, **VISION), pictures_and_words),
    model("PerceiverModel", built("PerceiverModel", **PERCEIVER), normal(4, 12, 8)),
    model(
        "PatchTSTModel",
        built("PatchTSTModel", **SERIES, **PATCHES),
        normal(4, 32, 3),
        frozen_parameters=("*position_enc",),
    ),
    model("PatchTSMixerModel", built("PatchTSMixerModel", **SERIES, d_model=16), normal(4, 32, 3)),
    model(
        "TimeSeriesTransformerModel",
        built("TimeSeriesTransformerModel", **FORECAST),
        probabilistic,
        frozen_parameters=("*.embed_positions.weight",),
    ),
    model(
        "AutoformerModel",
        built("AutoformerModel", **FORECAST),
        probabilistic,
        frozen_parameters=("*.embed_positions.weight",),
    ),
    model(
        "DecisionTransformerModel",
        built("DecisionTransformerModel", vocab_size=1, **DECISION),
        game,
        unused_modules=("encoder.wte",),
    ),
]
