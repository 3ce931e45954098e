"""All that a training run goes on from, copied and compared."""

import copy
import random

import torch


def snapshot(trainer) -> dict:
    """Copies of all that a training run goes on from, by name."""
    model = trainer.model
    found = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for name, module in model.named_modules():
        found[f"the mode of {name or 'the model'}"] = module.training
    for name, parameter in model.named_parameters():
        found[f"requires_grad of {name}"] = parameter.requires_grad
        found[f"the gradient of {name}"] = (
            None if parameter.grad is None else parameter.grad.clone()
        )
    for index, state in trainer.optimizer.state_dict()["state"].items():
        for key, value in state.items():
            found[f"{key} in the optimizer's state of parameter {index}"] = copy.deepcopy(value)
    scheduler = getattr(trainer, "scheduler", None)
    if scheduler is not None:
        found["the scheduler's state"] = scheduler.state_dict()
    found["the learning rate"] = [float(group["lr"]) for group in trainer.optimizer.param_groups]
    found["torch's random state"] = torch.get_rng_state()
    found["Python's random state"] = random.getstate()
    return found


def equal(first, second) -> bool:
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return first.shape == second.shape and torch.equal(first, second)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return type(first) is type(second) and first == second
