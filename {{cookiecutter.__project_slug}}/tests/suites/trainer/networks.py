# SPDX-License-Identifier: MIT
"""Properties of several networks: each optimizer has its own ones, and changes no other."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from ..instruments.seeds import seeded
from .passes import flat
from .probing import TrainerProbe

EPOCHS = 2


class NetworkTests(TrainerProbe):
    """Tests of trainers with several optimizers. Part of AbstractTestTrainer."""

    def require_updates(self) -> dict[str, tuple[str, ...]]:
        self.require_complete()
        if not self.updates:
            self.skipTest("No optimizer is declared to change certain networks only (updates).")
        networks = self.networks(self.trainer)
        for optimizer, names in self.updates.items():
            for name in names:
                if name not in networks:
                    self.fail(
                        f"updates has {name!r} for {optimizer}; the networks are "
                        f"{', '.join(networks)}.\nDefine {type(self).__name__}.networks(trainer)."
                    )
        return self.updates

    def test_each_optimizer_holds_its_own_networks(self):
        """An optimizer holds all of the networks that it is to update, and no other."""
        updates, networks = self.require_updates(), self.networks(self.trainer)
        for name, optimizer in self.optimizers(self.trainer).items():
            if name not in updates:
                self.fail(f"The optimizer {name} is not declared in updates: {', '.join(updates)}.")
            held = {id(p) for group in optimizer.param_groups for p in group["params"]}
            for network, module in networks.items():
                own = network in updates[name]
                wrong = [
                    n for n, p in module.named_parameters()
                    if (id(p) in held) != own and p.requires_grad
                ]  # fmt: skip
                if wrong:
                    self.fail(
                        f"{name} {'does not hold' if own else 'holds'} {network}.{wrong[0]} "
                        f"({len(wrong)} parameters of {network}); it is declared to update "
                        f"{', '.join(updates[name])}.\nOf which network was it given the "
                        f"parameters?"
                    )

    def test_steps_change_their_own_networks_only(self):
        """No step of an optimizer changes a network of another one."""
        updates = self.require_updates()
        trainer = self.probe_trainer()
        networks = self.networks(trainer)
        names = {id(o): name for name, o in self.optimizers(trainer).items()}
        with changes_by_step(networks) as changes, seeded(0):
            self.train(trainer, EPOCHS)
        for optimizer, changed in changes:
            name = names.get(id(optimizer), "an optimizer that is no attribute")
            if foreign := sorted(changed - set(updates.get(name, networks))):
                self.fail(
                    f"A step of {name} changes {foreign[0]}; it is declared to update "
                    f"{', '.join(updates[name])}.\nDoes it hold the parameters of both?"
                )

    def test_every_network_is_trained(self):
        """Each network is changed by training, and by an optimizer that is declared for it."""
        updates = self.require_updates()
        trainer = self.probe_trainer()
        networks = self.networks(trainer)
        before = {name: flat(module.parameters()) for name, module in networks.items()}
        with seeded(0):
            self.train(trainer, EPOCHS)
        for name, module in networks.items():
            declared = [optimizer for optimizer, own in updates.items() if name in own]
            if declared and torch.equal(before[name], flat(module.parameters())):
                self.fail(
                    f"{name} did not change in {EPOCHS} epochs.\nIs {declared[0]}.step() called, "
                    f"after a backward pass that reaches it?"
                )


@contextmanager
def changes_by_step(networks: dict) -> Iterator[list[tuple]]:
    """Notes each optimizer step, with the names of the networks that it changes."""
    changes: list[tuple] = []
    before: dict[str, torch.Tensor] = {}

    def note(*_):
        before.update({name: flat(module.parameters()) for name, module in networks.items()})

    def compare(optimizer, *_):
        changed = {
            name
            for name, module in networks.items()
            if name in before and not torch.equal(before[name], flat(module.parameters()))
        }
        changes.append((optimizer, changed))

    hooks = register_optimizer_step_pre_hook(note), register_optimizer_step_post_hook(compare)
    try:
        yield changes
    finally:
        for hook in hooks:
            hook.remove()
