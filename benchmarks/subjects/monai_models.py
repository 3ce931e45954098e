"""Networks of MONAI for medical images, in two or three dimensions."""

from collections.abc import Callable

import torch
from monai.networks import nets
from torch import Tensor, nn

from .subject import Subject, images, model, normal, skipped, tokens

PACKAGE = "monai"
TWO_DIMENSIONS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}
THREE_STAGES = {"channels": (8, 16, 32), "strides": (2, 2)}
TRANSFORMER = {"hidden_size": 32, "mlp_dim": 64, "num_heads": 2}


def plane(name: str, size: int, **settings: object) -> Subject:
    """A network of that name for grey images of a size."""
    return model(
        name, lambda: getattr(nets, name)(**{**TWO_DIMENSIONS, **settings}), images(size, 1)
    )


def built(name: str, *arguments: object, **settings: object) -> Callable[[], nn.Module]:
    return lambda: getattr(nets, name)(*arguments, **settings)


def swin_unetr() -> nn.Module:
    sizes = {"depths": (1, 1, 1, 1), "num_heads": (1, 2, 2, 2), "window_size": 2}
    return nets.SwinUNETR(1, 2, feature_size=12, spatial_dims=2, **sizes)


def dyn_unet() -> nn.Module:
    kernels = {"kernel_size": [3, 3, 3], "strides": [1, 2, 2], "upsample_kernel_size": [2, 2]}
    return nets.DynUNet(2, 1, 2, filters=[8, 16, 16], res_block=True, **kernels)


def high_res_net() -> nn.Module:
    layers = [
        {"name": "conv_0", "n_features": 8, "kernel_size": 3},
        {"name": "res_1", "n_features": 8, "kernels": (3, 3), "repeat": 1},
        {"name": "res_2", "n_features": 16, "kernels": (3, 3), "repeat": 1},
        {"name": "conv_1", "n_features": 16, "kernel_size": 1},
        {"name": "conv_2", "kernel_size": 1},
    ]
    return nets.HighResNet(2, 1, 2, layer_params=layers)


def bags_of_patches() -> nn.Module:
    backbone = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    return nets.MILModel(3, "att", pretrained=False, backbone=backbone, backbone_num_features=8)


def diffusion_unet() -> nn.Module:
    sizes = {"num_res_blocks": 1, "channels": (8, 16), "norm_num_groups": 4}
    return nets.DiffusionModelUNet(
        2, 1, 1, attention_levels=(False, True), num_head_channels=8, **sizes
    )


def voxel_morph() -> nn.Module:
    channels = {"channels": (8, 8, 8, 8, 8, 8), "final_conv_channels": (8,)}
    return nets.VoxelMorph(nets.VoxelMorphUNet(2, 2, 8, **channels), 3, spatial_dims=2)


def two_images() -> tuple[Tensor, Tensor]:
    return images(32, 1)(), images(32, 1)()


def noisy() -> dict[str, Tensor]:
    return {"x": torch.randn(2, 1, 16, 16), "timesteps": torch.tensor([3, 500])}


def masked_autoencoder() -> nn.Module:
    decoder = {"decoder_hidden_size": 16, "decoder_num_layers": 1, "decoder_num_heads": 2}
    sizes = {"num_layers": 2, "decoder_mlp_dim": 32, "spatial_dims": 2}
    return nets.MaskedAutoEncoderViT(1, 16, 4, **TRANSFORMER, **decoder, **sizes)


SUBJECTS = [
    plane("UNet", 32, num_res_units=1, **THREE_STAGES),
    plane("AttentionUnet", 32, **THREE_STAGES),
    model(
        "BasicUNetPlusPlus",
        built("BasicUNetPlusPlus", 2, 1, 2, (8, 8, 8, 16, 16, 8)),
        images(32, 1),
        unused_modules=("final_conv_0_[123]",),
    ),
    plane("SegResNet", 32, blocks_down=(1, 1), blocks_up=(1,)),
    plane(
        "MedNeXt",
        32,
        init_filters=8,
        kernel_size=3,
        blocks_down=(1, 1),
        blocks_up=(1, 1),
        blocks_bottleneck=1,
    ),
    plane("AutoEncoder", 16, channels=(8, 16), strides=(2, 2)),
    plane("PatchDiscriminator", 32, channels=8, num_layers_d=2, out_channels=1),
    plane("LocalNet", 16, num_channel_initial=8, extract_levels=(0, 1)),
    model(
        "UNETR",
        built("UNETR", 1, 2, 32, feature_size=4, spatial_dims=2, **TRANSFORMER),
        images(32, 1),
    ),
    model("SwinUNETR", swin_unetr, images(64, 1)),
    model("DynUNet", dyn_unet, images(32, 1), shared_modules=("skip_layers*",)),
    model("VNet", built("VNet", 2, 1, 2, dropout_dim=2), images(16, 1)),
    model("HighResNet", high_res_net, images(16, 1)),
    model("Quicknat", built("Quicknat", 2, num_filters=8, kernel_size=3), images(32, 1)),
    model("MILModel", bags_of_patches, normal(4, 5, 3, 17, 17)),
    model(
        "MaskedAutoEncoderViT",
        masked_autoencoder,
        images(16, 1),
        frozen_parameters=("*pos*_embedding*",),
        test_eval_mode_is_deterministic=skipped("Patches are hidden at random in eval mode, too."),
    ),
    model("DiffusionModelUNet", diffusion_unet, noisy),
    model("VoxelMorph", voxel_morph, two_images),
    model(
        "DecoderOnlyTransformer",
        built("DecoderOnlyTransformer", 30, 8, 32, 2, 2),
        tokens(30, 4, 8),
        causal_axis=1,
    ),
    model("GlobalNet", built("GlobalNet", [16, 16], 2, 1, 8, 2), images(16, 1)),
    model("Regressor", built("Regressor", (1, 16, 16), (3,), **THREE_STAGES), images(16, 1)),
    model("Generator", built("Generator", (8,), (8, 4, 4), (8, 8, 1), (2, 2, 1)), normal(4, 8)),
]
