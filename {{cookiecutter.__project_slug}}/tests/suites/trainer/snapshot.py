# SPDX-License-Identifier: MIT
"""All that a training run goes on from, copied and compared."""

import copy
import random

import torch


def snapshot(case, trainer) -> dict:
    """Copies of all that a training run goes on from, by name."""
    model = case.model_of(trainer)
    found = state_of_model(model)
    if (averaged := case.averaged_model(trainer)) is not None:
        for name, value in averaged.state_dict().items():
            found[f"the averaged {name}"] = copy.deepcopy(value)
    optimizers = case.optimizers(trainer)
    for key, optimizer in optimizers.items():
        owner = "the optimizer" if len(optimizers) == 1 else key
        for index, state in optimizer.state_dict()["state"].items():
            for name, value in state.items():
                found[f"{name} in {owner}'s state of parameter {index}"] = copy.deepcopy(value)
    for key, scheduler in case.schedulers(trainer).items():
        if hasattr(scheduler, "state_dict"):
            found[f"the {key}'s state"] = scheduler.state_dict()
    if (scaler := case.scaler(trainer)) is not None:
        found["the scaler's state"] = scaler.state_dict()
    for key, optimizer in optimizers.items():
        rates = [float(group["lr"]) for group in optimizer.param_groups]
        found["the learning rate" + (f" of {key}" if len(optimizers) > 1 else "")] = rates
    found["torch's random state"] = torch.get_rng_state()
    found["Python's random state"] = random.getstate()
    return found


def state_of_model(model) -> dict:
    """Weights, buffers, modes, and gradients."""
    found = {name: copy.deepcopy(value) for name, value in model.state_dict().items()}
    for name, module in model.named_modules():
        found[f"the mode of {name or 'the model'}"] = module.training
    for name, parameter in model.named_parameters():
        found[f"requires_grad of {name}"] = parameter.requires_grad
        found[f"the gradient of {name}"] = (
            None if parameter.grad is None else parameter.grad.clone()
        )
    return found


def is_random_state(key: str) -> bool:
    return key.endswith("random state")


def equal(first, second) -> bool:
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return first.shape == second.shape and (torch.equal(first, second) or alike(first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return type(first) is type(second) and first == second


def alike(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two tensors are the same where they are numbers: a gradient may overflow."""
    return bool(((first == second) | ((first != first) & (second != second))).all())


def different_keys(first: dict, second: dict) -> list[str]:
    return [key for key in first if not equal(first[key], second.get(key))]
