"""Segmentation, detection, video and optical flow of torchvision."""

from torch import Tensor, nn
from torchvision.models import detection, optical_flow, segmentation, video
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.segmentation.deeplabv3 import DeepLabHead
from torchvision.models.segmentation.fcn import FCNHead
from torchvision.models.video.mvit import MSBlockConfig

from .subject import images, model, normal

PACKAGE = "torchvision"


def pyramid() -> nn.Module:
    """A small backbone with a feature pyramid."""
    layers = [nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()]
    return BackboneWithFPN(nn.Sequential(*layers), {"1": "0", "3": "1"}, [8, 16], 16)


def anchors() -> detection.anchor_utils.AnchorGenerator:
    return detection.anchor_utils.AnchorGenerator(((8,), (16,), (32,)), ((0.5, 1.0),) * 3)


def faster_rcnn() -> nn.Module:
    sizes = {"num_classes": 4, "min_size": 64, "max_size": 64}
    return detection.FasterRCNN(pyramid(), rpn_anchor_generator=anchors(), **sizes)


def retinanet() -> nn.Module:
    return detection.RetinaNet(pyramid(), num_classes=4, anchor_generator=anchors())


def ssdlite() -> nn.Module:
    return detection.ssdlite320_mobilenet_v3_large(num_classes=4, weights_backbone=None)


def region_proposals(self, net: nn.Module, pictures: Tensor) -> object:
    return net.rpn.head(list(net.backbone(pictures).values()))


def scores_and_boxes(self, net: nn.Module, pictures: Tensor) -> object:
    return net.head(list(net.backbone(pictures).values()))


def backbone(channels: int = 16) -> nn.Module:
    """Two stages, of which segmentation models take the first for an auxiliary loss."""
    stages = {
        "aux": nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU()),
        "out": nn.Sequential(nn.Conv2d(8, channels, 3, 2, 1), nn.BatchNorm2d(channels), nn.ReLU()),
    }
    return IntermediateLayerGetter(nn.ModuleDict(stages), {name: name for name in stages})


def fully_convolutional() -> nn.Module:
    return segmentation.FCN(backbone(), FCNHead(16, 5), FCNHead(8, 5))


def deeplabv3() -> nn.Module:
    return segmentation.DeepLabV3(backbone(), DeepLabHead(16, 5))


def lraspp() -> nn.Module:
    return segmentation.lraspp_mobilenet_v3_large(num_classes=5, weights_backbone=None)


def swin3d() -> nn.Module:
    sizes = {"depths": [2], "num_heads": [2], "window_size": [2, 4, 4]}
    return video.SwinTransformer3d([2, 4, 4], 16, num_classes=5, **sizes)


def r2plus1d() -> nn.Module:
    parts = video.resnet
    blocks = [parts.Conv2Plus1D] * 4
    return video.VideoResNet(parts.BasicBlock, blocks, [1, 1, 1, 1], parts.R2Plus1dStem, 5)


def mvit() -> nn.Module:
    stride = [1, 2, 2]
    blocks = [
        MSBlockConfig(1, 16, 16, [3, 3, 3], [3, 3, 3], stride, stride),
        MSBlockConfig(2, 16, 32, [3, 3, 3], [3, 3, 3], [1, 1, 1], stride),
    ]
    switches = {
        "residual_pool": True,
        "residual_with_cls_embed": True,
        "rel_pos_embed": True,
        "proj_after_attn": True,
    }
    return video.MViT((64, 64), 8, blocks, num_classes=5, **switches)


SUBJECTS = [
    model("fcn", fully_convolutional, images(32)),
    model("deeplabv3", deeplabv3, images(32)),
    model("lraspp", lraspp, images(32)),
    model(
        "faster_rcnn",
        faster_rcnn,
        images(64, samples=2),
        call=region_proposals,
        unused_modules=("roi_heads.*",),
    ),
    model("retinanet", retinanet, images(64, samples=2), call=scores_and_boxes),
    model("ssdlite", ssdlite, images(64, samples=2), call=scores_and_boxes),
    model("r2plus1d", r2plus1d, normal(2, 3, 8, 16, 16)),
    model("swin3d", swin3d, normal(2, 3, 4, 16, 16)),
    model("mvit", mvit, normal(2, 3, 8, 64, 64)),
    model(
        "raft",
        lambda: optical_flow.raft_small(),
        lambda: (images(128, samples=2)(), images(128, samples=2)()),
        call=lambda self, net, inputs: net(*inputs, num_flow_updates=2),
    ),
]
