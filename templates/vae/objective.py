"""The two terms of the negative ELBO, which a variational autoencoder minimises."""

import math

import torch.nn.functional as F
from torch import Tensor


def kl_divergence(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """KL(N(mu, sigma^2) || N(0, 1)) in nats, summed over the batch and the latent dimensions.

    Per dimension: (mu^2 + sigma^2 - 1) / 2 - log(sigma). See Kingma and Welling, "Auto-Encoding
    Variational Bayes" (2014), appendix B.
    """
    return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()


def squared_error(outputs: Tensor, images: Tensor) -> Tensor:
    """Summed over the batch and everything else.

    Up to the constant below, it is the negative log-likelihood in nats of a Gaussian with variance
    1/2 around the outputs.
    """
    return F.mse_loss(outputs, images, reduction="sum")


def evidence_lower_bound(recon_loss: float, kl_div_loss: float, values: int) -> float:
    """log p(x) >= E[log p(x|z)] - KL in nats, of the two losses of an image.

    p(x|z) is a Gaussian of variance 1/2 over the D values of an image as the dataset gives them:
    log p(x|z) = -|x - outputs|^2 - D / 2 * log(pi).
    """
    return -recon_loss - values / 2 * math.log(math.pi) - kl_div_loss
