"""The suite for variational autoencoders: what they promise beyond any model.

The tests of the random part are in vae_bottleneck.py.
"""

import math

import torch
from torch import Tensor, nn

from ..instruments.calls import call, eager, tensors_in
from ..instruments.comparing import all_close
from ..instruments.copies import copy_of, perturbed
from ..instruments.seeds import seeded
from ..model import AbstractTestModel
from .bottleneck import BottleneckTests


class AbstractTestVAE(BottleneckTests, AbstractTestModel):
    """Checks a VAE with `encode`, `bottleneck` and `decode`.

    Set `net` and `test_inputs`. Unless declared, the outputs have the shape of the inputs.
    """

    # Highest absolute values that mu and log_sigma may have on average in a new model.
    max_mu: float = 10.0
    max_log_sigma: float = 4.0

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        if self.output_shape is None:
            return [tuple(self.test_inputs.shape)]
        return super().expected_output_shapes()

    def functions(self, net: nn.Module) -> dict:
        """The two halves around the bottleneck, which draws random numbers."""
        inputs = self.inputs_for(net)

        def encode(inputs: Tensor) -> list[Tensor]:
            mu, *others = tensors_in(net.encode(inputs))
            return [mu, *(x.expand_as(mu) if broadcasts_to(x, mu) else x for x in others)]

        return {"encode": (encode, inputs), "decode": (net.decode, prior_codes(net, inputs))}

    def output_for_range(self, net: nn.Module) -> Tensor:
        latent_code = prior_codes(net, self.inputs_for(net))
        return call(net.decode, 10 * latent_code)[0]

    def test_encode_returns_mu_and_log_sigma(self):
        """encode returns mu and log_sigma, two different functions of the shape of the code."""
        net = perturbed(self.net).eval()
        encoded = call(net.encode, self.test_inputs)
        if len(encoded) != 2:
            self.fail(
                f"{self.net_name()}.encode returns {len(encoded)} tensors; expected mu, log_sigma."
            )
        mu, log_sigma = encoded
        found = f"{self.net_name()}.encode returns mu {tuple(mu.shape)} and log_sigma "
        found += f"{tuple(log_sigma.shape)} for {len(self.test_inputs)} samples"
        # One log_sigma for several dimensions is fine.
        if len(mu) != len(self.test_inputs) or not broadcasts_to(log_sigma, mu):
            self.fail(f"{found}.\nAre they split along the wrong axis?")
        if all_close([mu], [log_sigma.expand_as(mu)]):
            self.fail(f"{found}, with the same values.\nIs the same half taken twice?")
        dimensions = mu.flatten(1).T
        if len(dimensions) > 1 and torch.allclose(dimensions, dimensions[:1].expand_as(dimensions)):
            self.fail(f"{found}, and all dimensions of mu are equal.\nIs one of them repeated?")

    def test_posterior_is_not_one_sided(self):
        """mu can have either sign, and sigma can be smaller than 1."""
        lowest_mu, highest_mu, lowest_log_sigma = math.inf, -math.inf, math.inf
        for seed in range(8):
            mu, log_sigma = call(
                perturbed(self.net, size=2.0, seed=seed).eval().encode, self.test_inputs
            )
            lowest_mu = min(lowest_mu, mu.min().item())
            highest_mu = max(highest_mu, mu.max().item())
            lowest_log_sigma = min(lowest_log_sigma, log_sigma.min().item())
            if lowest_mu < 0 < highest_mu and lowest_log_sigma < 0:
                return
        found = f"{self.net_name()}.encode, with eight sets of random weights, returns"
        if not lowest_mu < 0 < highest_mu:
            self.fail(
                f"{found} mu from {lowest_mu:.3g} to {highest_mu:.3g} only.\n"
                f"Is there an activation behind the last layer of the encoder?"
            )
        self.fail(
            f"{found} log_sigma from {lowest_log_sigma:.3g} on only, so that sigma is never below "
            f"1.\nIs it sigma in place of its logarithm, or behind an activation?"
        )

    def test_forward_encodes_samples_and_decodes(self):
        """forward(x) is decode(bottleneck(*encode(x))) under the same seed, in both modes."""
        for mode in (True, False):
            with self.subTest(training=mode):
                outputs = call(copy_of(self.net).train(mode), self.test_inputs)
                net = copy_of(self.net).train(mode)
                composed = call(
                    lambda x, net=net: net.decode(net.bottleneck(*net.encode(x))), self.test_inputs
                )
                if not all_close(outputs[: len(composed)], composed):
                    self.fail(
                        f"{self.net_name()}.forward(x) is not decode(bottleneck(*encode(x))) in "
                        f"{'training' if mode else 'eval'} mode.\nDoes it skip the sampling, swap "
                        f"mu and log_sigma, or do something besides?"
                    )

    def test_decode_depends_on_the_code_alone(self):
        """The outputs for a latent code do not depend on what was encoded before."""
        self.require_two_samples()
        net = perturbed(self.net).eval()
        latent_code = prior_codes(net, self.inputs_for(net))
        outputs = []
        for shift in (0, 1):
            call(net, self.test_inputs.roll(shift, dims=0))
            outputs.append(call(net.decode, latent_code))
        if not all_close(*outputs):
            self.fail(
                f"{self.net_name()}.decode returns something else for the same latent code after "
                f"other inputs were encoded.\nDoes it see features of the encoder? Then samples "
                f"from the prior are worthless."
            )

    def test_every_latent_dimension_reaches_the_decoder(self):
        """Every dimension of the latent code influences the outputs."""
        net = perturbed(self.net).eval()
        latent_code = prior_codes(net, self.inputs_for(net)).requires_grad_()
        with seeded(0), eager():
            outputs = self.differentiable(tensors_in(net.decode(latent_code)))
            torch.autograd.backward(outputs, [torch.randn_like(o) for o in outputs])
        gradient = torch.zeros_like(latent_code) if latent_code.grad is None else latent_code.grad
        unused = gradient.eq(0).all(dim=0).nonzero().flatten().tolist()
        if unused:
            self.fail(
                f"{self.net_name()}.decode ignores {len(unused)} of {latent_code[0].numel()} "
                f"latent dimensions, among them {unused[:5]}.\nIs the code sliced or masked?"
            )

    def test_prior_samples_are_varied(self):
        """Codes drawn from the prior decode to finite outputs, different in every element."""
        net = perturbed(self.net).eval()
        outputs = call(net.decode, prior_codes(net, self.inputs_for(net), count=32))
        self.check_finite(outputs, "codes drawn from the prior")
        constant = (outputs[0] == outputs[0][:1]).all(dim=0)
        if constant.any():
            places = constant.nonzero()
            self.fail(
                f"{self.net_name()}.decode returns the same value for all of 32 random codes in "
                f"{len(places)} of {constant.numel()} elements, the first at "
                f"{tuple(places[0].tolist())}.\nDoes it ignore the code, or leave a border unset?"
            )

    def test_halves_are_not_linear(self):
        """Neither encoder nor decoder is an affine map, followed by an activation at most."""
        net = self.net_in_double_precision()
        for name, (function, inputs) in self.functions(net).items():
            with self.subTest(function=name):
                if not inputs.is_floating_point():
                    self.skipTest(f"Inputs of type {inputs.dtype} cannot be added.")
                if is_affine(function, inputs):
                    self.fail(
                        f"{self.net_name()}.{name} is an affine map of its inputs, followed by "
                        f"an output activation at most.\nAre the activations between its layers "
                        f"missing?"
                    )

    def test_initial_posterior_is_moderate(self):
        """A new model does not encode to extreme means or standard deviations."""
        mu, log_sigma = call(copy_of(self.net).eval().encode, self.test_inputs)
        if not mu.abs().mean() <= self.max_mu:
            self.fail(
                f"{self.net_name()} encodes to a mu around {mu.mean():.3g} in a new model, far "
                f"from the prior; max_mu is {self.max_mu:g}.\nIs an offset added, or are the "
                f"inputs not scaled?"
            )
        size = log_sigma.abs().mean().item()
        if not size <= self.max_log_sigma:
            self.fail(
                f"{self.net_name()} encodes to a log_sigma around {size:.3g} in a new model, that "
                f"is sigmas of e^{size:.3g} or its inverse; max_log_sigma is "
                f"{self.max_log_sigma:g}.\nAre the initial weights of the encoder too large?"
            )


def prior_codes(net: nn.Module, inputs: Tensor, count: int | None = None) -> Tensor:
    """Latent codes drawn from N(0, 1): one for each input, or `count`."""
    mu = call(net.encode, inputs)[0]
    with seeded(0):
        return torch.randn(count or len(mu), *mu.shape[1:], dtype=mu.dtype)


def broadcasts_to(tensor: Tensor, target: Tensor) -> bool:
    """Whether a tensor has the shape of another one, or can be expanded to it."""
    try:
        return torch.broadcast_shapes(tensor.shape, target.shape) == target.shape
    except RuntimeError:
        return False


# Inverses of usual output activations: none, tanh and sigmoid.
INVERSES = (lambda y: y, torch.atanh, torch.logit)


def is_affine(function, inputs: Tensor) -> bool:
    """Whether f(a) + f(b) = f(a + b) + f(0), before a tanh or sigmoid at the end.

    In float64 an affine map meets the equation to about 1e-12. A ReLU that switches between the
    four points misses it by far; small inputs switch few, large ones saturate the activation at
    the end, so several sizes are tried. b is a, rolled.
    """
    fitting = set(INVERSES)
    for a in (0.1 * inputs, inputs, 3 * inputs):
        b = a.roll(1, dims=-1)
        points = (a, b, a + b, torch.zeros_like(a))
        outputs = [torch.cat([o.flatten() for o in call(function, x)]).double() for x in points]
        fitting = {inverse for inverse in fitting if fits_affine_map(inverse, outputs)}
    return bool(fitting)


def fits_affine_map(inverse, outputs: list[Tensor]) -> bool:
    """Whether the equation holds for the values before an activation, where it can be tested."""
    at_a, at_b, at_sum, at_zero = values = [inverse(output) for output in outputs]
    size = torch.stack(values).abs().amax(dim=0)
    if size.isnan().any():  # outputs that this activation cannot have
        return False
    # Beyond 5 a tanh has too few digits left to be inverted.
    usable = size < (math.inf if inverse is INVERSES[0] else 5)
    error = (at_a + at_b - at_sum - at_zero).abs()
    return bool(usable.any() and (error <= 1e-9 * (1 + size))[usable].all())
