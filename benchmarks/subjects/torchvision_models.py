"""Classifiers of torchvision, and blocks of its ops."""

from torch import nn
from torchvision import models, ops
from torchvision.models import convnext, resnet, swin_transformer, vgg

from .subject import images, model, normal

PACKAGE = "torchvision"


def resnext() -> nn.Module:
    return models.ResNet(resnet.Bottleneck, [1, 1, 1, 1], 10, groups=4, width_per_group=4)


def vgg_features() -> nn.Module:
    layers = vgg.make_layers([8, "M", 16, "M", 32, 32, "M"], batch_norm=True)
    return nn.Sequential(layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def densenet() -> nn.Module:
    return models.DenseNet(8, (2, 2, 2, 2), num_init_features=16, num_classes=10)


def convolutional_next() -> nn.Module:
    blocks = [convnext.CNBlockConfig(16, 32, 1), convnext.CNBlockConfig(32, None, 2)]
    return models.ConvNeXt(blocks, num_classes=10)


def vision_transformer() -> nn.Module:
    sizes = {"num_layers": 2, "num_heads": 2, "hidden_dim": 32, "mlp_dim": 64}
    return models.VisionTransformer(image_size=32, patch_size=8, num_classes=10, **sizes)


def swin(**parts: type) -> nn.Module:
    sizes = {"depths": [2, 2], "num_heads": [2, 4], "window_size": [4, 4]}
    return models.SwinTransformer([4, 4], 16, num_classes=10, **sizes, **parts)


def swin_v2() -> nn.Module:
    block = swin_transformer.SwinTransformerBlockV2
    return swin(block=block, downsample_layer=swin_transformer.PatchMergingV2)


def maxvit() -> nn.Module:
    sizes = {"block_channels": [16, 32], "block_layers": [1, 1], "head_dim": 8}
    return models.MaxVit((64, 64), 16, 4, stochastic_depth_prob=0.1, num_classes=10, **sizes)


def googlenet() -> nn.Module:
    return models.googlenet(num_classes=10, aux_logits=True, init_weights=True)


def inception() -> nn.Module:
    return models.inception_v3(num_classes=10, aux_logits=False, init_weights=False)


def squeezed_convolution() -> nn.Module:
    return nn.Sequential(
        ops.Conv2dNormActivation(3, 8, stride=2),
        ops.SqueezeExcitation(8, 4),
        ops.DropBlock2d(p=0.1, block_size=3),
        nn.Conv2d(8, 4, 1),
    )


SUBJECTS = [
    model("vgg_bn", vgg_features, images(32)),
    model("resnet18", lambda: models.resnet18(num_classes=10), images(32)),
    model("resnext", resnext, images(32)),
    model("densenet", densenet, images(32)),
    model("squeezenet1_0", lambda: models.squeezenet1_0(num_classes=10), images(49)),
    model("squeezenet1_1", lambda: models.squeezenet1_1(num_classes=10), images(64)),
    model("googlenet", googlenet, images(64), max_dropout=0.7),
    model("inception_v3", inception, images(75)),
    model("mobilenet_v2", lambda: models.mobilenet_v2(num_classes=10), images(32)),
    model("mobilenet_v3", lambda: models.mobilenet_v3_small(num_classes=10), images(32)),
    model("mnasnet", lambda: models.mnasnet0_5(num_classes=10), images(32)),
    model("shufflenet_v2", lambda: models.shufflenet_v2_x0_5(num_classes=10), images(32)),
    model("efficientnet_b0", lambda: models.efficientnet_b0(num_classes=10), images(32)),
    model("regnet_y", lambda: models.regnet_y_400mf(num_classes=10), images(32)),
    model("convnext", convolutional_next, images(32)),
    model("vit", vision_transformer, images(32)),
    model("swin", swin, images(32)),
    model("swin_v2", swin_v2, images(32)),
    model("maxvit", maxvit, images(64)),
    model("mlp", lambda: ops.MLP(12, [32, 8], dropout=0.1), normal(4, 12)),
    model("squeeze_excitation", squeezed_convolution, images(16)),
]
