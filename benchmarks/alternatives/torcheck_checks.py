"""torcheck 1.0.1, with all of its checks switched on."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from .subject import declared_range, single_tensor, target_like


def watched_by_torcheck(model: nn.Module, optimizer: torch.optim.Optimizer, output_range):
    """Hooks its checks into the optimizer's step() and the model's forward()."""
    from torcheck import Registry

    registry = Registry()
    registry.register(optimizer)
    held = {p for group in optimizer.param_groups for p in group["params"]}
    for name, parameter in model.named_parameters():
        if parameter in held:
            registry.add_tensor(parameter, name, changing=parameter.requires_grad, check_nan=True)
    if output_range is not None:
        registry.add_module_output_range_check(model, output_range)
    for check in (registry.add_module_nan_check, registry.add_module_inf_check):
        check(model)


class TorcheckModelTests:
    def test_training(self):
        net = copy.deepcopy(self.net)
        optimizer = torch.optim.Adam(net.parameters())
        watched_by_torcheck(net, optimizer, declared_range(self))
        for _ in range(3):
            optimizer.zero_grad()
            F.mse_loss(net(single_tensor(self)), target_like(self)).backward()
            optimizer.step()


class TorcheckTrainerTests:
    def test_training(self):
        trainer = self.trainer
        watched_by_torcheck(trainer.model, trainer.optimizer, (-1, 1))
        trainer.train(3)
