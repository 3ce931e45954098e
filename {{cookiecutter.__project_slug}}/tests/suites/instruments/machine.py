# SPDX-License-Identifier: MIT
"""What decides how numbers are rounded and drawn: versions, processor and kernels."""

import platform
import random
from pathlib import Path

import numpy as np
import torch


def machine(device: str) -> dict[str, str | int]:
    """On machines with the same description, a computation gives the same bits."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "kernels": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "device": device,
    }


def processor() -> str:
    """The name of the processor, by which libraries choose their kernels."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (names or [platform.processor()])[0]


def draws() -> list[float]:
    """A few numbers of each kind from the generators as they are seeded now.

    torch draws normal numbers by fives and by thousands in different ways.
    """
    drawn = [torch.rand(3), torch.randn(5), torch.randn(1000)[-3:], torch.randperm(11).double()]
    numbers = [number for tensor in drawn for number in tensor.tolist()]
    return [*numbers, random.random(), float(np.random.rand())]
