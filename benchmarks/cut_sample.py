"""Cuts the sample of MNIST that the generated project ships out of the full dataset.

python benchmarks/cut_sample.py ../shared/mnist

writes the four IDX files of the sample: the same number of images of every digit, drawn without
replacement with a fixed seed, in random order. The files come out the same on every run.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np

PACKAGE = "{{cookiecutter.__project_slug}}/{{cookiecutter.__package_name}}"
TARGET = Path(__file__).resolve().parents[1] / PACKAGE / "sample" / "MNIST" / "raw"
IMAGES_PER_DIGIT = {"train": 50, "t10k": 20}
SEED = 0


def read_idx(path: Path, header_size: int) -> np.ndarray:
    """The bytes behind the header of a gzipped IDX file of unsigned bytes."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header_size)


def idx_header(*shape: int) -> bytes:
    """Magic number (0, 0, type code 8 for unsigned bytes, number of axes) and the shape."""
    return bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)


def draw(labels: np.ndarray, per_digit: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of `per_digit` images of every digit, in random order."""
    chosen = [rng.choice(np.flatnonzero(labels == digit), per_digit, False) for digit in range(10)]
    return rng.permutation(np.concatenate(chosen))


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut the shipped sample out of full MNIST.")
    parser.add_argument("source", type=Path, help="folder with the four gzipped IDX files")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to write to")
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    for split, per_digit in IMAGES_PER_DIGIT.items():
        images = read_idx(args.source / f"{split}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
        labels = read_idx(args.source / f"{split}-labels-idx1-ubyte.gz", 8)
        indices = draw(labels, per_digit, rng)
        count = len(indices)
        (args.target / f"{split}-images-idx3-ubyte").write_bytes(
            idx_header(count, 28, 28) + images[indices].tobytes()
        )
        (args.target / f"{split}-labels-idx1-ubyte").write_bytes(
            idx_header(count) + labels[indices].tobytes()
        )


if __name__ == "__main__":
    main()
