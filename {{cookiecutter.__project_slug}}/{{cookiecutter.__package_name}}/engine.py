"""How gradients are computed: in which precision, in how many parts, in how many processes."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .distributed import replicated, summed, summed_number, world_size

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Engine:
    """Adds up the gradients of a batch, and takes optimizer steps with them.

    losses: (N, C, H, W) -> two losses of the model, both per image. precision: of the layers that
    tolerate a lower one; weights and losses stay as they are. parts: a batch goes through the model
    in so many parts, which takes less memory. compiled: by torch.compile.

    Raises ValueError where this machine cannot do what is asked for.
    """

    def __init__(
        self,
        model: nn.Module,
        losses: Callable[[Tensor], tuple[Tensor, Tensor]],
        device: torch.device,
        precision: str = "float32",
        parts: int = 1,
        compiled: bool = False,
    ):
        self.model = model
        self.device = device
        self.dtype = PRECISIONS[precision]
        self.parts = parts
        check_precision(device, precision)
        # Gradients below the smallest float16 would become zero: the loss is scaled up before they
        # are computed, and they are scaled down after. A step with gradients too large is skipped.
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")
        self.losses = replicated(model, compiled_on(device, losses) if compiled else losses)

    def forward_backward(self, images: Tensor) -> Tensor:
        """Adds the gradients of the loss of a batch; returns both losses, detached.

        The losses are per image of the whole batch, of which each process has a share, so that the
        gradient is the same in one process and in many.
        """
        size = summed_number(len(images), self.device)
        parts = images.chunk(self.parts)
        totals = torch.zeros(2, device=self.device)
        for number, part in enumerate(parts):
            with self.averaging(last=number == len(parts) - 1):
                with self.autocast():
                    losses = torch.stack(self.losses(part)) * (len(part) / size)
                # The processes average their gradients; that of the whole batch is their sum.
                self.scaler.scale(losses.sum() * world_size()).backward()
            totals += losses.detach()
        return summed(totals)

    @property
    def skips_overflows(self) -> bool:
        """Whether a step with gradients that are not finite is left out."""
        return self.scaler.is_enabled()

    def averaging(self, last: bool) -> AbstractContextManager:
        """In many processes, gradients are averaged once, with the last part of a batch."""
        if last or not isinstance(self.losses, DistributedDataParallel):
            return nullcontext()
        return self.losses.no_sync()

    def autocast(self) -> AbstractContextManager:
        return torch.autocast(self.device.type, self.dtype) if self.dtype else nullcontext()

    def clip_gradients(self, optimizer: torch.optim.Optimizer, max_norm: float | None) -> Tensor:
        """Scales gradients down to a norm, if any; returns the norm that they had."""
        self.scaler.unscale_(optimizer)
        return nn.utils.clip_grad_norm_(self.model.parameters(), max_norm or math.inf)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        self.scaler.step(optimizer)
        self.scaler.update()


def check_precision(device: torch.device, precision: str) -> None:
    if precision != "float32":
        try:
            with torch.autocast(device.type, PRECISIONS[precision]):
                torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)
        except RuntimeError as error:
            raise ValueError(f"this {device.type} device cannot compute in {precision}.") from error


def compiled_on(device: torch.device, function: Callable) -> Callable:
    """torch.compile, tried out on something small: it needs a C++ compiler or a recent GPU."""
    try:
        torch.compile(torch.square)(torch.ones(2, device=device))
    except Exception as error:  # of the compiler, which can be anything
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"this machine cannot compile a model: {reason}") from error
    return torch.compile(function)
