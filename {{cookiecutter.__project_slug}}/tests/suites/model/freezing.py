# SPDX-License-Identifier: MIT
"""Properties of a model of which a part is frozen: the rest of it learns, and that part stays."""

from contextlib import contextmanager
from types import SimpleNamespace
from unittest import mock

import torch
import torch.utils.checkpoint
from torch import nn

from ..instruments.copies import copy_of
from .passes import ModelPasses


class FreezingTests(ModelPasses):
    """Tests of frozen parts. Part of AbstractTestModel."""

    def test_train_freezes_nothing(self):
        """Which parameters are trained is settled when the model is built, not by train()."""
        self.require_running()
        net = copy_of(self.net)
        before = {name: p.requires_grad for name, p in net.named_parameters()}
        for mode in (False, True):
            net.train(mode)
            for name, parameter in net.named_parameters():
                built = before.get(name, parameter.requires_grad)
                if parameter.requires_grad != built:
                    self.fail(
                        f"{self.net_name()}.{name}: requires_grad is {built} in a new model, but "
                        f"{parameter.requires_grad} after {'train' if mode else 'eval'}().\nAn "
                        f"optimizer that is built before knows nothing of it. Set it in __init__."
                    )

    def test_frozen_backbone_keeps_its_statistics(self):
        """train() brings no normalisation of a frozen part back to life."""
        if not self.frozen_parameters:
            self.skipTest(f"{type(self).__name__}.frozen_parameters is empty.")
        net = self.copied().train()
        frozen = self.declared_frozen(net)
        parts = [name for name, module in net.named_modules() if is_frozen(name, module, frozen)]
        before = {name: buffer.clone() for name, buffer in net.named_buffers()}
        self.outputs(net)
        for name, buffer in net.named_buffers():
            part = next((part for part in parts if name.startswith(f"{part}.")), None)
            if part is not None and not torch.equal(buffer, before[name]):
                self.fail(
                    f"{self.net_name()}.{name} follows the batches, although all parameters of "
                    f"{part} are frozen.\ntrain() puts it back into training mode. Override "
                    f"train() so that it calls self.{part}.eval() at the end."
                )

    def test_checkpointing_keeps_gradients(self):
        """Reentrant checkpointing takes no gradient away."""
        net = self.copied(training=True)
        with without_reentrant_checkpoints() as calls:
            self.outputs(net)
            if not calls:
                self.skipTest(f"{self.net_name()} does not use reentrant checkpointing.")
            expected = self.gradients(net)
        found = self.gradients(self.copied(training=True))
        for name in expected:
            if name not in found:
                self.fail(
                    f"{self.net_name()}.{name} has a gradient without checkpointing only.\nA "
                    f"reentrant checkpoint gives none where no input of it has one, as behind "
                    f"data or frozen layers. Call checkpoint(..., use_reentrant=False)."
                )


def is_frozen(name: str, module: nn.Module, frozen: set[str]) -> bool:
    """Whether a part of a net has parameters, and all of them are frozen."""
    parameters = {parameter for parameter, _ in module.named_parameters(name)}
    return bool(name) and bool(parameters) and parameters <= frozen


@contextmanager
def without_reentrant_checkpoints():
    """Calls what is checkpointed directly; gives a list with an entry for each of those calls."""
    calls: list[None] = []

    def apply(function, preserve_rng_state, *inputs):
        calls.append(None)
        return function(*inputs)

    replacement = SimpleNamespace(apply=apply)
    with mock.patch.object(torch.utils.checkpoint, "CheckpointFunction", replacement):
        yield calls
