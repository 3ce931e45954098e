# SPDX-License-Identifier: MIT
"""Optimizer steps and backward passes as they are seen from outside."""

import copy
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook

from .passes import Pass, Step, Steps, flat


class Observer:
    """Notes every backward pass, and every optimizer step on the parameters of a model."""

    def __init__(self, parameters: list[Tensor], names: dict[int, str]):
        self.parameters = parameters
        self.members = {id(parameter) for parameter in parameters}
        self.names = names
        self.steps = Steps()
        self.taken: dict[int, int] = {}  # passes at the last step of each optimizer
        self.twins: dict[int, Optimizer] = {}
        self.scales: dict[int, tuple[Tensor | None, float, torch.dtype]] = {}

    def before_step(self, optimizer: Optimizer, arguments: tuple, named: dict):
        held = [p for group in optimizer.param_groups for p in group["params"]]
        if not any(id(parameter) in self.members for parameter in held):
            return None  # the optimizer of something else
        closure = next(filter(is_closure, [*arguments, *named.values()]), None)
        if closure is None:
            self.note(optimizer, held)
            return None

        def noted(*given):
            result = closure(*given)
            self.note(optimizer, held)
            return result

        replaced = [noted if a is closure else a for a in arguments]
        return tuple(replaced), {k: noted if v is closure else v for k, v in named.items()}

    def note(self, optimizer: Optimizer, held: list[Tensor]):
        if id(optimizer) not in self.twins:
            self.twins[id(optimizer)] = copy.deepcopy(optimizer)
        settings = [  # copies: a learning rate may be a tensor, which a schedule changes in place
            {k: copy.deepcopy(v) for k, v in group.items() if k != "params"}
            for group in optimizer.param_groups
        ]
        scale = getattr(optimizer, "grad_scale", None)  # fused: unscaled within the step
        found = flat(torch.zeros_like(p) if p.grad is None else p.grad for p in held)
        overflow = getattr(optimizer, "found_inf", None)
        passes = self.steps.passes[self.taken.get(id(optimizer), 0) :]
        latest = len(self.steps.passes) - max(self.taken.values(), default=0)
        passes = [one for one in passes[:-1] if not one.overflows] + passes[-1:]
        self.taken[id(optimizer)] = len(self.steps.passes)
        self.steps.append(
            Step(
                optimizer,
                self.names.get(id(optimizer), "the optimizer"),
                settings,
                held,
                flat(held),
                passes,
                latest,
                found if scale is None else found / scale.item(),
                self.twins[id(optimizer)],
                skipped=overflow is not None and overflow.item() > 0,
            )
        )

    def note_pass(self, backward, tensors, *arguments, **named):
        before = [None if p.grad is None else p.grad.clone() for p in self.parameters]
        backward(tensors, *arguments, **named)
        losses = [tensors] if isinstance(tensors, Tensor) else list(tensors)
        _, scale, dtype = self.scales.get(id(losses[0]), (None, 1.0, losses[0].dtype))
        gradients = {
            id(p): p.grad.detach().clone() if old is None else p.grad.detach() - old
            for p, old in zip(self.parameters, before, strict=True)
            if p.grad is not None
        }
        loss = sum(one.detach().double().sum().item() for one in losses)
        self.steps.passes.append(Pass(loss, dtype, scale, gradients))

    def note_grad(self, grad, outputs, inputs, *arguments, **named):
        """Gradients that are computed for the parameters, and not added to theirs."""
        found = grad(outputs, inputs, *arguments, **named)
        wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        own = {id(p): g.detach() for p, g in zip(wanted, found, strict=True) if g is not None}
        if self.members & own.keys() and not named.get("create_graph"):
            losses = [outputs] if isinstance(outputs, Tensor) else list(outputs)
            loss = sum(one.detach().double().sum().item() for one in losses)
            self.steps.passes.append(Pass(loss, losses[0].dtype, 1.0, own))
        return found

    def note_scale(self, scale, scaler, outputs):
        scaled = scale(scaler, outputs)
        if isinstance(outputs, Tensor) and scaler.is_enabled():
            # Kept with the tensor, so that no other one gets its id.
            self.scales[id(scaled)] = scaled.detach(), scaler.get_scale(), outputs.dtype
        return scaled


def is_closure(value) -> bool:
    return callable(value) and not isinstance(value, Optimizer)


@contextmanager
def observed_steps(case, trainer) -> Iterator[Steps]:
    """Notes the steps of a trainer on its model, in the order in which they are taken."""
    optimizers = case.optimizers(trainer)
    held = [p for o in optimizers.values() for group in o.param_groups for p in group["params"]]
    parameters = {id(p): p for p in itertools.chain(case.model_of(trainer).parameters(), held)}
    names = {id(optimizer): name for name, optimizer in optimizers.items()}
    observer = Observer(list(parameters.values()), names)
    backward, scale = torch.autograd.backward, torch.amp.GradScaler.scale
    grad = torch.autograd.grad

    def noted_backward(*arguments, **named):
        observer.note_pass(backward, *arguments, **named)

    def noted_grad(*arguments, **named):
        return observer.note_grad(grad, *arguments, **named)

    def noted_scale(scaler, outputs):
        return observer.note_scale(scale, scaler, outputs)

    hook = register_optimizer_step_pre_hook(observer.before_step)
    try:
        with (
            mock.patch.object(torch.autograd, "backward", noted_backward),
            mock.patch.object(torch.autograd, "grad", noted_grad),
            mock.patch.object(torch.amp.GradScaler, "scale", noted_scale),
        ):
            yield observer.steps
    finally:
        hook.remove()


def by_hand(step: Step):
    """Takes a step that was observed with the copy of its optimizer."""
    parameters = [p for group in step.twin.param_groups for p in group["params"]]
    gradients = step.found.split([parameter.numel() for parameter in parameters])
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.view_as(parameter).clone()
    for group, settings in zip(step.twin.param_groups, step.settings, strict=True):
        group.update(settings)  # a schedule may have changed them
    type(step.twin).step(step.twin)  # that of the instance may be the one of the original
