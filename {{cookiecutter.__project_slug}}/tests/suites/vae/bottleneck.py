"""Properties of the random part of a VAE: the latent code follows the law that the loss assumes.

The statistical tests fix their seed, so that they give the same verdict on every run. Their bounds
follow from the law: over all seeds, a correct sampler would fail one of them with a probability
below 1e-6. Most run in training mode only: some models return mu itself in eval mode.
"""

import math

import torch
from scipy import special  # scipy.stats takes half a second to import
from torch import Tensor, nn

from ..instruments.calls import call, eager
from ..instruments.copies import copy_of
from ..instruments.seeds import seeded

# Codes drawn for the same mu and log_sigma.
DRAWS = 4000
# False alarms of each test over all seeds. Divided by the number of comparisons it makes
# (Bonferroni), which bounds the probability that any of them fails.
FALSE_ALARMS = 1e-6


class BottleneckTests:
    """Tests of `bottleneck(mu, log_sigma)`. Part of AbstractTestVAE."""

    def kl_divergence(self, log_sigma: Tensor, mu: Tensor) -> Tensor:
        """The KL divergence that the latent code is trained with.

        To check the sampler against a loss of your own, set kl_divergence = staticmethod(yours).
        """
        return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()

    def test_latent_code_has_mean_mu(self):
        """The latent code has the mean mu, in every dimension."""
        mu, log_sigma, codes = self.draws()
        # The mean of n draws is normal with the standard deviation sigma / sqrt(n).
        bound = -special.ndtri(FALSE_ALARMS / (2 * mu.numel())) / math.sqrt(DRAWS)
        deviation = (codes.mean(dim=0) - mu).abs() / log_sigma.exp()
        if not deviation.max() <= bound:
            at = int(deviation.argmax())
            self.fail(
                f"{self.net_name()}.bottleneck: latent dimension {at} has the mean "
                f"{codes[:, at].mean():.3g} over {DRAWS} draws where mu is {mu[at]:.3g} and sigma "
                f"{log_sigma[at].exp():.3g}.\nIs mu dropped, scaled or confused with log_sigma, "
                f"or is the noise not centred?"
            )

    def test_latent_code_has_standard_deviation_sigma(self):
        """The latent code has the standard deviation exp(log_sigma), in every dimension."""
        for mode in (True, False):
            with self.subTest(training=mode):
                mu, log_sigma, codes = self.draws(training=mode)
                # In eval mode some models return the mean itself.
                if mode or not torch.equal(codes, mu.expand_as(codes)):
                    self.check_deviation(mu, log_sigma, codes)

    def check_deviation(self, mu: Tensor, log_sigma: Tensor, codes: Tensor):
        # (n - 1) s^2 / sigma^2 follows a chi-squared law with n - 1 degrees of freedom.
        tail = FALSE_ALARMS / (2 * mu.numel())
        low = 2 * special.gammaincinv((DRAWS - 1) / 2, tail)
        high = 2 * special.gammainccinv((DRAWS - 1) / 2, tail)
        ratio = (DRAWS - 1) * codes.var(dim=0) / (2 * log_sigma).exp()
        if not (low <= ratio.min() and ratio.max() <= high):
            self.fail(
                f"{self.net_name()}.bottleneck: the latent code has standard deviations "
                f"{rounded(codes.std(dim=0))} where log_sigma is {rounded(log_sigma)} and "
                f"exp(log_sigma) {rounded(log_sigma.exp())}.\n{likely_slip(codes, log_sigma)}"
            )

    def test_latent_code_is_normal(self):
        """The noise of the latent code is normally distributed."""
        mu, log_sigma, codes = self.draws()
        noise = ((codes - mu) / log_sigma.exp()).flatten()[: 5 * DRAWS]
        p_value = kolmogorov_smirnov(noise)
        if not p_value >= FALSE_ALARMS:
            self.fail(
                f"{self.net_name()}.bottleneck: (z - mu) / sigma is not standard normal (p = "
                f"{p_value:.1g}); its values lie in [{noise.min():.2f}, {noise.max():.2f}].\nIs "
                f"the noise uniform (rand for randn), truncated or missing?"
            )

    def test_noise_is_fresh(self):
        """Every sample, dimension and call gets noise of its own."""
        net = copy_of(self.net).train()
        mu, log_sigma, codes = self.draws(net=net)
        noise = (codes - mu) / log_sigma.exp()
        self.check_uncorrelated(noise, "two latent dimensions", "Is one number drawn for all?")
        again = (self.draws(seed=1, net=net)[2] - mu) / log_sigma.exp()
        pairs = {
            "two calls": (noise, again, "Is the noise drawn once and kept, or the seed set?"),
            "neighbouring samples": (noise[:-1], noise[1:], "Is one vector drawn for the batch?"),
        }
        for what, (first, second, question) in pairs.items():
            pair = torch.stack([first.flatten(), second.flatten()], dim=1)
            self.check_uncorrelated(pair, what, question)

    def check_uncorrelated(self, columns: Tensor, what: str, question: str):
        """Fails where two columns of noise are correlated.

        Among n independent normal pairs the correlation r of two columns has a Student t law:
        r sqrt((n - 2) / (1 - r^2)), with n - 2 degrees of freedom.
        """
        n, width = columns.shape
        if width < 2:
            return
        centred = columns - columns.mean(dim=0)
        scaled = centred / centred.norm(dim=0).clamp_min(1e-30)
        correlation = (scaled.T @ scaled).fill_diagonal_(0)
        t = -special.stdtrit(n - 2, FALSE_ALARMS / (3 * width**2))
        bound = t / math.sqrt(n - 2 + t**2)
        if not correlation.abs().max() <= bound:
            self.fail(
                f"{self.net_name()}.bottleneck: the noise of {what} has a correlation of "
                f"{correlation.abs().max():.2f}; independent noise stays below {bound:.2f}.\n"
                f"{question}"
            )

    def test_gradients_pass_through_the_sampling(self):
        """The latent code has the gradients 1 to mu and z - mu to log_sigma."""
        net = copy_of(self.net).train()
        mu, log_sigma = (t.requires_grad_() for t in self.posterior(net, count=4))
        with seeded(0), eager():
            codes = net.bottleneck(mu, log_sigma)
            upstream = torch.randn_like(codes)
        if not codes.requires_grad:
            self.fail(
                f"{self.net_name()}.bottleneck returns a latent code without a gradient.\nIs it "
                f"detached, or drawn by torch.normal() or .sample() in place of .rsample()?"
            )
        codes.backward(upstream)
        # Where one log_sigma stands for several dimensions, their gradients add up.
        to_sigma = (upstream * (codes - mu).detach()).sum_to_size(log_sigma.shape)
        expected = {"mu": upstream, "log_sigma": to_sigma}
        for name, tensor in (("mu", mu), ("log_sigma", log_sigma)):
            gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
            if not torch.allclose(gradient, expected[name], rtol=1e-3, atol=1e-4):
                self.fail(
                    f"{self.net_name()}.bottleneck: the gradient to {name} is not "
                    f"{'1' if name == 'mu' else 'z - mu'} (it is off by up to "
                    f"{(gradient - expected[name]).abs().max():.2g}).\nIs it detached, rounded "
                    f"or scaled? z = mu + exp(log_sigma) * noise."
                )

    def test_sampler_and_kl_divergence_agree(self):
        """The KL divergence estimated from drawn codes equals the closed form.

        The estimate is the mean of log q(z) - log p(z), which is (z^2 - e^2) / 2 - log_sigma per
        dimension with e = (z - mu) / sigma. Its variance under the law is
        (sigma^2 - 1)^2 / 2 + (mu sigma)^2 per dimension.
        """
        mu, log_sigma, codes = self.draws()
        sigma = log_sigma.exp()
        noise = (codes - mu) / sigma
        estimate = ((codes.square() - noise.square()) / 2 - log_sigma).sum(dim=1).mean().item()
        variance = ((sigma.square() - 1).square() / 2 + (mu * sigma).square()).sum().item()
        # A mean of 4000 draws of a chi-squared mixture is normal up to a skewness below 0.05,
        # which raises the probability beyond 6 standard deviations from 2e-9 to less than 1e-8.
        bound = 6 * math.sqrt(variance / DRAWS)
        closed_form = float(self.kl_divergence(log_sigma.unsqueeze(0), mu.unsqueeze(0)))
        if not abs(estimate - closed_form) <= bound:
            self.fail(
                f"{self.net_name()}: drawn codes have a KL divergence of {estimate:.4g} +- "
                f"{bound / 6:.2g}, the closed form gives {closed_form:.4g}.\nDo the sampler and "
                f"the loss agree on log_sigma: logarithm of the standard deviation, or variance?"
            )

    def draws(
        self, seed: int = 0, training: bool = True, net: nn.Module | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """mu (D,), log_sigma (D,) and many codes (n, D) drawn for them; codes are flattened."""
        net = net or copy_of(self.net).train(training)
        mu, log_sigma = self.posterior(net, DRAWS)
        (codes,) = call(lambda mu: net.bottleneck(mu, log_sigma), mu, seed)
        if codes.shape != mu.shape:
            self.fail(
                f"{self.net_name()}.bottleneck returns shape {tuple(codes.shape)} for mu "
                f"{tuple(mu.shape)}.\nIs the noise drawn in another shape?"
            )
        log_sigma = log_sigma.expand_as(mu)
        return mu[0].flatten(), log_sigma[0].flatten(), codes.flatten(1)

    def posterior(self, net: nn.Module, count: int) -> tuple[Tensor, Tensor]:
        """`count` copies of one mu and log_sigma, drawn at random, of the shapes encode returns.

        sigma lies between 0.4 and 2.7: where log-variance and log_sigma, or sigma and its square,
        are told apart, and where no clamp acts.
        """
        encoded = call(net.encode, self.test_inputs)
        shapes = [with_batch_axis(tensor, encoded[0]).shape[1:] for tensor in encoded]
        dtype = self.inputs_for(net).dtype
        dtype = dtype if dtype.is_floating_point else torch.get_default_dtype()
        with seeded(2):
            mu = 2 * torch.randn(1, *shapes[0], dtype=dtype)
            log_sigma = torch.empty(1, *shapes[1], dtype=dtype).uniform_(-1, 1)
        return mu.repeat(count, *[1] * len(shapes[0])), log_sigma.repeat(
            count, *[1] * len(shapes[1])
        )


def with_batch_axis(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """A log_sigma that is one for all samples, expanded to the shape of mu."""
    if log_sigma.dim() == mu.dim() and len(log_sigma) == len(mu):
        return log_sigma
    return log_sigma.expand_as(mu)


def kolmogorov_smirnov(values: Tensor) -> float:
    """The p-value of the test of Kolmogorov and Smirnov of values against N(0, 1).

    It is the false alarm rate itself; that of the limiting law, which thousands of values have
    reached.
    """
    expected = torch.special.ndtr(values.double().sort().values)
    steps = torch.arange(len(values) + 1, dtype=torch.float64) / len(values)
    distance = torch.maximum(steps[1:] - expected, expected - steps[:-1]).max().item()
    return float(special.kolmogorov(math.sqrt(len(values)) * distance))


def rounded(values: Tensor) -> list[float]:
    """The first few values, short enough for a message."""
    return [round(value, 2) for value in values[:4].tolist()]


def likely_slip(codes: Tensor, log_sigma: Tensor) -> str:
    """The usual slip that gives the standard deviations found, as a question."""
    found = codes.std(dim=0)
    slips = {
        "Is there no noise at all, or one vector for the whole batch?": torch.zeros_like(found),
        "Is log_sigma taken for the logarithm of the variance, exp(0.5 * log_sigma)?": (
            0.5 * log_sigma
        ).exp(),
        "Is the variance exp(2 * log_sigma) taken for the standard deviation?": (
            2 * log_sigma
        ).exp(),
        "Is log_sigma taken for sigma: is exp() missing?": log_sigma.abs(),
        "Is the noise uniform on [0, 1]: rand for randn?": log_sigma.exp() / math.sqrt(12),
        "Is sigma ignored?": torch.ones_like(found),
    }
    for question, expected in slips.items():
        if torch.allclose(found, expected, rtol=0.1, atol=1e-3):
            return question
    return "z = mu + exp(log_sigma) * noise, with noise = torch.randn_like(mu)."
