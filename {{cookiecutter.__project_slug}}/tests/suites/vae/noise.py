# SPDX-License-Identifier: MIT
"""Properties of the noise: the latent code follows the normal law that the loss assumes."""

import math
from statistics import NormalDist

import torch
from torch import Tensor

from ..instruments.laws import kolmogorov, student_quantile
from .drawing import FALSE_ALARMS, DrawingProbe, Draws, has_deviation

# Latent dimensions of which the correlations are looked at; evenly spaced where there are more.
CORRELATED = 512


class NoiseTests(DrawingProbe):
    """Tests of `bottleneck(mu, log_sigma)`. Part of AbstractTestVAE."""

    def test_bottleneck_draws_a_latent_code(self):
        """bottleneck returns a latent code of the shape of mu, or several with one more axis."""
        self.check_premise("sample")

    def test_latent_code_has_mean_mu(self):
        """The latent code has the mean mu, in every dimension."""
        mu, log_sigma, codes = self.draws()
        # The mean of n draws is normal with the standard deviation sigma / sqrt(n).
        bound = -NormalDist().inv_cdf(FALSE_ALARMS / (2 * mu.numel())) / math.sqrt(len(codes))
        deviation = (codes.mean(dim=0) - mu).abs() / log_sigma.exp()
        if not deviation.max() <= bound:
            at = int(deviation.argmax())
            self.fail(
                f"{self.sampler_name()}: latent dimension {at} has the mean "
                f"{codes[:, at].mean():.3g} over {len(codes)} draws where mu is {mu[at]:.3g} and "
                f"sigma {log_sigma[at].exp():.3g}.\nIs mu dropped, scaled or confused with "
                f"log_sigma, or is the noise not centred? A flow behind the noise belongs into "
                f"the hook decode."
            )

    def test_latent_code_has_standard_deviation_sigma(self):
        """The latent code has the standard deviation exp(log_sigma), in every dimension."""
        for mode in (True, False):
            with self.subTest(training=mode):
                draws = self.draws(training=mode)
                # In eval mode some models return the mean itself.
                if mode or not torch.equal(draws.codes, draws.mu.expand_as(draws.codes)):
                    self.check_deviation(draws, "training" if mode else "eval")

    def check_deviation(self, draws: Draws, mode: str):
        mu, log_sigma, codes = draws
        if not has_deviation(codes, log_sigma.exp()):
            spread = 2 * log_sigma if self.log_variance else log_sigma
            self.fail(
                f"{self.sampler_name()}: in {mode} mode the latent code has standard deviations "
                f"{rounded(codes.std(dim=0))} where {self.spread_name()} is {rounded(spread)} and "
                f"{self.sigma_formula()} {rounded(log_sigma.exp())}.\n{self.likely_slip(draws)}"
            )

    def likely_slip(self, draws: Draws) -> str:
        """The usual slip that gives the standard deviations found, as a question."""
        found, right = draws.codes.std(dim=0), draws.log_sigma.exp()
        slips = {
            "Is there no noise at all, or one vector for the whole batch?": torch.zeros_like(found),
            **(slips_of_log_variance if self.log_variance else slips_of_log_sigma)(draws.log_sigma),
            "Is the noise uniform on [0, 1]: rand for randn?": right / math.sqrt(12),
            "Is sigma ignored?": torch.ones_like(found),
        }
        for question, expected in slips.items():
            if torch.allclose(found, expected, rtol=0.1, atol=1e-3):
                return question
        return f"z = mu + {self.sigma_formula()} * noise, with noise = torch.randn_like(mu)."

    def test_latent_code_is_normal(self):
        """The noise of the latent code is normally distributed."""
        draws = self.draws()
        noise = draws.noise.flatten()[:20_000]
        p_value = kolmogorov_smirnov(noise)
        if not p_value >= FALSE_ALARMS:
            self.require_declared_scale()
            self.fail(
                f"{self.sampler_name()}: (z - mu) / sigma is not standard normal (p = "
                f"{p_value:.1g}); its values lie in [{noise.min():.2f}, {noise.max():.2f}].\n"
                f"{likely_law(draws)}"
            )

    def test_noise_is_fresh(self):
        """Every sample, dimension and call gets noise of its own."""
        net = self.copied(training=True)
        noise = self.draws(net=net).noise
        step = -(-noise.shape[1] // CORRELATED)
        dimensions = noise[:, ::step]
        self.check_uncorrelated(dimensions, "two latent dimensions", "Is one number drawn for all?")
        again = self.draws(seed=1, net=net).noise
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
        normal = -NormalDist().inv_cdf(FALSE_ALARMS / (3 * width**2))
        t = student_quantile(normal, n - 2)
        bound = t / math.sqrt(n - 2 + t**2)
        if not correlation.abs().max() <= bound:
            self.fail(
                f"{self.sampler_name()}: the noise of {what} has a correlation of "
                f"{correlation.abs().max():.2f}; independent noise stays below {bound:.2f}.\n"
                f"{question}"
            )


def slips_of_log_sigma(log_sigma: Tensor) -> dict[str, Tensor]:
    """Standard deviations that come of taking log_sigma for something else."""
    return {
        "Is log_sigma taken for the logarithm of the variance, exp(0.5 * log_sigma)? If that is "
        "what encode returns, set log_variance = True.": (0.5 * log_sigma).exp(),
        "Is the variance exp(2 * log_sigma) taken for the standard deviation?": (
            2 * log_sigma
        ).exp(),
        "Is log_sigma taken for sigma: is exp() missing?": log_sigma.abs(),
    }


def slips_of_log_variance(log_sigma: Tensor) -> dict[str, Tensor]:
    """The same for log_variance, which is twice log_sigma."""
    return {
        "Is the variance exp(log_variance) taken for the standard deviation: is the factor 0.5 "
        "missing? If encode returns log_sigma, leave log_variance = False.": (2 * log_sigma).exp(),
        "Is the root taken twice, as by exp(0.25 * log_variance)?": (0.5 * log_sigma).exp(),
        "Is log_variance taken for sigma: is exp() missing?": (2 * log_sigma).abs(),
    }


def likely_law(draws: Draws) -> str:
    """What the noise may be, as a question; scaled to unit variance, a uniform one ends at 1.73."""
    noise = draws.noise.flatten()
    if noise.std() < 1e-3:
        return "Is the noise missing?"
    if abs(noise.std() - 1) > 0.1:
        return "Is its scale wrong? See test_latent_code_has_standard_deviation_sigma."
    return "Is the noise uniform (rand for randn), truncated, or of another law than the normal?"


def kolmogorov_smirnov(values: Tensor) -> float:
    """The p-value of the test of Kolmogorov and Smirnov of values against N(0, 1).

    It is the false alarm rate itself; that of the limiting law, which thousands of values have
    reached.
    """
    expected = torch.special.ndtr(values.double().sort().values)
    steps = torch.arange(len(values) + 1, dtype=torch.float64) / len(values)
    distance = torch.maximum(steps[1:] - expected, expected - steps[:-1]).max().item()
    return kolmogorov(math.sqrt(len(values)) * distance)


def rounded(values: Tensor) -> list[float]:
    """The first few values, short enough for a message."""
    return [round(value, 2) for value in values[:4].tolist()]
