"""Classifiers: a base class, a fully connected one and a convolutional one.

A network maps an image to features, and a linear layer, the head, maps the features to one number a
class, the logits. Their softmax is the probability of each class; the loss takes the logits as they
are, because the logarithm of a softmax is exact where that of a rounded probability is not.
"""

import math

from torch import Tensor, nn


class Classifier(nn.Module):
    """Gives each class a logit.

    A subclass sets `self.features`, (N, *input_shape) -> (N, feature_dim).
    """

    features: nn.Module

    def __init__(self, feature_dim: int, num_classes: int):
        super().__init__()
        if num_classes < 2:
            raise ValueError(f"num_classes is {num_classes}, but must be at least 2.")
        self.head = nn.Linear(feature_dim, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, num_classes) for images (N, *input_shape)."""
        return self.head(self.features(images))


class MLPClassifier(Classifier):
    """Fully connected: 512 and 256 hidden units. Takes inputs of any shape."""

    def __init__(self, input_shape: tuple[int, ...], num_classes: int):
        super().__init__(256, num_classes)
        input_dim = math.prod(input_shape)
        self.features = nn.Sequential(
            nn.Flatten(),  # (N, *input_shape) -> (N, input_dim)
            # Each image to mean 0 and variance 1. Most of a digit is background, -1: such a mean is
            # the same push on all weights, and without this three epochs come to 95 % only.
            nn.LayerNorm(input_dim, elementwise_affine=False),
            nn.Linear(input_dim, 512),
            nn.ReLU(),
            nn.Linear(512, 256),
            nn.ReLU(),
        )


class CNNClassifier(Classifier):
    """Convolutional: three blocks, each of which halves height and width, and a hidden layer.

    input_shape: (channels, height, width), height and width multiples of 8.
    """

    def __init__(self, input_shape: tuple[int, ...], num_classes: int):
        super().__init__(128, num_classes)
        channels, height, width = input_shape
        if height % 8 or width % 8:
            raise ValueError(
                f"input_shape is {tuple(input_shape)}, but height and width must be multiples of 8."
            )
        self.features = nn.Sequential(
            *halve(channels, 16),  # (N, C, H, W) -> (N, 16, H/2, W/2)
            *halve(16, 32),  # -> (N, 32, H/4, W/4)
            *halve(32, 64),  # -> (N, 64, H/8, W/8)
            nn.Flatten(),
            nn.Linear(64 * (height // 8) * (width // 8), 128),
            nn.ReLU(),
        )


def halve(in_channels: int, out_channels: int) -> list[nn.Module]:
    """(N, in_channels, H, W) -> (N, out_channels, H/2, W/2).

    The convolution has no bias because the normalisation behind it would subtract it again.
    """
    return [
        nn.Conv2d(in_channels, out_channels, kernel_size=4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    ]
