"""Bugs that the checks of suites/loss/answers.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import (
    binary,
    class_log_probabilities,
    class_probabilities,
    classes,
    distributions,
    kl,
    masks,
    pairs,
    pixel_classes,
    posteriors,
    probabilities,
    reconstruction,
    regression,
    signs,
    tokens,
    triplets,
    vae,
)
from ...seeding import loss_bug

LEAST = "test_right_answers_cost_least"
SAVES = "test_right_answers_save_most_of_the_loss"
EVERY = "test_every_wrong_answer_costs"
SURER = "test_surer_answers_cost_more_where_wrong"
CERTAIN = "test_certain_right_answers_cost_nothing"
TWICE = r"Certain right answers .*Is a softmax or sigmoid applied twice"
UNBOUNDED = r"Certain right answers .*falls without a bound"


def discriminated() -> dict:
    """Logits of real and of generated samples."""
    right = torch.full((6, 1), 2.0)
    outputs = torch.randn(6, 1), torch.randn(6, 1)
    return {"outputs": outputs, "targets": None, "perfect_outputs": (right, -right)}


def taught() -> dict:
    """Logits of a student and of its teacher."""
    targets = torch.randn(6, 5)
    return {"outputs": torch.randn(6, 5), "targets": targets, "perfect_outputs": targets}


def soft_binary() -> dict:
    return {"outputs": torch.randn(6, 3), "targets": torch.rand(6, 3)}


def spans() -> dict:
    """Beginning and end of an answer."""
    begin = torch.rand(5, 1)
    return {
        "outputs": torch.cat([begin, begin + 1 + torch.rand(5, 1)], dim=1),
        "targets": torch.cat([0.5 * begin, begin + 1], dim=1),
    }


@loss_bug(LEAST, r"Right answers \(values\) cost .*\nIs the sign wrong", regression)
def negative_error(outputs, targets):
    return -F.mse_loss(outputs, targets)


@loss_bug(LEAST, r"Right answers \(values\) cost .*are arguments swapped", regression)
def added_where_it_should_be_subtracted(outputs, targets):
    return (outputs + targets).square().mean()


@loss_bug(LEAST, r"Right answers \(values\) cost 0, wrong ones", regression)
def difference_not_squared(outputs, targets):
    return (outputs - targets).mean()


@loss_bug(LEAST, r"Right answers \(log_probabilities\)", distributions, source="forum 65393")
def divergence_of_a_double_logarithm(outputs, targets):
    return F.kl_div(outputs.softmax(1).softmax(1).log(), targets, reduction="batchmean")


@loss_bug(
    LEAST, r"Right answers", lambda: {**distributions(), "outputs": torch.rand(6, 5).softmax(1)}
)
def divergence_of_probabilities(outputs, targets):
    """kl_div takes logarithms first."""
    return F.kl_div(outputs, targets, reduction="batchmean")


@loss_bug(LEAST, r"Right answers \(logits\)", distributions, outputs_are="logits")
def divergence_with_arguments_swapped(outputs, targets):
    return F.kl_div(targets, outputs.softmax(1), reduction="batchmean")


@loss_bug(
    LEAST,
    r"Right answers \(perfect_outputs\)",
    triplets,
    source="common knowledge (order of anchor, positive, negative)",
)
def triplet_swapped(outputs, targets):
    anchor, positive, negative = outputs
    return F.triplet_margin_loss(anchor, negative, positive)


@loss_bug(LEAST, r"Right answers \(perfect_outputs\)", triplets)
def triplet_sign(outputs, targets):
    anchor, positive, negative = outputs
    near, far = F.pairwise_distance(anchor, positive), F.pairwise_distance(anchor, negative)
    return (far - near + 1).clamp(min=0).mean()


@loss_bug(LEAST, r"Right answers \(perfect_outputs\)", posteriors)
def divergence_with_its_sign_wrong(outputs, targets):
    mu, log_variance = outputs
    return 0.5 * (1 + log_variance - mu.square() - log_variance.exp()).sum(1).mean()


@loss_bug(LEAST, r"Right answers \(perfect_outputs\) cost 0", posteriors)
def divergence_of_mu_not_squared(outputs, targets):
    mu, log_variance = outputs
    return 0.5 * (mu + log_variance.exp() - 1 - log_variance).sum(1).mean()


@loss_bug(LEAST, r"others close to them", posteriors)
def divergence_of_half_the_logarithm(outputs, targets):
    """exp(2 s) belongs to s = log sigma, s / 2 to the logarithm of the variance."""
    mu, log_variance = outputs
    return 0.5 * (mu.square() + log_variance.exp() - 1 - 2 * log_variance).sum(1).mean()


@loss_bug(
    LEAST,
    r"Right answers \(logits\) cost .*others close to them",
    classes,
    label_smoothing=0.3,
)
def smoothed_too_much(outputs, targets):
    """A share for each of the other classes, as if the given one were for all of them."""
    smooth = torch.full_like(outputs, 0.3)
    smooth = smooth.scatter(1, targets[:, None], 0.7)
    return -(smooth * outputs.log_softmax(1)).sum(1).mean()


@loss_bug(
    LEAST,
    r"Right answers \(logits\) cost",
    lambda: {"outputs": torch.randn(4, 6, 7), "targets": torch.randint(7, (4, 6))},
)
def targets_shifted_by_one(outputs, targets):
    return F.cross_entropy(outputs.flatten(0, 1), targets.roll(1, 1).flatten())


@loss_bug(LEAST, r"Right answers \(values\)", regression)
def one_plus_the_cosine(outputs, targets):
    return (1 + F.cosine_similarity(outputs, targets)).mean()


@loss_bug(LEAST, r"Right answers \(perfect_outputs\) cost 3, wrong ones 3", discriminated)
def hinge_of_generated_samples(outputs, targets):
    """Real and generated ones are both pushed up."""
    real, fake = outputs
    return F.relu(1 - real).mean() + F.relu(1 - fake).mean()


@loss_bug(LEAST, r"Right answers \(perfect_outputs\) cost .*others close to them", taught)
def teacher_without_temperature(outputs, targets):
    student = (outputs / 4).log_softmax(1)
    return 16 * F.kl_div(student, targets.softmax(1), reduction="batchmean")


@loss_bug(LEAST, r"Right answers \(perfect_outputs\)", pairs)
def positives_shifted(outputs, targets):
    first, second = (F.normalize(x, dim=1) for x in outputs)
    return F.cross_entropy(first @ second.T / 0.1, torch.arange(len(first)).roll(1))


@loss_bug(LEAST, r"Right answers .*others close to them", soft_binary)
def soft_targets_rounded(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets.round())


@loss_bug(LEAST, r"Right answers \(values\) cost -.*others close to them", regression)
def roughness_rewarded(outputs, targets):
    """A smoothness term with the wrong sign."""
    return F.mse_loss(outputs, targets) - 0.5 * outputs.diff(dim=1).abs().mean()


@loss_bug(SAVES, r"hardly more.\nIs a similarity multiplied by the temperature", pairs)
def multiplied_by_the_temperature(outputs, targets):
    first, second = (F.normalize(x, dim=1) for x in outputs)
    return F.cross_entropy(first @ second.T * 0.1, torch.arange(len(first)))


@loss_bug(SAVES, r"hardly more", vae)
def divergence_of_mu_and_a_large_constant(outputs, images):
    """The logarithm of 2 pi for each of a million values, where there are a dozen."""
    return reconstruction(outputs, images) + kl(outputs, images) + 1e3


@loss_bug(
    EVERY,
    r"with a wrong one for sample \d it is .*\nDoes every sample count, for every kind of target",
    lambda: {**signs(), "targets": torch.tensor([1.0, 0, 0, 1, 0, 1])},
)
def hinge_of_zeros_and_ones(outputs, targets):
    return (1 - targets * outputs).clamp(min=0).mean()


@loss_bug(EVERY, r"for sample 1 it is", regression, reduction=None)
def first_sample_only(outputs, targets):
    return (outputs[0] - targets[0]).square().mean()


@loss_bug(EVERY, r"for sample 5 it is", classes, reduction=None, outputs_are="logits")
def last_sample_left_out(outputs, targets):
    return F.cross_entropy(outputs[:-1], targets[:-1])


@loss_bug(EVERY, r"with wrong ones for all targets 0 it is .*\nIs a term missing", binary)
def positives_only(outputs, targets):
    """A cross-entropy without the term of the zeros."""
    return -(targets * F.logsigmoid(outputs)).sum(1).mean() + 0 * outputs.sum()


@loss_bug(SURER, r"Sure answers \(logits\) cost: .*\nIs an exponent", classes)
def focal_of_the_easy(outputs, targets):
    """p ** gamma in place of (1 - p) ** gamma."""
    cross_entropy = F.cross_entropy(outputs, targets, reduction="none")
    return (torch.exp(-cross_entropy) ** 2 * cross_entropy).mean()


@loss_bug(SURER, r"Sure answers \(logits\) cost: ", masks)
def focal_with_gamma_negative(outputs, targets):
    cross_entropy = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    return ((1 - torch.exp(-cross_entropy) + 1e-6) ** -2 * cross_entropy).mean()


@loss_bug(SURER, r"cost: right 1, undecided 1, wrong 5; expected this order", classes)
def margin_to_itself(outputs, targets):
    """The right class is among those that it should be ahead of."""
    right = outputs.gather(1, targets[:, None])
    return (1 + outputs.max(1).values - right[:, 0]).clamp(min=0).mean()


@loss_bug(SURER, r"Sure answers \(logits\) cost: ", signs)
def hinge_with_its_sign_wrong(outputs, targets):
    return (1 + targets * outputs).clamp(min=0).mean()


@loss_bug(SURER, r"Sure answers \(logits\) cost: ", masks)
def overlap_minimised(outputs, targets):
    p, t = outputs.sigmoid().flatten(1), targets.flatten(1)
    return ((2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


@loss_bug(
    CERTAIN,
    TWICE,
    classes,
    source="PYSIASSIST pattern 10 (22 codes), forum posts",
)
def softmax_before_cross_entropy(outputs, targets):
    return F.cross_entropy(outputs.softmax(1), targets)


@loss_bug(CERTAIN, TWICE, class_probabilities, source="PYSIASSIST pattern 10 (22 codes)")
def cross_entropy_of_probabilities(outputs, targets):
    """The model ends with a softmax."""
    return F.cross_entropy(outputs, targets)


@loss_bug(CERTAIN, TWICE, binary, source="PYSIASSIST pattern 10 (22 codes)")
class SigmoidBeforeLogits(nn.Module):
    def forward(self, outputs, targets):
        return F.binary_cross_entropy_with_logits(outputs.sigmoid(), targets)


@loss_bug(CERTAIN, TWICE, probabilities)
def logits_expected_probabilities_given(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets)


@loss_bug(CERTAIN, TWICE, class_log_probabilities)
def softmax_of_log_probabilities_twice(outputs, targets):
    return F.nll_loss(outputs.softmax(1).log_softmax(1), targets)


@loss_bug(CERTAIN, UNBOUNDED, classes, source="PYSIASSIST pattern 10 (22 codes)")
def likelihood_of_logits(outputs, targets):
    return F.nll_loss(outputs, targets)


@loss_bug(CERTAIN, r"likelihood of probabilities, without a logarithm", classes)
def likelihood_of_probabilities(outputs, targets):
    return F.nll_loss(outputs.softmax(1), targets)


@loss_bug(CERTAIN, r"likelihood of probabilities", class_probabilities)
def likelihood_without_logarithm(outputs, targets):
    return F.nll_loss(outputs, targets)


@loss_bug(CERTAIN, UNBOUNDED, signs)
def cross_entropy_of_minus_one_and_one(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets)


@loss_bug(
    CERTAIN,
    UNBOUNDED,
    binary,
    source="autonomousvision/sledge#4",
)
def logits_and_targets_swapped(outputs, targets):
    return F.binary_cross_entropy_with_logits(targets, outputs)


@loss_bug(CERTAIN, r"cost 0.5.*a factor", masks)
def dice_without_its_two(outputs, targets):
    p, t = outputs.sigmoid().flatten(1), targets.flatten(1)
    return (1 - ((p * t).sum(1) + 1e-3) / (p.sum(1) + t.sum(1) + 2e-3)).mean()


@loss_bug(CERTAIN, r"expected 0; .*term of a sample with itself", pairs, perfect_loss=0.0)
def positives_twice_in_the_denominator(outputs, targets):
    """Each vector is a negative of itself, because the diagonal is not masked."""
    vectors = F.normalize(torch.cat(outputs), dim=1)
    logits = vectors @ vectors.T / 0.05
    return F.cross_entropy(logits, torch.arange(len(vectors)).roll(len(outputs[0])))


@loss_bug(CERTAIN, r"\(values\) cost 0.5, expected 0", spans, perfect_loss=0.0)
def common_part_counted_twice(outputs, targets):
    """The union of two spans is their lengths less what they have in common."""
    common = torch.minimum(outputs, targets)[:, 1] - torch.maximum(outputs, targets)[:, 0]
    both = outputs[:, 1] - outputs[:, 0] + targets[:, 1] - targets[:, 0]
    return (1 - common.clamp(min=0) / both).mean()


@loss_bug(CERTAIN, r"\(values\) cost -0.5, expected 0", regression, perfect_loss=0.0)
def huber_with_its_branches_swapped(outputs, targets):
    error = (outputs - targets).abs()
    return torch.where(error > 1, 0.5 * error**2, error - 0.5).mean()


@loss_bug(CERTAIN, TWICE, pixel_classes)
def dice_of_a_softmax_over_rows(outputs, targets):
    p, t = outputs.softmax(2), F.one_hot(targets, 5).movedim(-1, 1).to(outputs.dtype)
    common = (p * t).sum((2, 3))
    return (1 - (2 * common + 1) / (p.sum((2, 3)) + t.sum((2, 3)) + 1)).mean()


@loss_bug(CERTAIN, r"expected 0", posteriors)
def divergence_without_its_constant(outputs, targets):
    mu, log_variance = outputs
    return 0.5 * (mu.square() + log_variance.exp() - log_variance).sum(1).mean()


@loss_bug(CERTAIN, TWICE, tokens)
def softmax_of_tokens_twice(outputs, targets):
    return F.cross_entropy(outputs.softmax(-1).flatten(0, 1), targets.flatten())
