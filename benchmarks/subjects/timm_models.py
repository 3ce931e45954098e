"""Architectures of timm, by the name under which it creates them."""

import timm
from timm.models import coat, focalnet, volo
from torch import nn

from .subject import Subject, images, model

PACKAGE = "timm"
DEPTHS = (1, 1, 1, 1)


def named(name: str, size: int, channels: int = 3, **settings: object) -> Subject:
    """A classifier for images of a size, made smaller by the settings."""

    def net():
        return timm.create_model(name, num_classes=10, in_chans=channels, **settings)

    return model(name, net, images(size, channels))


def attention(name: str, size: int, patch: int = 4, **settings: object) -> Subject:
    """The same for transformers of one width and depth."""
    sizes = {"img_size": size, "patch_size": patch, "embed_dim": 32, "depth": 2, "num_heads": 2}
    return named(name, size, **{**sizes, **settings})


def stages(name: str, size: int, **settings: object) -> Subject:
    """The same for those of four stages."""
    return named(name, size, **{"depths": DEPTHS, **settings})


def coat_net() -> nn.Module:
    sizes = {"embed_dims": (16, 16, 16, 16), "serial_depths": DEPTHS, "parallel_depth": 1}
    return coat.CoaT(32, 4, num_classes=10, num_heads=8, mlp_ratios=(2,) * 4, **sizes)


def volo_net() -> nn.Module:
    sizes = {"embed_dims": [24, 48, 48, 48], "num_heads": [2, 4, 4, 4], "img_size": 64}
    downsamples = [True, False, False, False]
    return volo.VOLO(
        DEPTHS,
        num_classes=10,
        downsamples=downsamples,
        outlook_attention=[True, False, False, False],
        stem_hidden_dim=16,
        **sizes,
    )


SUBJECTS = [
    named("test_byobnet", 32),
    named("test_efficientnet_gn", 32),
    named("test_nfnet", 32),
    named("test_mambaout", 32),
    named("test_convnext2", 32),
    named("test_coatnet", 64, img_size=64),
    named("test_vit_relpos", 32, img_size=32),
    attention("beit_base_patch16_224", 16),
    attention("cait_xxs24_224", 16),
    attention("deit_tiny_distilled_patch16_224", 16),
    attention("convit_tiny", 16, local_up_to_layer=1),
    attention("eva02_tiny_patch14_224", 16),
    attention("xcit_nano_12_p8_224", 32, 8),
    named("tnt_s_patch16_224", 32, img_size=32, patch_size=8, embed_dim=48, depth=2),
    stages("davit_tiny", 32, embed_dims=(16, 16, 32, 32), num_heads=(1, 2, 2, 2)),
    stages("edgenext_xx_small", 64),
    stages("inception_next_atto", 32),
    stages("pvt_v2_b0", 32, embed_dims=(8, 16, 32, 32), num_heads=(1, 2, 2, 4)),
    stages(
        "twins_pcpvt_small", 32, img_size=32, embed_dims=(8, 16, 32, 32), num_heads=(1, 2, 2, 4)
    ),
    model("coat", coat_net, images(32), shared_modules=("*_blocks*",)),
    named("dla46_c", 32),
    named("ese_vovnet19b_slim_dw", 32),
    named("fastvit_t8", 32, layers=(1, 1, 1, 1), embed_dims=(8, 16, 32, 64)),
    model("focalnet", lambda: focalnet.FocalNet(depths=DEPTHS, embed_dim=16), images(32)),
    model("volo", volo_net, images(64)),
    named("ghostnet_050", 32),
    named("hgnetv2_b0", 32),
    named("lcnet_035", 32),
    named("mobilevit_xxs", 32),
    named("pit_ti_224", 32, img_size=32, patch_size=4, stride=4, base_dims=(8, 8, 8)),
    named("repvit_m0_9", 32, embed_dim=(8, 16, 32, 32), depth=(1, 1, 1, 1)),
    named("rexnet_100", 32, width_mult=0.5),
    named("starnet_s1", 32, base_dim=8, depths=(1, 1, 1, 1)),
    named("tiny_vit_5m_224", 64, embed_dims=(16, 32, 32, 64), num_heads=(1, 2, 2, 2)),
    named("visformer_tiny", 64, img_size=64, embed_dim=48, depth=(1, 1, 1), num_heads=2),
]
