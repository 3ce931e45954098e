"""Models that return more than tensors: dataclasses, losses of their own, boxes."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import detection
from torchvision.models.detection.backbone_utils import BackboneWithFPN

from ...varying import model


@dataclass
class Prediction:
    logits: Tensor
    classes: Tensor
    hidden: tuple[Tensor, ...]
    loss: Tensor | None = None


class ReturnsItsLoss(nn.Module):
    """As models of Hugging Face do where they are given labels."""

    def __init__(self):
        super().__init__()
        self.hidden, self.head = nn.Linear(6, 8), nn.Linear(8, 3)

    def forward(self, inputs, labels=None):
        hidden = self.hidden(inputs).relu()
        logits = self.head(hidden)
        loss = None if labels is None else F.cross_entropy(logits, labels)
        return Prediction(logits, logits.argmax(dim=1), (hidden,), loss)


@model
def dataclass_with_a_loss():
    inputs = {"inputs": torch.randn(4, 6), "labels": torch.tensor([0, 1, 2, 1])}
    shapes = [(4, 3), (4, 8)]
    return {"net": ReturnsItsLoss(), "test_inputs": inputs, "output_shape": shapes}


@model
def dataclass_without_labels():
    inputs = torch.randn(4, 6)
    return {"net": ReturnsItsLoss(), "test_inputs": inputs, "output_shape": [(4, 3)]}


class OnlyALoss(ReturnsItsLoss):
    """The criterion is a part of the model, and nothing else is returned."""

    def forward(self, inputs, labels):
        return super().forward(inputs, labels).loss


@model
def scalar_output():
    return {"net": OnlyALoss(), "test_inputs": (torch.randn(4, 6), torch.tensor([0, 1, 2, 1]))}


class HeadsInTraining(nn.Module):
    """A second head whose outputs the loss needs, in training mode only."""

    def __init__(self):
        super().__init__()
        self.hidden, self.head, self.helper = nn.Linear(6, 8), nn.Linear(8, 3), nn.Linear(8, 3)

    def forward(self, inputs):
        hidden = self.hidden(inputs).relu()
        return (self.head(hidden), self.helper(hidden)) if self.training else self.head(hidden)


@model
def auxiliary_head_in_training():
    return {"net": HeadsInTraining(), "test_inputs": torch.randn(4, 6), "output_shape": (4, 3)}


class Temperature(nn.Module):
    """Returns a number."""

    def __init__(self):
        super().__init__()
        self.logarithm = nn.Parameter(torch.zeros(()))

    def forward(self):
        return self.logarithm.exp()


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.temperature, self.out = Temperature(), nn.Linear(6, 3)

    def forward(self, inputs):
        return self.out(inputs) / self.temperature()


@model
def submodule_that_returns_a_number():
    return {"net": Scaled(), "test_inputs": torch.randn(4, 6), "output_shape": (4, 3)}


def detector() -> nn.Module:
    """A Faster R-CNN with a backbone of two layers."""
    layers = [nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1), nn.ReLU()]
    backbone = BackboneWithFPN(nn.Sequential(*layers), {"1": "0", "3": "1"}, [4, 8], 8)
    anchors = detection.anchor_utils.AnchorGenerator(((8,), (16,), (32,)), ((1.0,),) * 3)
    sizes = {"num_classes": 3, "min_size": 32, "max_size": 32, "rpn_post_nms_top_n_test": 8}
    few = {"rpn_post_nms_top_n_train": 8, "box_batch_size_per_image": 8}
    heads = {
        "box_head": detection.faster_rcnn.TwoMLPHead(8 * 49, 8),
        "box_predictor": detection.faster_rcnn.FastRCNNPredictor(8, 3),
    }
    heads["rpn_head"] = detection.rpn.RPNHead(8, 1)
    sizes.pop("num_classes")
    return detection.FasterRCNN(
        backbone, rpn_anchor_generator=anchors, box_score_thresh=0.0, **sizes, **few, **heads
    )


def with_targets(net, pictures):
    """Losses in training mode, the raw predictions of the proposals in eval mode."""
    if net.training:
        box = torch.tensor([[4.0, 4.0, 20.0, 20.0]], device=pictures.device, dtype=pictures.dtype)
        labels = torch.ones(1, dtype=torch.long, device=pictures.device)
        return net(list(pictures), [{"boxes": box, "labels": labels}] * len(pictures))
    return net.rpn.head(list(net.backbone(pictures).values()))


@model
def detection_by_an_override_of_call():
    return {"net": detector(), "test_inputs": torch.rand(2, 3, 32, 32), "call": with_targets}
