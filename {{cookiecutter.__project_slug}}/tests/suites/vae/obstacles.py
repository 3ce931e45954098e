# SPDX-License-Identifier: MIT
"""Why encode, sample or decode of a VAE cannot be judged: a sentence, empty where they can."""

from collections.abc import Callable

import torch
from torch import nn

from ..instruments.calls import eager
from ..instruments.copies import copy_of
from ..instruments.nested import tensors_in
from ..instruments.seeds import seeded
from ..model.premises import said_by
from .contract import SAMPLERS, VAEContract
from .layout import axis_of_samples, sampler_of

NOT_GAUSSIAN = "A net without a Gaussian posterior is one for AbstractTestModel."
HOOKS = {
    "encode": f"Override encode(self, net, x) to return mu and log_sigma. {NOT_GAUSSIAN}",
    "sample": f"Override sample(self, net, mu, log_sigma) to draw a latent code. {NOT_GAUSSIAN}",
    "decode": "Does it need features of the encoder, which a code from the prior lacks? Else "
    "override decode(self, net, latent_code): what else test_inputs holds comes behind the code.",
}
# Codes that a sampler is tried with; a number that nobody draws for a single sample.
SOME = 61


def obstacle_to_encode(case) -> str:
    """`case` is a VAEProbe, here and below."""
    result, reason = tried(case, "encode", ("encode",), case.call_encode, copy_of(case.net).eval())
    number = len(tensors_in(result))
    if reason or number == 2:
        return reason
    found = f"{number} tensors" if number else f"no tensors but {type(result).__name__}"
    return f"{place(case, 'encode')} returns {found}; expected mu, log_sigma.\n{HOOKS['encode']}"


def obstacle_to_sample(case) -> str:
    case.require("encode")
    net = copy_of(case.net).train()
    mu, log_sigma = case.some_posterior(net, SOME)
    result, reason = tried(case, "sample", SAMPLERS, case.call_sample, net, mu, log_sigma)
    if reason:
        return reason
    codes = next(iter(tensors_in(result)), torch.tensor(0.0))
    axis = axis_of_samples(codes, mu)
    # As many codes a sample as there are samples come from noise that was broadcast.
    if axis is None or (axis >= 0 and codes.shape[axis] == SOME):
        return (
            f"{place(case, 'sample')} returns shape {tuple(codes.shape)} for mu "
            f"{tuple(mu.shape)}.\nIs the noise drawn in another shape? {HOOKS['sample']}"
        )
    if (mu < 0).any() and (codes > 0).all():
        return (
            f"{place(case, 'sample')} returns positive latent codes only, where mu has both "
            f"signs.\nIs there an activation behind the sampling? {NOT_GAUSSIAN}"
        )
    return ""


def obstacle_to_decode(case) -> str:
    case.require("encode")
    net = copy_of(case.net).eval()
    inputs = case.inputs_for(net)
    codes = case.beside_code(inputs, case.prior_codes(net, inputs))
    result, reason = tried(case, "decode", ("decode",), case.call_decode, net, codes)
    if reason or case.outputs_of(result):
        return reason
    found = f"no floating tensor but {type(result).__name__}"
    return f"{place(case, 'decode')} returns {found}.\nOverride decode(self, net, latent_code)."


OBSTACLES: dict[str, Callable] = {
    "encode": obstacle_to_encode,
    "sample": obstacle_to_sample,
    "decode": obstacle_to_decode,
}


def tried(case, hook: str, names: tuple[str, ...], function: Callable, net: nn.Module, *arguments):
    """What a hook returns, and why it returns nothing if that is so."""
    if not is_overridden(case, hook) and not any(hasattr(net, name) for name in names):
        return None, f"{case.net_name()} has no method {' or '.join(names)}.\n{HOOKS[hook]}"
    try:
        with seeded(0), torch.no_grad(), eager():
            return function(net, *arguments), ""
    except AssertionError:
        raise
    except Exception as error:
        return None, f"{place(case, hook)} cannot be run: {said_by(error)}\n{HOOKS[hook]}"


def place(case, hook: str) -> str:
    """Where a function of the VAE stands: in the net, or in the test case."""
    if is_overridden(case, hook):
        return f"{type(case).__name__}.{hook}"
    return f"{case.net_name()}.{sampler_of(case.net) if hook == 'sample' else hook}"


def is_overridden(case, hook: str) -> bool:
    return getattr(getattr(case, hook), "__func__", None) is not getattr(VAEContract, hook)
