# SPDX-License-Identifier: MIT
"""What a model does in one mode: observed once for a test case, and read by several checks.

The facts are those of its code, not of its weights, so that they hold for every net that setUp
builds. Running the model anew for each of them would take several times as long.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..instruments.calls import eager
from ..instruments.comparing import same
from ..instruments.hooks import observing
from ..instruments.nested import cloned, tensors_in
from ..instruments.seeds import seeded
from .kinds import leaves


@dataclass
class Observation:
    """A forward pass under a seed."""

    result: object  # what the net returned
    called: set[str]  # names of the modules without children that ran
    changes_inputs: bool
    changed_parameters: list[str]
    changed_buffers: list[str]
    built_parameters: list[str]
    wrong_modes: list[str]  # of modules that are in another mode afterwards
    random_state: Tensor  # of torch's generator, afterwards
    draws: bool  # whether that is another one than before


def observe(call, net: nn.Module, inputs, seed: int = 0) -> Observation:
    """Calls a net and notes what it changes; `call(net, inputs)` is the hook of the contract."""
    parameters, buffers = (
        copies_by_name(net.named_parameters()),
        copies_by_name(net.named_buffers()),
    )
    mode, passed, called = net.training, cloned(inputs), set()
    watching = observing(leaves(net), lambda module: called.add(module.name))
    with watching, seeded(seed), torch.no_grad(), eager():
        before = torch.get_rng_state()
        result = call(net, passed)
        random_state = torch.get_rng_state()
    pairs = zip(tensors_in(passed), tensors_in(inputs), strict=True)
    return Observation(
        result=result,
        called=called,
        changes_inputs=not all(same(now, then) for now, then in pairs),
        changed_parameters=changed(net.named_parameters(), parameters),
        changed_buffers=changed(net.named_buffers(), buffers),
        built_parameters=[name for name, _ in net.named_parameters() if name not in parameters],
        wrong_modes=[name or "the model" for name, m in net.named_modules() if m.training != mode],
        random_state=random_state,
        draws=not torch.equal(before, random_state),
    )


def copies_by_name(tensors) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors}


def changed(tensors, before: dict[str, Tensor]) -> list[str]:
    """Names of the tensors that have other values; one of another shape was built anew."""
    return [
        name
        for name, now in tensors
        if name in before and now.shape == before[name].shape and not same(now, before[name])
    ]
