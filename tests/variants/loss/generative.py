"""Losses of variational autoencoders and other generative models."""

import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

from ...bugs.loss.terms import codebook, commitment
from ...loss_batches import kl, posteriors, reconstruction, vae
from ...varying import loss


@loss(vae)
def negative_elbo(outputs, images):
    return reconstruction(outputs, images) + kl(outputs, images)


@loss(vae, terms={"reconstruction": reconstruction, "kl": kl}, term_weights={"kl": 4.0},
      perfect_loss=0.0, reduction="batchmean")  # fmt: skip
def beta_elbo(outputs, images):
    return reconstruction(outputs, images) + 4 * kl(outputs, images)


@loss(vae)
def elbo_of_bits(outputs, images):
    """The cross-entropy of pixels, which is not zero where they are grey."""
    cross_entropy = F.binary_cross_entropy(outputs[0], images, reduction="sum") / len(images)
    return cross_entropy + kl(outputs, images)


@loss(vae, reduction=None)
def free_bits(outputs, images):
    """Below a threshold in the mean of the batch, dimensions cost nothing: Kingma et al. (2016)."""
    _, mu, log_variance = outputs
    divergence = 0.5 * (mu.square() + log_variance.exp() - 1 - log_variance).mean(0)
    return reconstruction(outputs, images) + divergence.clamp(min=0.25).sum()


@loss(posteriors, reference=lambda outputs, targets: kl_divergence(
    Normal(outputs[0], (0.5 * outputs[1]).exp()), Normal(0.0, 1.0)).sum())  # fmt: skip
def kl_of_a_log_variance(outputs, targets):
    mu, log_variance = outputs
    return 0.5 * (mu.square() + log_variance.exp() - 1 - log_variance).sum()


@loss(lambda: {"outputs": (torch.randn(6, 1), torch.randn(6, 1)), "targets": None})
def discriminator(outputs, targets):
    """Logits of real and of generated samples."""
    real, fake = outputs
    return F.softplus(-real).mean() + F.softplus(fake).mean()


@loss(lambda: {"outputs": (torch.randn(6, 1), torch.randn(6, 1)), "targets": None})
def wasserstein_critic(outputs, targets):
    real, fake = outputs
    return fake.mean() - real.mean()


@loss(lambda: {"outputs": (torch.randn(5, 4), torch.randn(5, 4)), "targets": torch.randn(5, 4)},
      stops_gradients=True)  # fmt: skip
def vector_quantised(outputs, targets):
    """Codes and their nearest entries: see van den Oord et al. (2017)."""
    code, entry = outputs
    return (entry - code.detach()).square().mean() + 0.25 * (code - entry.detach()).square().mean()


@loss(lambda: {"outputs": torch.randn(4, 1, 5, 5), "targets": torch.randn(4, 1, 5, 5)})
def noise_of_a_diffusion_model(outputs, targets):
    return F.mse_loss(outputs, targets)


def transitions() -> dict:
    actions = torch.tensor([0, 2, 1, 1, 0, 2])
    return {
        "outputs": torch.randn(6, 3),
        "targets": {"actions": actions, "returns": torch.randn(6)},
    }


@loss(transitions)
def values_of_actions(outputs, targets):
    """Of a Q-network, only the values of what was done."""
    chosen = outputs.gather(1, targets["actions"][:, None]).squeeze(1)
    return F.smooth_l1_loss(chosen, targets["returns"])


@loss(lambda: {"outputs": torch.rand(3, 1, 6, 6), "targets": torch.rand(3, 1, 6, 6)})
def structural_dissimilarity(outputs, targets):
    """One window for each whole image: see Wang et al. (2004)."""
    x, y = outputs.flatten(1), targets.flatten(1)
    mean_x, mean_y = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    common = ((x - mean_x) * (y - mean_y)).mean(1) + 5e-4
    spread = (x.var(1, correction=0) + y.var(1, correction=0)) / 2 + 5e-4
    brightness = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
    return (1 - brightness[:, 0] * common / spread).mean()


@loss(lambda: {"outputs": torch.randn(6), "targets": (torch.randn(6), torch.randn(6))})
def clipped_policy(outputs, targets):
    """Logarithms of probabilities, before, and advantages: see Schulman et al., PPO (2017)."""
    before, advantages = targets
    ratio = (outputs - before).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()


@loss(lambda: {"outputs": (torch.randn(6), torch.randn(6)),
               "targets": (torch.randn(6), torch.randn(6))})  # fmt: skip
def preferences(outputs, targets):
    """Likelihoods of the better and the worse answer: see Rafailov et al., DPO (2023)."""
    gains = [output - before for output, before in zip(outputs, targets, strict=True)]
    return -F.logsigmoid(0.1 * (gains[0] - gains[1])).mean()


@loss(lambda: {"outputs": tuple(torch.randn(6, 3) for _ in range(3)), "targets": torch.randn(6)})
def mixture_density(outputs, targets):
    """Weights, means and logarithms of deviations: see Bishop (1994)."""
    weights, means, log_deviations = outputs
    likelihoods = Normal(means, log_deviations.exp()).log_prob(targets[:, None])
    return -(weights.log_softmax(1) + likelihoods).logsumexp(1).mean()


@loss(
    vae,
    terms={"codebook": codebook, "commitment": commitment, "reconstruction": reconstruction},
    term_weights={"commitment": 0.25},
    stops_gradients=True,
)
def vector_quantised_of_declared_terms(outputs, images):
    drawn = codebook(outputs, images) + 0.25 * commitment(outputs, images)
    return drawn + reconstruction(outputs, images)
