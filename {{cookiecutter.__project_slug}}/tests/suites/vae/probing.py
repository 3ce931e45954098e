"""How the checks run the three functions of a VAE, and what they say where one cannot be run."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from ..instruments.calls import computed, eager
from ..instruments.copies import copy_of
from ..instruments.nested import replaced, tensors_in
from ..instruments.samples import Axis
from ..instruments.seeds import seeded
from ..model.probing import ModelProbe, Part, said_by
from .contract import SAMPLERS, VAEContract

# The test that says why a function of a VAE cannot be judged; the others are skipped then.
PREMISES = {
    "encode": "test_encode_returns_mu_and_log_sigma",
    "sample": "test_bottleneck_draws_a_latent_code",
    "decode": "test_decode_takes_latent_codes",
}
# Codes that a sampler is tried with; a number that nobody draws for a single sample.
SOME = 61
NOT_GAUSSIAN = "A net without a Gaussian posterior is one for AbstractTestModel."
HOOKS = {
    "encode": "Override encode(self, net, x) to return mu and log_sigma.",
    "sample": "Override sample(self, net, mu, log_sigma) to draw a latent code.",
    "decode": "Does it need features of the encoder, which a code from the prior lacks? Else "
    "override decode(self, net, latent_code): what else test_inputs holds comes behind the code.",
}


class VAEProbe(VAEContract, ModelProbe):
    """What all parts of AbstractTestVAE share."""

    def encoded(self, net: nn.Module, inputs=None) -> tuple[Tensor, Tensor]:
        """mu and log_sigma for inputs, or for the test inputs, with their graph."""
        self.require("encode")
        mu, spread = self.tensors_encoded(net, inputs)
        return mu, spread / 2 if self.log_variance else spread

    def posterior(self, net: nn.Module, inputs=None, seed: int = 0) -> tuple[Tensor, Tensor]:
        """mu and log_sigma, computed with a seed, without gradients."""
        mu, log_sigma = computed(partial(self.encoded, net), inputs, seed)
        return mu, log_sigma

    def drawn(self, net: nn.Module, mu: Tensor, log_sigma: Tensor) -> Tensor:
        """Latent codes for mu and log_sigma, with their graph."""
        self.require("sample")
        return self.tensors_drawn(net, mu, log_sigma)[0]

    def decoded(self, net: nn.Module, inputs) -> list[Tensor]:
        """The outputs for the test inputs with a latent code in the first place."""
        self.require("decode")
        return self.tensors_decoded(net, inputs)

    def tensors_encoded(self, net: nn.Module, inputs=None) -> list[Tensor]:
        x, others, named = arguments_of(self.test_inputs if inputs is None else inputs)
        return tensors_in(self.encode(net, x, *others, **named))

    def tensors_drawn(self, net: nn.Module, mu: Tensor, log_sigma: Tensor) -> list[Tensor]:
        return tensors_in(self.sample(net, mu, 2 * log_sigma if self.log_variance else log_sigma))

    def tensors_decoded(self, net: nn.Module, inputs) -> list[Tensor]:
        latent_code, others, named = arguments_of(inputs)
        return self.outputs_of(self.decode(net, latent_code, *others, **named))

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
            find = {"encode": self.find_encode, "sample": self.find_sample}
            case.known_vae_obstacles[hook] = find.get(hook, self.find_decode)()
        return case.known_vae_obstacles[hook]

    def find_encode(self) -> str:
        tensors = self.tried("encode", ("encode",), self.tensors_encoded, copy_of(self.net).eval())
        if isinstance(tensors, str):
            return tensors
        if len(tensors) != 2:
            return (
                f"{self.net_name()}.encode returns {len(tensors)} tensors; expected mu, "
                f"log_sigma.\n{HOOKS['encode']} {NOT_GAUSSIAN}"
            )
        return ""

    def find_sample(self) -> str:
        self.require("encode")
        net = copy_of(self.net).train()
        mu, log_sigma = self.some_posterior(net, SOME)
        tensors = self.tried("sample", SAMPLERS, self.tensors_drawn, net, mu, log_sigma)
        if isinstance(tensors, str):
            return tensors
        name = f"{self.net_name()}.{sampler_of(net)}"
        axis = axis_of_samples(tensors[0], mu) if tensors else None
        # As many codes a sample as there are samples come from noise that was broadcast.
        if axis is None or (axis >= 0 and tensors[0].shape[axis] == SOME):
            found = [tuple(tensor.shape) for tensor in tensors]
            return (
                f"{name} returns {f'shape {found[0]}' if found else 'no tensor'} for mu "
                f"{tuple(mu.shape)}.\nIs the noise drawn in another shape? {HOOKS['sample']}"
            )
        if (mu < 0).any() and (tensors[0] > 0).all():
            return (
                f"{name} returns positive latent codes only, where mu has both signs.\nIs there "
                f"an activation behind the sampling? {NOT_GAUSSIAN}"
            )
        return ""

    def find_decode(self) -> str:
        self.require("encode")
        net = copy_of(self.net).eval()
        inputs = self.inputs_for(net)
        codes = self.beside_code(inputs, self.prior_codes(net, inputs))
        tensors = self.tried("decode", ("decode",), self.tensors_decoded, net, codes)
        if isinstance(tensors, str):
            return tensors
        if not tensors:
            return f"{self.net_name()}.decode returns no floating tensor.\n{HOOKS['decode']}"
        return ""

    def tried(self, hook: str, names: tuple[str, ...], function: Callable, net, *arguments):
        """The tensors that a function returns, or a sentence that says why there are none."""
        own = getattr(getattr(self, hook), "__func__", None)
        is_overridden = own is not getattr(VAEContract, hook)
        if not is_overridden and not any(hasattr(net, name) for name in names):
            return f"{self.net_name()} has no method {' or '.join(names)}.\n{HOOKS[hook]}" + (
                "" if hook == "decode" else f" {NOT_GAUSSIAN}"
            )
        try:
            with seeded(0), torch.no_grad(), eager():
                return function(net, *arguments)
        except AssertionError:
            raise
        except Exception as error:
            name = sampler_of(net) if hook == "sample" else hook
            return f"{self.net_name()}.{name} cannot be run: {said_by(error)}\n{HOOKS[hook]}" + (
                f" {NOT_GAUSSIAN}" if hook == "sample" else ""
            )


def arguments_of(inputs) -> tuple:
    """The sample (or code), further positional arguments and keyword arguments in inputs."""
    if isinstance(inputs, Mapping):
        (_, first), *named = inputs.items()
        return first, (), dict(named)
    if type(inputs) is tuple:
        return inputs[0], inputs[1:], {}
    return inputs, (), {}


def with_first(inputs, first):
    """Inputs with something else in the place of the sample."""
    if isinstance(inputs, Mapping):
        return {**inputs, next(iter(inputs)): first}
    return (first, *inputs[1:]) if type(inputs) is tuple else first


def sampler_of(net: nn.Module) -> str:
    """The name of the method that draws a latent code."""
    return next((name for name in SAMPLERS if hasattr(net, name)), "sample")


def axis_of_samples(codes: Tensor, mu: Tensor) -> int | None:
    """The axis of several codes a sample; -1 where there is one code, None for another shape."""
    if codes.shape == mu.shape:
        return -1
    # Not along the batch, whose length both have.
    fitting = [axis for axis in (1, 0) if without(codes.shape, axis) == tuple(mu.shape)]
    return next(iter(fitting), None)


def without(shape: torch.Size, axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def with_batch_axis(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """A log_sigma that is one for all samples, expanded to the shape of mu."""
    if log_sigma.dim() == mu.dim() and len(log_sigma) == len(mu):
        return log_sigma
    return log_sigma.expand_as(mu)


def broadcasts_to(tensor: Tensor, target: Tensor) -> bool:
    """Whether a tensor has the shape of another one, or can be expanded to it."""
    try:
        return torch.broadcast_shapes(tensor.shape, target.shape) == target.shape
    except RuntimeError:
        return False
