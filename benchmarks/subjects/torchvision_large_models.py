"""Architectures of torchvision at their usual size."""

from torchvision import models

from .subject import images, model

PACKAGE = "torchvision"
SUBJECTS = [
    model("alexnet", models.alexnet, images(224, samples=2)),
    model("resnet50_224", models.resnet50, images(224, samples=2)),
    model("vit_b_16_224", models.vit_b_16, images(224, samples=2)),
]
