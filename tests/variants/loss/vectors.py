"""Losses that compare vectors: triplets, pairs, contrastive ones, features of a network."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import pairs, triplets
from ...varying import loss


@loss(triplets)
def triplet(outputs, targets):
    return F.triplet_margin_loss(*outputs)


@loss(lambda: {"outputs": (torch.randn(6, 4), torch.randn(6, 4)),
               "targets": torch.tensor([1.0, -1, 1, 1, -1, -1])})  # fmt: skip
def cosine_embedding(outputs, targets):
    return F.cosine_embedding_loss(*outputs, targets)


@loss(lambda: {"outputs": (torch.randn(6), torch.randn(6)),
               "targets": torch.tensor([1.0, -1, 1, 1, -1, -1])})  # fmt: skip
def margin_ranking(outputs, targets):
    return F.margin_ranking_loss(*outputs, targets, margin=0.5)


@loss(lambda: {"outputs": (torch.randn(6, 4), torch.randn(6, 4)),
               "targets": torch.tensor([1.0, 0, 1, 1, 0, 0])})  # fmt: skip
def contrastive_of_pairs(outputs, targets):
    """See Hadsell et al., "Dimensionality Reduction by an Invariant Mapping" (2006)."""
    distance = F.pairwise_distance(*outputs)
    apart = (2 - distance).clamp(min=0).square()
    return (targets * distance.square() + (1 - targets) * apart).mean()


@loss(pairs)
def info_nce(outputs, targets):
    """See van den Oord et al., "Contrastive Predictive Coding" (2018)."""
    first, second = (F.normalize(x, dim=1) for x in outputs)
    return F.cross_entropy(first @ second.T / 0.1, torch.arange(len(first)))


@loss(pairs)
class LearnsItsTemperature(nn.Module):
    """Both ways, as in Radford et al. (2021)."""

    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(10.0).log())

    def forward(self, outputs, targets):
        first, second = (F.normalize(x, dim=1) for x in outputs)
        logits = self.log_scale.exp() * first @ second.T
        index = torch.arange(len(first), device=first.device)
        return 0.5 * (F.cross_entropy(logits, index) + F.cross_entropy(logits.T, index))


@loss(pairs)
def nt_xent(outputs, targets):
    """Among both views of all samples: see Chen et al., SimCLR (2020)."""
    vectors = F.normalize(torch.cat(outputs), dim=1)
    logits = vectors @ vectors.T / 0.5
    logits = logits.masked_fill(torch.eye(len(vectors), dtype=torch.bool), -torch.inf)
    index = torch.arange(len(vectors)).roll(len(outputs[0]))
    return F.cross_entropy(logits, index)


@loss(lambda: {"outputs": torch.randn(8, 6), "targets": torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])},
      reduction=None)  # fmt: skip
def supervised_contrastive(outputs, targets):
    """See Khosla et al. (2020)."""
    vectors = F.normalize(outputs, dim=1)
    itself = torch.eye(len(vectors), dtype=torch.bool)
    logits = (vectors @ vectors.T / 0.2).masked_fill(itself, -torch.inf)
    positive = (targets[:, None] == targets) & ~itself
    log_probability = logits.log_softmax(1).masked_fill(~positive, 0)
    return -(log_probability.sum(1) / positive.sum(1).clamp(min=1)).mean()


@loss(pairs, perfect_outputs=None)
def barlow_twins(outputs, targets):
    """See Zbontar et al. (2021)."""
    first, second = ((x - x.mean(0)) / (x.var(0) + 1e-4).sqrt() for x in outputs)
    correlation = first.T @ second / len(first)
    diagonal = (correlation.diagonal() - 1).square().sum()
    return diagonal + 0.005 * (correlation - correlation.diagonal().diag()).square().sum()


@loss(lambda: {"outputs": (torch.randn(4, 6), torch.randn(4, 6)), "targets": None},
      stops_gradients=True)  # fmt: skip
def predicts_a_constant_view(outputs, targets):
    """The second view is detached in the model: see Chen and He, SimSiam (2021)."""
    prediction, target = outputs
    constant = target.detach() + 0 * target
    return -F.cosine_similarity(prediction, constant + 0.1 * (target - target.detach())).mean()


class Features(nn.Module):
    """A tiny network in the place of a pretrained one."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, images):
        first = self.norm(self.first(images)).relu()
        return [first, self.second(first)]


@loss(lambda: {"outputs": torch.rand(3, 1, 6, 6), "targets": torch.rand(3, 1, 6, 6)},
      frozen_parameters=("features.*",))  # fmt: skip
class Perceptual(nn.Module):
    """See Johnson et al., "Perceptual Losses" (2016)."""

    def __init__(self):
        super().__init__()
        self.features = Features().eval().requires_grad_(False)

    def forward(self, outputs, targets):
        compared = zip(self.features(outputs), self.features(targets), strict=True)
        return sum(F.mse_loss(a, b) for a, b in compared)


@loss(lambda: {"outputs": torch.randn(6, 4), "targets": torch.tensor([0, 2, 1, 2, 0, 1])},
      outputs_are="values")  # fmt: skip
class Centers(nn.Module):
    """See Wen et al., center loss (2016)."""

    def __init__(self):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(3, 4))

    def forward(self, outputs, targets):
        return 0.5 * (outputs - self.centers[targets]).square().sum(1).mean()


@loss(lambda: {"outputs": torch.randn(6, 4), "targets": torch.tensor([0, 2, 1, 2, 0, 1])},
      outputs_are="values")  # fmt: skip
class AngularMargin(nn.Module):
    """See Deng et al., ArcFace (2019)."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 4))

    def forward(self, outputs, targets):
        cosine = F.linear(F.normalize(outputs), F.normalize(self.weight))
        angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()
        angle = angle + 0.5 * F.one_hot(targets, 3)
        return F.cross_entropy(8 * angle.cos(), targets)
