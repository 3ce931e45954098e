"""Small batches of outputs and targets that bugs and variants of losses are tried on."""

import torch
import torch.nn.functional as F
from torch import Tensor

CLASSES = 5


def classes() -> dict:
    """Logits and class indices of six samples."""
    return {"outputs": torch.randn(6, CLASSES), "targets": torch.tensor([0, 3, 1, 4, 2, 3])}


def class_probabilities() -> dict:
    return {**classes(), "outputs": torch.randn(6, CLASSES).softmax(1)}


def class_log_probabilities() -> dict:
    return {**classes(), "outputs": torch.randn(6, CLASSES).log_softmax(1)}


def pixel_classes() -> dict:
    """Logits (N, C, H, W) and a class for each pixel."""
    return {"outputs": torch.randn(3, CLASSES, 4, 6), "targets": torch.randint(5, (3, 4, 6))}


def binary() -> dict:
    """Logits and targets 0 or 1, several for each of six samples."""
    targets = torch.tensor([[0, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 1]])
    return {"outputs": torch.randn(6, 3), "targets": targets.float()}


def probabilities() -> dict:
    return {**binary(), "outputs": torch.rand(6, 3) * 0.9 + 0.05}


def signs() -> dict:
    """Scores, and targets -1 or 1."""
    return {"outputs": torch.randn(6), "targets": torch.tensor([1.0, -1, -1, 1, -1, 1])}


def masks() -> dict:
    """Logits of a segmentation, and masks of 0 and 1."""
    return {
        "outputs": torch.randn(4, 1, 6, 6),
        "targets": (torch.rand(4, 1, 6, 6) > 0.6).float(),
    }


def regression() -> dict:
    return {"outputs": torch.randn(6, 3), "targets": torch.randn(6, 3)}


def distributions() -> dict:
    """Log-probabilities and the probabilities that they should be."""
    return {
        "outputs": torch.randn(6, CLASSES).log_softmax(1),
        "targets": torch.randn(6, CLASSES).softmax(1),
    }


def tokens() -> dict:
    """Logits (N, T, V) and tokens, padded with -100."""
    targets = torch.randint(7, (4, 6))
    for row, length in enumerate((6, 4, 3, 5)):
        targets[row, length:] = -100
    return {"outputs": torch.randn(4, 6, 7), "targets": targets, "ignore_index": -100}


def sequences() -> dict:
    """Values (N, T), and targets with a mask of those that count."""
    mask = torch.arange(6) < torch.tensor([6, 4, 3, 5])[:, None]
    return {
        "outputs": torch.randn(4, 6),
        "targets": {"values": torch.randn(4, 6), "mask": mask},
        "mask": mask,
    }


def pairs() -> dict:
    """Two views of each sample as vectors of length 1; perfect ones are equal and orthogonal."""
    first, second = (F.normalize(torch.randn(5, 8), dim=1) for _ in range(2))
    return {
        "outputs": (first, second),
        "targets": None,
        "reduction": None,
        "perfect_outputs": (torch.eye(5, 8), torch.eye(5, 8)),
    }


def triplets() -> dict:
    """Anchors, positives and negatives; perfect positives are equal, perfect negatives far."""
    anchors = torch.randn(5, 4)
    return {
        "outputs": (anchors, torch.randn(5, 4), torch.randn(5, 4)),
        "targets": None,
        "perfect_outputs": (anchors, anchors.clone(), anchors.roll(1, 0) + 9),
    }


def vae() -> dict:
    """A reconstruction, mu and the logarithm of the variance, and images in [0, 1]."""
    images = torch.rand(4, 12)
    return {
        "outputs": (torch.rand(4, 12), torch.randn(4, 3), torch.randn(4, 3)),
        "targets": images,
        "perfect_outputs": (images, torch.zeros(4, 3), torch.zeros(4, 3)),
    }


def posteriors() -> dict:
    """mu and the logarithm of the variance."""
    return {
        "outputs": (torch.randn(5, 3), torch.randn(5, 3)),
        "targets": None,
        "perfect_outputs": (torch.zeros(5, 3), torch.zeros(5, 3)),
        "perfect_loss": 0.0,
    }


def normals() -> dict:
    """Means and a positive spread (variance or standard deviation), and values."""
    return {"outputs": (torch.randn(6, 2), torch.rand(6, 2) + 0.5), "targets": torch.randn(6, 2)}


def reconstruction(outputs, images: Tensor) -> Tensor:
    """The squared error, summed over pixels, averaged over the batch."""
    return (outputs[0] - images).square().sum() / len(images)


def kl(outputs, images: Tensor) -> Tensor:
    """KL(N(mu, exp(log_variance)) || N(0, 1)), averaged over the batch."""
    _, mu, log_variance = outputs
    return 0.5 * (mu.square() + log_variance.exp() - 1 - log_variance).sum() / len(mu)
