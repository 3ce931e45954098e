"""How gradients are computed: in which precision, and in how many parts of a batch."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from .batches import split
from .distributed import all_reduce_sum

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Engine:
    """Computes gradients and takes optimizer steps with them.

    precision: of the layers that tolerate a lower one; weights and losses stay as they are. parts:
    gradient accumulation, a batch goes through the model in so many parts, which takes less memory.

    Raises ValueError where this device cannot compute in a precision.
    """

    def __init__(self, device: torch.device, precision: str = "float32", parts: int = 1):
        self.device = device
        self.dtype = PRECISIONS[precision]
        self.number_of_parts = parts
        check_precision(device, precision)
        # Gradients below the smallest float16 would become zero: the loss is scaled up before they
        # are computed, and they are scaled down after. A step with gradients too large is skipped.
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")

    @property
    def skips_overflows(self) -> bool:
        """Whether a step with gradients that are not finite is left out."""
        return self.scaler.is_enabled()

    def parts(self, batch: Any) -> list:
        """What goes through the model at once: the batch, or its parts."""
        return [batch] if self.number_of_parts == 1 else split(batch, self.number_of_parts)

    def autocast(self) -> AbstractContextManager:
        """Within it, layers compute in the precision."""
        return torch.autocast(self.device.type, self.dtype) if self.dtype else nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Adds the gradients of a loss to those that are there."""
        self.scaler.scale(loss).backward()

    def clip_gradients(self, optimizer: torch.optim.Optimizer, max_norm: float | None) -> Tensor:
        """Scales the gradients of an optimizer to a norm, if any; returns the norm they had."""
        self.scaler.unscale_(optimizer)
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        return nn.utils.clip_grad_norm_(parameters, max_norm or math.inf)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        self.scaler.step(optimizer)
        self.scaler.update()

    def finite_values(self, terms: dict[str, Tensor], grad_norm: Tensor, where: str) -> dict:
        """The terms, their sum as "loss" and the norm as "grad_norm", as numbers.

        Terms are summed over all processes. Raises FloatingPointError where something is not
        finite; only a scaler may skip a step whose gradient overflows.
        """
        summed = all_reduce_sum(torch.stack([*terms.values()]).detach())
        *values, norm = torch.cat([summed, grad_norm.to(summed).view(1)]).tolist()
        losses = dict(zip(terms, values, strict=True))
        if not all(map(math.isfinite, values)):
            found = ", ".join(f"{name.replace('_', ' ')} {x:.4g}" for name, x in losses.items())
            raise FloatingPointError(f"not finite in {where}: {found}")
        if not math.isfinite(norm) and not self.skips_overflows:
            raise FloatingPointError(f"not finite in {where}: norm of the gradient {norm:.4g}")
        return {**losses, "loss": sum(values), "grad_norm": norm}


def add_up(totals: dict[str, Tensor], terms: dict[str, Tensor], share: float) -> None:
    """Adds each term's share to its total; in full precision, and without its graph."""
    for name, term in terms.items():
        value = term.detach().float() * share
        totals[name] = totals[name] + value if name in totals else value


def check_precision(device: torch.device, precision: str) -> None:
    if precision != "float32":
        try:
            with torch.autocast(device.type, PRECISIONS[precision]):
                torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)
        except RuntimeError as error:
            raise ValueError(f"this {device.type} device cannot compute in {precision}.") from error


def compiled(function: Callable, device: torch.device) -> Callable:
    """torch.compile, tried out on something small: it needs a C++ compiler or a recent GPU.

    Raises ValueError where this machine has neither.
    """
    try:
        torch.compile(torch.square)(torch.ones(2, device=device))
    except Exception as error:  # of the compiler, which can be anything
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"this machine cannot compile a model: {reason}") from error
    return torch.compile(function)
