"""Properties of loading: every sample once, the same in the main process and in workers."""

import multiprocessing
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from .dataset_contract import image_of
from .running import seeded

BATCH_SIZE = 16


class LoadingTests:
    """Tests of a DataLoader over every split. Part of AbstractTestDataset."""

    def test_loads_in_the_main_process(self):
        """A DataLoader delivers every sample once, in order and in full batches."""
        self.check_loading(num_workers=0)

    def test_loads_in_worker_processes(self):
        """A DataLoader with worker processes delivers the same as one without."""
        self.check_loading(num_workers=self.num_workers)

    def check_loading(self, num_workers: int):
        for name, split in self.splits().items():
            with self.subTest(split=name, num_workers=num_workers), seeded(0):
                part = beginning(split, self.max_samples)
                batches = self.load(part, name, num_workers)
                sizes = [len(batch) for batch in batches]
                expected = batch_sizes(len(part))
                if sizes != expected:
                    self.fail(
                        f"{name}: a DataLoader with {num_workers} workers delivers {len(sizes)} "
                        f"batches of {sum(sizes)} samples; expected {len(expected)} of "
                        f"{len(part)}.\nDo __len__ and __getitem__ agree?"
                    )
                if name not in self.augmented_splits:
                    self.check_order(torch.cat(batches), part, name, num_workers)

    def load(
        self, split, name: str, num_workers: int, batch_size: int = BATCH_SIZE
    ) -> list[Tensor]:
        """The images of all batches; fails with the cause where the loader breaks."""
        try:
            with fork_without_warning():
                loader = DataLoader(
                    split,
                    batch_size,
                    num_workers=num_workers,
                    multiprocessing_context=start_method() if num_workers else None,
                )
                return [image_of(batch) for batch in loader]
        except Exception as error:  # whatever the dataset raises, also in a worker
            cause = f"{type(error).__name__}: {last_line(error)}"
            # An error from a worker holds itself through its traceback, and with it the workers.
            error.__traceback__ = None
        self.fail(
            f"{name}: a DataLoader with {num_workers} workers raised {cause}\nHave all samples "
            f"the same shape, and does the dataset work in another process (no open files, no "
            f"lambdas)?"
        )

    def check_order(self, images: Tensor, split, name: str, num_workers: int):
        for index in range(len(split)):
            if not torch.equal(images[index], image_of(split[index])):
                self.fail(
                    f"{name}: sample {index} of a DataLoader with {num_workers} workers differs "
                    f"from {name}[{index}].\nDoes the dataset keep a counter, a cache or a "
                    f"shared buffer between reads?"
                )


def last_line(error: Exception) -> str:
    """The last line of an error's text: in an error from a worker, the one that says it."""
    return (str(error).strip().splitlines() or [""])[-1]


def beginning(split, length: int):
    """The split itself, or its first samples where it is longer."""
    return split if len(split) <= length else Subset(split, range(length))


def batch_sizes(length: int) -> list[int]:
    """Sizes of the batches of a split: all full but perhaps the last."""
    full, rest = divmod(length, BATCH_SIZE)
    return [BATCH_SIZE] * full + [rest] * (rest > 0)


def start_method() -> str | None:
    """Forking where it is safe, because other ways import torch anew in every worker."""
    return "fork" if sys.platform == "linux" else multiprocessing.get_start_method()


@contextmanager
def fork_without_warning() -> Iterator[None]:
    """Python 3.12 warns of forks in processes with threads, and every DataLoader forks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        yield
