"""Denoising networks of diffusers."""

import diffusers
import torch
from torch import Tensor, nn

from .subject import images, model, skipped

PACKAGE = "diffusers"
UNET = {"block_out_channels": (8, 16), "norm_num_groups": 4, "sample_size": 16}


def noisy(*shape: int):
    """A noisy sample for each of two moments."""
    return lambda: {"sample": torch.randn(2, *shape), "timestep": torch.tensor([3, 500])}


def noisy_with_text(*shape: int):
    return lambda: {**noisy(*shape)(), "encoder_hidden_states": torch.randn(2, 5, 16)}


def unet() -> nn.Module:
    blocks = {
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    }
    return diffusers.UNet2DModel(attention_head_dim=4, layers_per_block=1, **blocks, **UNET)


def conditional_unet() -> nn.Module:
    blocks = {
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    }
    sizes = {"cross_attention_dim": 16, "attention_head_dim": 2, "layers_per_block": 1}
    return diffusers.UNet2DConditionModel(**sizes, **blocks, **UNET)


def dit() -> nn.Module:
    sizes = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 2}
    return diffusers.DiTTransformer2DModel(in_channels=4, sample_size=8, norm_num_groups=4, **sizes)


def labelled() -> dict[str, Tensor]:
    moments = {"timestep": torch.tensor([3, 500]), "class_labels": torch.tensor([1, 7])}
    return {"hidden_states": torch.randn(2, 4, 8, 8), **moments}


def pixart() -> nn.Module:
    sizes = {"num_attention_heads": 2, "attention_head_dim": 8, "cross_attention_dim": 16}
    return diffusers.PixArtTransformer2DModel(
        num_layers=2, in_channels=4, sample_size=8, caption_channels=16, **sizes
    )


def captioned() -> dict[str, Tensor]:
    moments = {"timestep": torch.tensor([3, 500]), "encoder_hidden_states": torch.randn(2, 5, 16)}
    return {"hidden_states": torch.randn(2, 4, 8, 8), **moments}


def sd3() -> nn.Module:
    sizes = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 2, "in_channels": 4}
    return diffusers.SD3Transformer2DModel(
        sample_size=8,
        joint_attention_dim=16,
        caption_projection_dim=16,
        pooled_projection_dim=16,
        out_channels=4,
        pos_embed_max_size=8,
        **sizes,
    )


def captioned_twice() -> dict[str, Tensor]:
    return {**captioned(), "pooled_projections": torch.randn(2, 16)}


def controlnet() -> nn.Module:
    blocks = {"down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D")}
    sizes = {"cross_attention_dim": 16, "attention_head_dim": 2, "layers_per_block": 1}
    return diffusers.ControlNetModel(
        conditioning_embedding_out_channels=(8, 16),
        block_out_channels=(8, 16),
        norm_num_groups=4,
        **blocks,
        **sizes,
    )


def controlled() -> dict[str, Tensor]:
    return {**noisy_with_text(4, 16, 16)(), "controlnet_cond": torch.randn(2, 3, 32, 32)}


def prior() -> nn.Module:
    sizes = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 2}
    return diffusers.PriorTransformer(
        embedding_dim=16, num_embeddings=5, additional_embeddings=4, **sizes
    )


def embedded() -> dict[str, Tensor]:
    texts = {"encoder_hidden_states": torch.randn(2, 5, 16), "proj_embedding": torch.randn(2, 16)}
    return {"hidden_states": torch.randn(2, 16), "timestep": torch.tensor([3, 500]), **texts}


def vq() -> nn.Module:
    return diffusers.VQModel(
        block_out_channels=(8,), norm_num_groups=4, num_vq_embeddings=16, latent_channels=3
    )


def tiny() -> nn.Module:
    channels = {"encoder_block_out_channels": (8, 8), "decoder_block_out_channels": (8, 8)}
    blocks = {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1)}
    return diffusers.AutoencoderTiny(**channels, **blocks)


SUBJECTS = [
    model("UNet2DModel", unet, noisy(3, 16, 16)),
    model("UNet2DConditionModel", conditional_unet, noisy_with_text(4, 16, 16)),
    model("DiTTransformer2DModel", dit, labelled),
    model("PixArtTransformer2DModel", pixart, captioned),
    model("SD3Transformer2DModel", sd3, captioned_twice),
    model("ControlNetModel", controlnet, controlled),
    model("PriorTransformer", prior, embedded, frozen_parameters=("clip_*",)),
    model(
        "T2IAdapter",
        lambda: diffusers.T2IAdapter(channels=[8, 16], num_res_blocks=1, downscale_factor=4),
        images(32),
    ),
    model(
        "VQModel",
        vq,
        images(16),
        test_gradients_equal_numerical_ones=skipped(
            "The quantisation passes its gradient straight through."
        ),
    ),
    model("AutoencoderTiny", tiny, images(16)),
]
