"""Optimizer steps as they are seen from outside."""

import copy
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook


@dataclass
class Step:
    """What there was just before an optimizer step. Weights and gradients are flat and joined."""

    optimizer: torch.optim.Optimizer
    settings: list[dict]  # of the parameter groups
    weights: Tensor
    losses: list[float]  # back-propagated since the last step
    expected: Tensor  # the gradient of their sum
    found: Tensor  # the gradient that the optimizer sees
    has_closure: bool

    @property
    def learning_rate(self) -> float:
        return float(self.settings[0]["lr"])


@contextmanager
def observed_steps(model) -> Iterator[list[Step]]:
    """Notes every backward pass, and every optimizer step on the parameters of a model."""
    steps: list[Step] = []
    losses: list[float] = []
    parameters = list(model.parameters())
    expected = torch.zeros_like(flat(parameters))
    backward = Tensor.backward

    def noted_backward(loss: Tensor, gradient: Tensor | None = None, *arguments, **named):
        gradients = torch.autograd.grad(
            loss, parameters, gradient, retain_graph=True, allow_unused=True
        )
        expected.add_(flat(filled(gradients, parameters)))
        losses.append(loss.sum().item())
        backward(loss, gradient, *arguments, **named)

    def before_step(optimizer, arguments, named):
        groups = optimizer.param_groups
        if all(p is not parameters[0] for group in groups for p in group["params"]):
            return  # the optimizer of something else
        settings = [  # copies: a learning rate may be a tensor, which a schedule changes in place
            {k: copy.deepcopy(v) for k, v in group.items() if k != "params"} for group in groups
        ]
        found = flat(filled([p.grad for p in parameters], parameters))
        has_closure = any(map(callable, [*arguments, *named.values()]))
        noted = losses[:], expected.clone(), found, has_closure
        steps.append(Step(optimizer, settings, flat(parameters), *noted))
        losses.clear()
        expected.zero_()

    hook = register_optimizer_step_pre_hook(before_step)
    try:
        with mock.patch.object(Tensor, "backward", noted_backward):
            yield steps
    finally:
        hook.remove()


def by_hand(model, optimizer: torch.optim.Optimizer, step: Step):
    """Takes a step that was observed with a copy of the model and of its optimizer."""
    parameters = list(model.parameters())
    gradients = step.found.split([parameter.numel() for parameter in parameters])
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.view_as(parameter).clone()
    for group, settings in zip(optimizer.param_groups, step.settings, strict=True):
        group.update(settings)  # a schedule may have changed them
    optimizer.step()


@contextmanager
def watched_graphs() -> Iterator[list[weakref.ref]]:
    """Weak references to something that lives as long as the graph of each loss."""
    graphs: list[weakref.ref] = []
    backward = Tensor.backward

    def noted_backward(loss: Tensor, *arguments, **named):
        def hook(*_):
            pass

        graphs.append(weakref.ref(hook))
        if loss.grad_fn is not None:
            loss.grad_fn.register_hook(hook)
        backward(loss, *arguments, **named)

    with mock.patch.object(Tensor, "backward", noted_backward):
        yield graphs


def flat(tensors) -> Tensor:
    """A copy of all values, one after another."""
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def filled(gradients, parameters) -> list[Tensor]:
    """Gradients, with zeros where there are none."""
    return [
        torch.zeros_like(p) if gradient is None else gradient
        for gradient, p in zip(gradients, parameters, strict=True)
    ]


def near(first: Tensor, second: Tensor) -> bool:
    return bool((first - second).norm() < 1e-3 * first.norm())
