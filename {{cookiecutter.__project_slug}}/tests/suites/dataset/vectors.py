# SPDX-License-Identifier: MIT
"""Samples of any kind as vectors of one length, between which distances can be measured."""

import torch
import torch.nn.functional as F
from torch import Tensor

# Rows and columns that are left of an image, values of a long row, and words that are told apart.
PIXELS = 16
VALUES = 1024
WORDS = 256


def exact(samples: list[list[Tensor]]) -> Tensor | None:
    """All values of each sample: (n, features), float64; None where the sizes vary."""
    if len({tuple(tensor.shape for tensor in tensors) for tensors in samples}) != 1:
        return None
    if len(samples[0]) == 1:
        return torch.stack([tensor for (tensor,) in samples]).reshape(len(samples), -1).double()
    return torch.stack([torch.cat([t.double().flatten() for t in tensors]) for tensors in samples])


def sketch(samples: list[list[Tensor]]) -> Tensor:
    """What is alike in samples at a coarse look: (n, features), float32, whatever their sizes.

    Images and long series are pooled, texts become the roots of the frequencies of their words.
    Each feature is scaled by itself where there are few, as in a table.
    """
    parts = []
    for tensors in zip(*samples, strict=True):
        part = sketches(tensors).nan_to_num()
        part = part - part.mean(dim=0)
        spread = part.std(dim=0) if part.shape[1] <= 64 else part.std()
        parts.append(part / spread.clamp(min=1e-12) / part.shape[1] ** 0.5)
    return torch.cat(parts, dim=1)


def sketches(tensors: tuple[Tensor, ...]) -> Tensor:
    """The same of one of the inputs: (n, features)."""
    if any(map(is_text, tensors)):
        return torch.stack([frequencies(tensor) for tensor in tensors])
    shapes = {tensor.shape for tensor in tensors}
    if len(shapes) == 1 and tensors[0].dim() < 2 and tensors[0].numel() <= VALUES:
        return torch.stack([real(tensor).flatten() for tensor in tensors])
    return torch.stack([pooled(real(tensor), len(shapes) == 1) for tensor in tensors])


def real(values: Tensor) -> Tensor:
    return (torch.view_as_real(values) if values.is_complex() else values).float()


def frequencies(words: Tensor) -> Tensor:
    counts = torch.bincount(words.flatten().long() % WORDS, minlength=WORDS)
    return (counts / counts.sum().clamp(min=1)).sqrt()


def pooled(values: Tensor, one_size: bool) -> Tensor:
    """Means over parts of an image or a series: (features,). Colours are kept, if all have them."""
    if values.dim() < 2:
        values = values.flatten()[None, None]
        return F.adaptive_avg_pool1d(pad(values), VALUES if one_size else PIXELS).flatten()
    if values.dim() == 3 and values.shape[2] <= 4 < values.shape[0]:
        values = values.permute(2, 0, 1)  # an image with its colours last
    values = values.reshape(-1, *values.shape[-2:])  # (..., H, W) -> (C, H, W)
    if not one_size:
        return F.adaptive_avg_pool2d(pad(values.mean(dim=0, keepdim=True)), PIXELS).flatten()
    height, width = (min(PIXELS, n) for n in values.shape[1:])
    return F.adaptive_avg_pool2d(values, (height, width)).flatten()


def pad(values: Tensor) -> Tensor:
    """What is empty gets one zero: there is no mean of nothing."""
    return values if values.numel() else values.new_zeros([max(1, n) for n in values.shape])


def is_text(values: Tensor) -> bool:
    """Whether values are indices of words: integers in a row, and no bytes of an image."""
    return values.dim() == 1 and values.dtype in (torch.int16, torch.int32, torch.int64)
