# SPDX-License-Identifier: MIT
"""How the checks run the three functions of a VAE: on what, and only where they can be run."""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn

from ..instruments.calls import computed
from ..instruments.nested import replaced, tensors_in
from ..instruments.samples import Axis
from ..instruments.seeds import seeded
from ..model.probing import ModelProbe, Part
from .contract import VAEContract
from .layout import arguments_of, axis_of_samples, broadcasts_to, with_batch_axis
from .obstacles import OBSTACLES

# The test that says why a function of a VAE cannot be judged; the others are skipped then.
PREMISES = {
    "encode": "test_encode_returns_mu_and_log_sigma",
    "sample": "test_bottleneck_draws_a_latent_code",
    "decode": "test_decode_takes_latent_codes",
}


class VAEProbe(VAEContract, ModelProbe):
    """What all parts of AbstractTestVAE share."""

    known_vae_obstacles: dict[str, str]  # of a class, by hook; set where they are first asked for

    def encoded(self, net: nn.Module, inputs=None) -> tuple[Tensor, Tensor]:
        """mu and log_sigma for inputs, or for the test inputs, with their graph."""
        self.require("encode")
        mu, spread = tensors_in(self.call_encode(net, inputs))
        return mu, spread / 2 if self.log_variance else spread

    def posterior(self, net: nn.Module, inputs=None, seed: int = 0) -> tuple[Tensor, Tensor]:
        """mu and log_sigma, computed with a seed, without gradients."""
        mu, log_sigma = computed(partial(self.encoded, net), inputs, seed)
        return mu, log_sigma

    def drawn(self, net: nn.Module, mu: Tensor, log_sigma: Tensor) -> Tensor:
        """Latent codes for mu and log_sigma, with their graph."""
        self.require("sample")
        return tensors_in(self.call_sample(net, mu, log_sigma))[0]

    def decoded(self, net: nn.Module, inputs) -> list[Tensor]:
        """The outputs for the test inputs with a latent code in the first place."""
        self.require("decode")
        return self.outputs_of(self.call_decode(net, inputs))

    def call_encode(self, net: nn.Module, inputs=None):
        """What the hook returns for inputs."""
        x, others, named = arguments_of(self.test_inputs if inputs is None else inputs)
        return self.encode(net, x, *others, **named)

    def call_sample(self, net: nn.Module, mu: Tensor, log_sigma: Tensor):
        return self.sample(net, mu, 2 * log_sigma if self.log_variance else log_sigma)

    def call_decode(self, net: nn.Module, inputs):
        latent_code, others, named = arguments_of(inputs)
        return self.decode(net, latent_code, *others, **named)

    def functions(self, net: nn.Module) -> dict[str, Part]:
        """The two halves around the bottleneck, which draws random numbers."""
        self.require("encode")
        self.require("decode")
        inputs, axes = self.inputs_for(net), self.input_axes()

        def encode(inputs) -> list[Tensor]:
            mu, log_sigma = self.encoded(net, inputs)
            return [mu, log_sigma.expand_as(mu) if broadcasts_to(log_sigma, mu) else log_sigma]

        codes = self.beside_code(inputs, self.prior_codes(net, inputs))
        return {
            "encode": Part(encode, inputs, axes),
            "decode": Part(
                partial(self.decoded, net), codes, self.code_axes(), self.declared_axis("outputs")
            ),
        }

    def beside_code(self, inputs, latent_code: Tensor):
        """What decode gets: a latent code in the place of the sample, and the other inputs."""
        if isinstance(inputs, Mapping):
            (sample, _), *others = inputs.items()
            return {sample: latent_code, **{k: v for k, v in others if self.goes_to_decode(k)}}
        if type(inputs) is tuple:
            kept = [inputs[i] for i in range(1, len(inputs)) if self.goes_to_decode(i)]
            return (latent_code, *kept)
        return latent_code

    def goes_to_decode(self, name: int | str) -> bool:
        return self.decode_inputs is None or name in self.decode_inputs

    def code_axes(self) -> list[Axis]:
        """The batch axis of each tensor that decode gets."""
        # Numbers in the places of the tensors, so that those of left out inputs go with them.
        axes = [torch.tensor(-1 if axis is None else axis) for axis in self.input_axes()]
        marked = replaced(self.test_inputs, axes)
        found = tensors_in(self.beside_code(marked, torch.tensor(0)))
        return [None if axis < 0 else int(axis) for axis in found]

    def prior_codes(self, net: nn.Module, inputs=None) -> Tensor:
        """A latent code from N(0, 1) for each input; several where the net draws several."""
        mu, log_sigma = self.posterior(net, inputs)
        if not self.vae_obstacle("sample"):
            codes, *_ = computed(partial(self.drawn, net, mu), log_sigma)
            # Along the first axis they are not the samples of a batch.
            mu = codes if axis_of_samples(codes, mu) == 1 else mu
        with seeded(0):
            return torch.randn_like(mu)

    def many_prior_codes(self, net: nn.Module, count: int):
        """Many of them, all beside the other inputs (the label) of the first sample."""
        inputs = self.inputs_for(net)
        one = self.prior_codes(net, inputs)
        with seeded(0):
            codes = torch.randn(count, *one.shape[1:], dtype=one.dtype)
        return self.beside_code(self.samples([0] * count, inputs), codes)

    def some_posterior(self, net: nn.Module, count: int) -> tuple[Tensor, Tensor]:
        """`count` copies of one mu and log_sigma, drawn at random, of the shapes encode returns.

        sigma lies between 0.4 and 2.7: where log-variance and log_sigma, or sigma and its square,
        are told apart, and where no clamp acts.
        """
        encoded = self.posterior(net, self.inputs_for(net))
        shapes = [with_batch_axis(tensor, encoded[0]).shape[1:] for tensor in encoded]
        with seeded(2):
            mu = 2 * torch.randn(1, *shapes[0]).to(encoded[0].dtype)
            log_sigma = torch.empty(1, *shapes[1]).uniform_(-1, 1).to(encoded[0].dtype)
        return mu.repeat(count, *[1] * len(shapes[0])), log_sigma.repeat(
            count, *[1] * len(shapes[1])
        )

    # Premises

    def require(self, hook: str):
        """Skips where a function of the VAE cannot be judged; its premise says so, once."""
        if self.vae_obstacle(hook):
            self.skipTest(f"{self.net_name()}: {hook} cannot be judged: see {PREMISES[hook]}.")

    def check_premise(self, hook: str):
        """Fails where a function of the VAE cannot be judged; skips where encode cannot."""
        if hook != "encode":
            self.require("encode")
        obstacle = self.vae_obstacle(hook)
        if obstacle:
            self.fail(obstacle)

    def vae_obstacle(self, hook: str) -> str:
        """Why a function cannot be judged, found once for a class; empty where it can."""
        case = type(self)
        if "known_vae_obstacles" not in vars(case):
            case.known_vae_obstacles = {}
        if hook not in case.known_vae_obstacles:
            case.known_vae_obstacles[hook] = OBSTACLES[hook](self)
        return case.known_vae_obstacles[hook]
