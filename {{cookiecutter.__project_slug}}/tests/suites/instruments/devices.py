# SPDX-License-Identifier: MIT
"""What this machine computes on."""

import functools

import torch


@functools.cache
def accelerators() -> list[str]:
    """The kind of accelerator that this machine has, if any: cuda, mps, xpu, ..."""
    if not torch.accelerator.is_available():
        return []
    accelerator = torch.accelerator.current_accelerator()
    return [accelerator.type] if accelerator else []
