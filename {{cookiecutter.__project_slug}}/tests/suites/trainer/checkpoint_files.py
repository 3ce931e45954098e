# SPDX-License-Identifier: MIT
"""The files of a checkpoint, and the weights in them."""

from collections.abc import Iterator
from pathlib import Path

import torch


def files_of(path: Path) -> list[Path]:
    """A checkpoint is a file, or a folder of files."""
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def contents_of(path: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in files_of(path)}


def is_torch_file(file: Path) -> bool:
    return file.read_bytes()[:2] in (b"PK", b"\x80\x02")


def is_safetensors_file(file: Path) -> bool:
    return file.suffix == ".safetensors"


def files_with_weights(path: Path) -> Iterator[tuple[Path, dict]]:
    """The files of a checkpoint that hold a state dict with weights, and what is in them."""
    for file in files_of(path):
        if not is_torch_file(file) and not is_safetensors_file(file):
            continue
        try:
            found = read(file)
        except Exception:
            continue
        if weights_in(found) is not None:
            yield file, found


def read(file: Path):
    if is_safetensors_file(file):
        from safetensors.torch import load_file

        return load_file(file)
    return torch.load(file, weights_only=False)


def write(found, file: Path):
    if is_safetensors_file(file):
        from safetensors.torch import save_file

        save_file(found, file, {"format": "pt"})  # without which transformers takes it for another
    else:
        torch.save(found, file)


def weights_in(found) -> dict | None:
    """The first state dict of tensors among nested dicts and lists."""
    if isinstance(found, list | tuple):
        found = dict(enumerate(found))
    if not isinstance(found, dict):
        return None
    names = [k for k, v in found.items() if isinstance(v, torch.Tensor) and isinstance(k, str)]
    if any(name.endswith("weight") for name in names):
        return found
    return next((w for v in found.values() if (w := weights_in(v)) is not None), None)


def without_a_parameter(found: dict):
    weights = weights_in(found) or {}
    del weights[next(name for name in weights if name.endswith("weight"))]
