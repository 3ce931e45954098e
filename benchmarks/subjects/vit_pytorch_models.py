"""Vision transformers of vit-pytorch."""

import importlib
from collections.abc import Callable

from torch import nn

from .subject import Subject, images, model, normal

PACKAGE = "vit-pytorch"
SIZES = {"num_classes": 5, "dim": 32, "depth": 2, "heads": 2, "mlp_dim": 64}
IMAGE = {"image_size": 32, "patch_size": 8, **SIZES}


def built(module: str, name: str, **settings: object) -> Callable[[], nn.Module]:
    """Builds a transformer of that name from a module of the package."""
    return lambda: getattr(importlib.import_module(f"vit_pytorch.{module}"), name)(**settings)


def classifier(module: str, name: str, **settings: object) -> Subject:
    """The same for images of the usual size here."""
    return model(name, built(module, name, **settings), images(32))


CROSS = {
    "sm_dim": 16,
    "lg_dim": 32,
    "sm_patch_size": 4,
    "lg_patch_size": 8,
    "lg_enc_depth": 1,
    "cross_attn_depth": 1,
    "depth": 1,
    **{
        f"{size}_enc_{name}": value
        for size in ("sm", "lg")
        for name, value in (("heads", 2), ("mlp_dim", 32), ("dim_head", 8))
    },
    "cross_attn_heads": 2,
    "cross_attn_dim_head": 8,
}
CVT = {
    f"s{stage}_{name}": value
    for stage in (1, 2, 3)
    for name, value in (("emb_dim", 16), ("heads", 2), ("depth", 1), ("mlp_mult", 2))
}
TWINS = {
    f"s{stage}_{name}": 2 for stage in (1, 2, 3, 4) for name in ("local_patch_size", "global_k")
}
TWINS.update({"s4_global_k": 1, **{f"s{stage}_emb_dim": 16 for stage in (1, 2, 3, 4)}})
WINDOWS = {"local_window_size": 2, "global_window_size": (8, 4, 2, 2)}
REGION = {"dim": (32, 32, 32, 64), "depth": (1, 1, 1, 1)}
LEVIT = {
    "image_size": 64,
    "num_classes": 5,
    "dim": (16, 32, 32),
    "depth": 1,
    "heads": 2,
    "mlp_mult": 2,
}
NEST = {
    "image_size": 32,
    "patch_size": 4,
    "dim": 16,
    "heads": 2,
    "num_hierarchies": 3,
    "block_repeats": 1,
}
SCALABLE = {
    "dim": 16,
    "depth": (1, 1, 1, 1),
    "heads": (1, 2, 2, 2),
    "reduction_factor": (4, 2, 2, 1),
    "window_size": (4, 4, None, None),
}
VIDEO = {"image_size": 16, "image_patch_size": 8, "frames": 4, "frame_patch_size": 2, **SIZES}
T2T = {"image_size": 32, "t2t_layers": ((7, 4), (3, 2)), **SIZES}
COMPACT = {
    "img_size": 32,
    "embedding_dim": 32,
    "num_layers": 2,
    "num_heads": 2,
    "mlp_ratio": 2,
    "num_classes": 5,
}

SUBJECTS = [
    classifier("simple_vit", "SimpleViT", **IMAGE),
    classifier("deepvit", "DeepViT", **IMAGE),
    classifier("rvt", "RvT", **IMAGE),
    classifier("normalized_vit", "nViT", **IMAGE),
    classifier("jumbo_vit", "JumboViT", jumbo_cls_k=2, dim_head=16, **IMAGE),
    model(
        "CCT",
        built("cct", "CCT", **COMPACT),
        images(32),
        frozen_parameters=("classifier.positional_emb",),
    ),
    model("CvT", built("cvt", "CvT", num_classes=5, **CVT), images(64)),
    classifier("cross_vit", "CrossViT", image_size=32, num_classes=5, **CROSS),
    model(
        "CrossFormer",
        built("crossformer", "CrossFormer", num_classes=5, **WINDOWS, **REGION),
        images(64),
    ),
    classifier("nest", "NesT", num_classes=5, **NEST),
    classifier("t2t", "T2TViT", **T2T),
    model(
        "TwinsSVT",
        built("twins_svt", "TwinsSVT", num_classes=5, s3_depth=1, s4_depth=1, **TWINS),
        images(64),
    ),
    model(
        "ScalableViT", built("scalable_vit", "ScalableViT", num_classes=5, **SCALABLE), images(64)
    ),
    model("LeViT", built("levit", "LeViT", **LEVIT), images(64)),
    model(
        "MobileViT",
        built(
            "mobile_vit",
            "MobileViT",
            image_size=(128, 128),
            dims=[16, 16, 16],
            channels=[8, 8, 16, 16, 16, 16, 16, 16, 16, 16, 32],
            num_classes=5,
        ),
        images(128),
    ),
    model(
        "RegionViT",
        built("regionvit", "RegionViT", num_classes=5, window_size=2, **REGION),
        images(64),
    ),
    model("ViT3D", built("vit_3d", "ViT", **VIDEO), normal(4, 3, 4, 16, 16)),
]
