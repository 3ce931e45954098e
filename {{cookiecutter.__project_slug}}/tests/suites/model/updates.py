# SPDX-License-Identifier: MIT
"""Properties of a model that learns: weights that move, unless they are frozen."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from ..instruments.comparing import same
from ..instruments.nested import is_mask, is_number, mapped
from .probing import ModelProbe

# Batches without any news after which no more are tried where a parameter did not move. An expert
# that every other batch sends a sample to is missed by all of them in one case of four thousand.
WITHOUT_NEWS = 12


class UpdateTests(ModelProbe):
    """Tests of what an optimizer step does to a model. Part of AbstractTestModel."""

    # Steps after which every parameter must have moved. A branch that starts at zero holds back
    # the gradient of what lies behind it for one step, one inside another for two.
    optimizer_steps = 3

    def test_all_parameters_are_updated(self):
        """Every parameter changes within a few optimizer steps, but declared frozen ones do not."""
        net = self.copied(training=True)
        frozen = self.declared_frozen(net)
        before = {name: p.detach().clone() for name, p in net.named_parameters()}
        self.take_optimizer_steps(net, lambda: all_moved(net, before, frozen))
        unused = self.declared_modules("unused_modules", net)
        passed_over = self.passed_over(net, before, frozen | unused)
        for name, parameter in net.named_parameters():
            is_unused = {name, name.rpartition(".")[0]} & unused or name in passed_over
            with self.subTest(parameter=name):
                if name in frozen:
                    self.check_frozen(name, before[name], parameter)
                elif not is_unused:
                    self.check_updated(name, before[name], parameter)

    def passed_over(self, net: nn.Module, before: dict[str, Tensor], known: set[str]) -> set[str]:
        """Names of the parameters that did not move, but have a gradient for other inputs.

        As an expert that none of the samples was sent to.
        """
        still = {
            name: parameter
            for name, parameter in net.named_parameters()
            if parameter.requires_grad
            and not {name, name.rpartition(".")[0]} & known
            and same(parameter, before[name])
        }
        reached: set[str] = set()
        optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-3)
        seed = without_news = 0
        while len(reached) < len(still) and without_news < WITHOUT_NEWS:
            optimizer.zero_grad()
            # Larger ones as well: a router looks at their direction then, not at its bias.
            inputs = mapped(partial(enlarged, 1 + seed), self.redrawn(seed))
            self.propagate(net, self.learning(net, inputs), seed=seed)
            found = {name for name, p in still.items() if p.grad is not None and p.grad.any()}
            without_news = 0 if found - reached else without_news + 1
            reached |= found
            optimizer.step()  # for what lies behind several branches that start at zero
            seed += 1
        return reached

    def take_optimizer_steps(self, net: nn.Module, is_done: Callable = lambda: False):
        """A few steps of Adam on a random upstream gradient, and on the losses that are returned.

        Adam moves a parameter visibly however small its gradient is; it has no weight decay here,
        which would move a parameter without any gradient.
        """
        trainable = [p for p in net.parameters() if p.requires_grad]
        if not trainable:
            self.fail(f"{self.net_name()} has no trainable parameter.\nAre its layers registered?")
        optimizer = torch.optim.Adam(trainable, lr=1e-3)
        for step in range(self.optimizer_steps):
            outputs = self.learning(net, self.training_samples(), seed=step)
            optimizer.zero_grad()
            self.propagate(net, outputs, seed=step)
            optimizer.step()
            if is_done():
                break

    def check_frozen(self, name: str, before: Tensor, after: nn.Parameter):
        if not same(before, after):
            self.fail(
                f"{self.net_name()}.{name} is declared as frozen, but changed in "
                f"{self.optimizer_steps} optimizer steps.\nSet requires_grad to False."
            )

    def check_updated(self, name: str, before: Tensor, after: nn.Parameter):
        place = f"{self.net_name()}.{name}"
        if not after.requires_grad:
            self.fail(
                f"{place} is frozen, but not declared in frozen_parameters.\n"
                f"Was requires_grad set to False by accident?"
            )
        if not after.isfinite().all():
            self.fail(
                f"{place} is not finite after {self.optimizer_steps} optimizer steps.\n"
                f"Which gradient is not: that of a root, a norm or a logarithm at zero?"
            )
        if same(before, after):
            cause = (
                "It never had a gradient. Is the layer used in forward(), and is its output "
                "used and not detached?"
                if after.grad is None
                else "Its gradient is zero. Is its branch multiplied by zero, or its unit dead?"
            )
            self.fail(f"{place} did not change in {self.optimizer_steps} optimizer steps.\n{cause}")

    def test_frozen_modules_keep_their_buffers(self):
        """Training leaves the buffers of modules alone whose parameters are declared frozen."""
        net = self.copied(training=True)
        frozen = self.declared_frozen(net)
        if not frozen:
            self.skipTest(f"{type(self).__name__}.frozen_parameters is empty.")
        before = {name: buffer.clone() for name, buffer in net.named_buffers()}
        self.take_optimizer_steps(net)
        for module_name, module in net.named_modules():
            own = {f"{module_name}.{p}" for p, _ in module.named_parameters(recurse=False)}
            if not own or not own <= frozen:
                continue
            for name, buffer in module.named_buffers(module_name, recurse=False):
                if not same(buffer, before[name]):
                    self.fail(
                        f"{self.net_name()}.{name} changes in training, although the parameters "
                        f"of {module_name} are frozen.\ntrain() puts it back into training mode. "
                        f"Override train() to keep it in eval mode."
                    )


def all_moved(net: nn.Module, before: dict[str, Tensor], frozen: set[str]) -> bool:
    """Whether every parameter has changed that should, so that further steps show nothing more."""
    return not any(
        name not in frozen and same(parameter, before[name])
        for name, parameter in net.named_parameters()
    )


def enlarged(factor: int, tensor: Tensor) -> Tensor:
    return tensor * factor if is_data(tensor) else tensor


def is_data(tensor: Tensor) -> bool:
    return is_number(tensor) and not is_mask(tensor)
