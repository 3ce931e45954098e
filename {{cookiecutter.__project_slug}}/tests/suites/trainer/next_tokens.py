# SPDX-License-Identifier: MIT
"""Targets that are made of the tokens of their input."""

import torch
from torch import Tensor


def following(sample, tokens: Tensor, marked: Tensor):
    """A sample whose targets are its tokens, or the next ones, has those of the marked input."""
    if marked.is_floating_point():
        return sample
    if isinstance(sample, dict):
        return {key: target_of(value, tokens, marked) for key, value in sample.items()}
    if isinstance(sample, tuple | list) and len(sample) == 2:
        both = tokens, target_of(sample[1], tokens, marked)
        return list(both) if isinstance(sample, list) else both
    return sample


def target_of(target, tokens: Tensor, marked: Tensor):
    if not isinstance(target, Tensor) or target.shape != tokens.shape:
        return target
    if torch.equal(target, tokens):
        return marked
    if torch.equal(target[:-1], tokens[1:]):
        return torch.cat([marked[1:], target[-1:]])
    return target
