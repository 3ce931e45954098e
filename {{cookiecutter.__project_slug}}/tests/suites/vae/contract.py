# SPDX-License-Identifier: MIT
"""The attributes and hooks that a test case of a VAE sets or overrides."""

from torch import Tensor, nn

from ..model.contract import ModelContract

# What the drawing of a latent code is called; each of these takes (mu, log_sigma) or the like.
SAMPLERS = ("bottleneck", "reparameterize", "reparametrize", "reparameterise")


class VAEContract(ModelContract):
    """Set `net` and `test_inputs`. The rest has defaults.

    Where encode and decode take more than the sample, as the label of a conditional VAE,
    test_inputs is a tuple or a dict: `encode` gets all of it, and `decode` gets the latent code in
    place of its first entry, the sample. What a net applies to the drawn code (a normalising flow)
    belongs into `decode`, not into `sample`, whose law is N(mu, sigma^2).
    """

    # Whether the net returns the logarithm of the variance in place of log_sigma. Then that is
    # what `encode` returns and what `sample` and `kl_divergence` get.
    log_variance: bool = False
    # Which of the test inputs behind the sample decode gets, by position or key; None: all of them.
    decode_inputs: tuple[int | str, ...] | None = None
    # Whether forward() decodes mu itself in eval mode (True) or a code that it draws (False). Nets
    # of others do the one or the other: it is judged where it is declared.
    mean_in_eval_mode: bool | None = None
    # Highest absolute values that mu and log_sigma may have on average in a new model.
    max_mu: float = 10.0
    max_log_sigma: float = 4.0
    # Values to both sides that mu and log_sigma (not its double) must be able to reach, with some
    # weights; None where that is not to be judged, as of a sigma that is fixed. One in twenty codes
    # of N(0, 1) lies beyond 2, and its sigma is 1.
    reachable_mu: tuple[float, float] | None = (-2.0, 2.0)
    reachable_log_sigma: tuple[float, float] | None = (-1.5, -0.1)

    def encode(self, net: nn.Module, x, *others, **named):
        """mu and log_sigma of the posterior, each (N, ...) of the shape of a latent code.

        Override it where net.encode returns something else: more tensors, sigma itself, a
        distribution.
        """
        return net.encode(x, *others, **named)

    def sample(self, net: nn.Module, mu: Tensor, log_sigma: Tensor):
        """Latent codes drawn for mu and log_sigma, of the shape of mu.

        Several codes a sample have one more axis, the first or the second one. Without an override
        it is the method `bottleneck`, `reparameterize` or `reparametrize`.
        """
        name = next(name for name in SAMPLERS if hasattr(net, name))
        return getattr(net, name)(mu, log_sigma)

    def decode(self, net: nn.Module, latent_code: Tensor, *others, **named):
        """The outputs for latent codes; what test_inputs holds behind its first entry follows.

        Override it where net.decode does not take that, or takes more.
        """
        return net.decode(latent_code, *others, **named)

    def kl_divergence(self, log_sigma: Tensor, mu: Tensor) -> Tensor:
        """The KL divergence that the latent code is trained with, summed over the batch.

        To check the sampler against a loss of your own, set kl_divergence = staticmethod(yours);
        one with free bits, a weight or a capacity without them.
        """
        log_sigma = log_sigma / 2 if self.log_variance else log_sigma
        return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()
