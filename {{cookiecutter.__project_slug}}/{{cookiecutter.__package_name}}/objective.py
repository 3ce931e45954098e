"""The two terms of the negative ELBO, which a variational autoencoder minimises."""

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

    Up to the constant in `Trainer.elbo`, it is the negative log-likelihood in nats of a Gaussian
    with variance 1/2 around the outputs.
    """
    return F.mse_loss(outputs, images, reduction="sum")
