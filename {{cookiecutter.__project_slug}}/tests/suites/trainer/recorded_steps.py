# SPDX-License-Identifier: MIT
"""What a record holds of an optimizer step, and what it says of a step that differs."""

from typing import NamedTuple

from torch import Tensor

from .passes import Step


class Seen(NamedTuple):
    """The samples that the model was called with before so many steps were taken."""

    steps: int
    samples: list[int]


def samples_of_step(seen: list[Seen], number: int) -> list[int]:
    """Those of all parts of a batch; a model may be called with a part several times."""
    parts: list[list[int]] = []
    for steps, samples in seen:
        if steps == number and samples not in parts:
            parts.append(samples)
    return sum(parts, [])


def numbers_of(step: Step) -> dict:
    """Of several backward passes, the sum of their losses."""
    settings = {
        f"{name} of group {index}" if index else name: value
        for index, group in enumerate(step.settings)
        for name, value in group.items()
        if isinstance(value, int | float | tuple | Tensor) and name != "initial_lr"
    }
    return {
        "loss": float(sum(step.losses)),
        "gradient": step.found.double().norm().item(),
        "optimizer": type(step.optimizer).__name__,
        "settings": {name: plain(value) for name, value in settings.items()},
    }


def plain(setting):
    """A setting of an optimizer as JSON has it."""
    if isinstance(setting, Tensor):  # a learning rate may be one
        return setting.tolist()
    return list(setting) if isinstance(setting, tuple) else setting


def near(before: float, now: float, tolerance: float = 1e-6) -> bool:
    """Within a share of the larger one; what is not finite is like itself only."""
    return repr(before) == repr(now) or abs(before - now) <= tolerance * max(abs(before), abs(now))


def cause_of_loss(number: int, old: list[dict], new: list[dict]) -> str:
    if number and (change := change_of_optimizer(old[number - 1], new[number - 1])):
        return f"Step {number - 1}, before it, {change}."
    before, now = old[number]["terms"], new[number]["terms"]
    if other := [tag for tag in before if tag in now and not near(before[tag], now[tag])]:
        tag = other[0]
        return (
            f"Of its terms, {tag} is {now[tag]:.6g} and was {before[tag]:.6g}: is it computed "
            f"otherwise, or from other inputs?"
        )
    if before and before.keys() == now.keys():
        return f"Its terms {', '.join(before)} agree: is the weight of one another?"
    if not number:
        return (
            "Weights and samples are the same: is the loss, or a weight in it, another one, are "
            "inputs normalised, or noise and dropout drawn otherwise?"
        )
    return (
        f"Step {number - 1} had the same gradient and optimizer: are weights changed beside it, "
        f"left as they were, or noise drawn otherwise?"
    )


def cause_of_gradient(number: int, old: list[dict], new: list[dict]) -> str:
    return (
        "The loss is the same: is it scaled before backward(), is a part detached, or are "
        "gradients clipped, accumulated or cleared otherwise?"
    )


def change_of_optimizer(before: dict, now: dict) -> str:
    """How another optimizer or another setting took a step; empty where both are the same."""
    if before["optimizer"] != now["optimizer"]:
        return f"was taken by {before['optimizer']}, and is by {now['optimizer']}"
    for name, value in before["settings"].items():
        if name in now["settings"] and now["settings"][name] != value:
            return f"had {name} = {value}, and has {now['settings'][name]}"
    return ""
