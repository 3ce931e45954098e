"""Losses of classifiers, torch's own and others."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import (
    binary,
    class_log_probabilities,
    class_probabilities,
    classes,
    distributions,
    masks,
    pixel_classes,
    probabilities,
    signs,
)
from ...varying import loss

WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 1.5, 3.0])


@loss(classes)
def cross_entropy(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss(classes, reduction="sum")
def cross_entropy_sum(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="sum")


@loss(classes, reduction="none")
def cross_entropy_each(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="none")


@loss(pixel_classes)
def cross_entropy_of_pixels(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss(classes)
def smoothed_cross_entropy(outputs, targets):
    return F.cross_entropy(outputs, targets, label_smoothing=0.1)


@loss(classes, label_smoothing=0.3)
def cross_entropy_smoothed_much(outputs, targets):
    return F.cross_entropy(outputs, targets, label_smoothing=0.3)


@loss(classes)
class WeightedCrossEntropy(nn.CrossEntropyLoss):
    def __init__(self):
        super().__init__(weight=WEIGHTS)


@loss(classes, class_weights=WEIGHTS)
class DeclaredWeights(WeightedCrossEntropy):
    pass


@loss(lambda: {**classes(), "targets": torch.tensor([0, -1, 1, -1, 2, 3])}, ignore_index=-1)
def ignores_a_class(outputs, targets):
    return F.cross_entropy(outputs, targets, ignore_index=-1)


@loss(classes, ignore_index=-100)
def ignores_nothing_in_the_given_batch(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss(distributions, outputs_are="logits")
def cross_entropy_of_soft_targets(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss(class_log_probabilities)
def negative_log_likelihood(outputs, targets):
    return F.nll_loss(outputs, targets)


@loss(class_probabilities)
def logarithm_of_probabilities(outputs, targets):
    return -outputs.gather(1, targets[:, None]).clamp(min=1e-12).log().mean()


@loss(distributions)
def kl_divergence_batchmean(outputs, targets):
    return F.kl_div(outputs, targets, reduction="batchmean")


@loss(distributions)
def kl_divergence_mean(outputs, targets):
    return F.kl_div(outputs, targets)


@loss(lambda: {**distributions(), "targets": torch.randn(6, 5).log_softmax(1)})
def kl_divergence_of_two_logarithms(outputs, targets):
    return F.kl_div(outputs, targets, reduction="batchmean", log_target=True)


@loss(lambda: {**distributions(), "outputs": torch.randn(6, 5).softmax(1)})
def reverse_kl_divergence(outputs, targets):
    """Seeks one mode, as distillation of generators does on purpose."""
    return F.kl_div(targets.log(), outputs, reduction="batchmean")


@loss(lambda: {**distributions(), "outputs": torch.randn(6, 5)})
def distillation(outputs, targets):
    """At a temperature of 2: see Hinton et al., "Distilling the Knowledge" (2015)."""
    soft = (targets.clamp(min=1e-8).log() / 2).softmax(1)
    return 4 * F.kl_div((outputs / 2).log_softmax(1), soft, reduction="batchmean")


@loss(binary)
def binary_cross_entropy_with_logits(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets)


@loss(binary, class_weights=(1.0, 4.0))
def positives_weighted(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets, pos_weight=torch.tensor(4.0))


@loss(lambda: {"outputs": torch.randn(6), "targets": torch.rand(6)})
def binary_cross_entropy_of_soft_targets(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets)


@loss(probabilities)
def binary_cross_entropy(outputs, targets):
    return F.binary_cross_entropy(outputs, targets)


@loss(lambda: {"outputs": torch.randn(6, 1), "targets": torch.tensor([0, 1, 1, 0, 1, 0])})
def squeezes_its_logits(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs.squeeze(1), targets.to(outputs.dtype))


@loss(classes)
def multi_margin(outputs, targets):
    return F.multi_margin_loss(outputs, targets)


@loss(signs)
def hinge(outputs, targets):
    return (1 - targets * outputs).clamp(min=0).mean()


@loss(signs)
def soft_margin(outputs, targets):
    return F.soft_margin_loss(outputs, targets)


@loss(binary)
def multilabel_soft_margin(outputs, targets):
    return F.multilabel_soft_margin_loss(outputs, targets)


def focal(outputs, targets, gamma=2.0, alpha=0.25):
    """See Lin et al., "Focal Loss for Dense Object Detection" (2017)."""
    cross_entropy = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    right = torch.exp(-cross_entropy)
    weight = alpha * targets + (1 - alpha) * (1 - targets)
    return weight * (1 - right) ** gamma * cross_entropy


@loss(masks)
def binary_focal(outputs, targets):
    return focal(outputs, targets).mean()


@loss(binary, class_weights=(0.75, 0.25), reduction="sum")
def binary_focal_sum(outputs, targets):
    return focal(outputs, targets).sum()


@loss(classes)
def focal_of_classes(outputs, targets):
    cross_entropy = F.cross_entropy(outputs, targets, reduction="none")
    return ((1 - torch.exp(-cross_entropy)) ** 2 * cross_entropy).mean()


@loss(classes, stops_gradients=True)
def focal_with_constant_weight(outputs, targets):
    cross_entropy = F.cross_entropy(outputs, targets, reduction="none")
    return ((1 - torch.exp(-cross_entropy.detach())) ** 2 * cross_entropy).mean()


@loss(classes)
def polynomial(outputs, targets):
    """See Leng et al., "PolyLoss" (2022)."""
    right = outputs.softmax(1).gather(1, targets[:, None]).squeeze(1)
    return (F.cross_entropy(outputs, targets, reduction="none") + 1 - right).mean()


@loss(classes)
def generalized_cross_entropy(outputs, targets):
    """See Zhang and Sabuncu (2018)."""
    right = outputs.softmax(1).gather(1, targets[:, None]).clamp(min=1e-7)
    return ((1 - right**0.7) / 0.7).mean()


@loss(classes)
def evidential(outputs, targets):
    """The squared error under a Dirichlet distribution: see Sensoy et al. (2018)."""
    concentration = F.softplus(outputs) + 1
    strength = concentration.sum(1, keepdim=True)
    mean = concentration / strength
    error = (F.one_hot(targets, 5) - mean) ** 2 + mean * (1 - mean) / (strength + 1)
    return error.sum(1).mean()


@loss(classes)
def brier(outputs, targets):
    return (outputs.softmax(1) - F.one_hot(targets, 5)).square().sum(1).mean()


@loss(classes)
def rewards_doubt(outputs, targets):
    """See Pereyra et al., "Penalizing Confident Output Distributions" (2017)."""
    entropy = -(outputs.softmax(1) * outputs.log_softmax(1)).sum(1)
    return F.cross_entropy(outputs, targets) - 0.1 * entropy.mean()


@loss(masks)
def dice_of_each_sample(outputs, targets):
    probabilities, targets = outputs.sigmoid().flatten(1), targets.flatten(1)
    common = (probabilities * targets).sum(1)
    return (1 - (2 * common + 1) / (probabilities.sum(1) + targets.sum(1) + 1)).mean()


@loss(masks, reduction=None)
def dice_of_the_batch(outputs, targets):
    probabilities = outputs.sigmoid()
    common = (probabilities * targets).sum()
    return 1 - (2 * common + 1) / (probabilities.sum() + targets.sum() + 1)


@loss(masks, perfect_loss=-1.0)
def negative_dice(outputs, targets):
    return dice_of_each_sample(outputs, targets) - 1


@loss(masks)
def dice_and_cross_entropy(outputs, targets):
    cross_entropy = F.binary_cross_entropy_with_logits(outputs, targets)
    return dice_of_each_sample(outputs, targets) + 0.5 * cross_entropy


@loss(masks)
def tversky(outputs, targets):
    probabilities, targets = outputs.sigmoid().flatten(1), targets.flatten(1)
    common = (probabilities * targets).sum(1)
    missed = ((1 - probabilities) * targets).sum(1)
    wrong = (probabilities * (1 - targets)).sum(1)
    return (1 - (common + 1) / (common + 0.7 * missed + 0.3 * wrong + 1)).mean()


@loss(lambda: {"outputs": torch.randn(6, 1), "targets": torch.ones(6, 1)})
def least_squares_of_a_gan(outputs, targets):
    """See Mao et al., "Least Squares Generative Adversarial Networks" (2017)."""
    return 0.5 * (outputs - targets).square().mean()


RANKS = torch.tensor([0, 4, 2, 1, 3, 4])


@loss(lambda: {"outputs": torch.randn(6, 4), "targets": RANKS})
def ordinal(outputs, targets):
    """Whether a rank is above each threshold: see Cao et al., CORAL (2020)."""
    above = (targets[:, None] > torch.arange(4)).to(outputs.dtype)
    return F.binary_cross_entropy_with_logits(outputs, above)


@loss(lambda: {"outputs": (torch.randn(6, 5), torch.randn(6, 5)), "targets": RANKS})
def two_passes(outputs, targets):
    """With two draws of dropout: see Wu et al., R-Drop (2021)."""
    first, second = (x.log_softmax(1) for x in outputs)
    cross_entropy = F.nll_loss(first, targets) + F.nll_loss(second, targets)
    one = F.kl_div(first, second, reduction="batchmean", log_target=True)
    other = F.kl_div(second, first, reduction="batchmean", log_target=True)
    return cross_entropy + (one + other) / 2


@loss(lambda: {"outputs": torch.randn(6, 5), "targets": (RANKS, RANKS.roll(2), 0.3)})
def mixed_samples(outputs, targets):
    """See Zhang et al., mixup (2018)."""
    first, second, share = targets
    return share * F.cross_entropy(outputs, first) + (1 - share) * F.cross_entropy(outputs, second)


@loss(lambda: {"outputs": torch.randn(6, 5), "targets": RANKS})
def distance_of_cumulative_distributions(outputs, targets):
    """The squared earth mover's distance: see Hou et al. (2016)."""
    difference = outputs.softmax(1).cumsum(1) - F.one_hot(targets, 5).cumsum(1)
    return difference.square().sum(1).mean()


@loss(lambda: {"outputs": torch.randn(6, 5), "targets": RANKS})
def keeps_logits_small(outputs, targets):
    """With the z-loss of Chowdhery et al., PaLM (2022)."""
    return F.cross_entropy(outputs, targets) + 1e-4 * outputs.logsumexp(1).square().mean()


@loss(binary)
def asymmetric(outputs, targets):
    """See Ridnik et al., "Asymmetric Loss For Multi-Label Classification" (2021)."""
    p = outputs.sigmoid()
    shifted = (p - 0.05).clamp(min=0)
    positive = targets * (1 - p) * F.logsigmoid(outputs)
    negative = (1 - targets) * shifted**4 * (1 - shifted).clamp(min=1e-8).log()
    return -(positive + negative).sum(1).mean()


@loss(pixel_classes)
def dice_of_the_foreground(outputs, targets):
    p, t = outputs.softmax(1)[:, 1:], F.one_hot(targets, 5).movedim(-1, 1)[:, 1:]
    common = (p * t).sum((2, 3))
    return (1 - (2 * common + 1) / (p.sum((2, 3)) + t.sum((2, 3)) + 1)).mean()
