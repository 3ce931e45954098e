"""Properties of a dataset with a training and a test split."""

import math
import multiprocessing
import pickle
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from .contract import Required
from .running import seeded


class AbstractTestDataset:
    """Checks every split of a dataset. A sample is a tuple that starts with an image.

    Set `data` and `data_shape`. The other attributes have defaults; override them in the class.
    """

    data = Required("the dataset under test, with the splits train_data and test_data")
    data_shape: tuple[int, ...] = Required("the shape of one image, e.g. (1, 32, 32)")
    # Lowest and highest value that an image may have.
    data_range: tuple[float, float] = (-1.0, 1.0)
    # Names of the splits whose images are augmented at random. All others must never vary.
    augmented_splits: tuple[str, ...] = ("train_data",)
    # Longer splits are probed at this many evenly spaced samples.
    max_samples: int = 1000
    # Worker processes of the test of multi-process loading.
    num_workers: int = 2

    def splits(self) -> dict:
        """Name and dataset of every split. Override it to add one, and call super()."""
        return {"train_data": self.data.train_data, "test_data": self.data.test_data}

    def test_samples_have_the_declared_shape(self):
        """Every sample has the declared shape, the default float type and finite values."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                for index in self.probes(split):
                    self.check_sample(image_of(split[index]), f"{name}[{index}]")

    def check_sample(self, image: Tensor, place: str):
        if tuple(image.shape) != tuple(self.data_shape):
            self.fail(
                f"{place} has shape {tuple(image.shape)}, but data_shape is "
                f"{tuple(self.data_shape)}.\nIs the channel axis missing, or the padding?"
            )
        if image.dtype != torch.get_default_dtype():
            self.fail(
                f"{place} is {image.dtype}, but the models compute in "
                f"{torch.get_default_dtype()}.\nConvert it, e.g. with .float()."
            )
        if not image.isfinite().all():
            self.fail(
                f"{place} has values that are not finite.\n"
                f"Is it divided by a spread that is zero for this image?"
            )

    def test_values_fill_the_declared_range(self):
        """The values of every split lie in the declared range and use both halves of it."""
        low, high = self.data_range
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                lows, highs = zip(*(extremes(split[i]) for i in self.probes(split)), strict=True)
                found = f"{name} has values from {min(lows):g} to {max(highs):g}"
                expected = f"data_range is [{low:g}, {high:g}]"
                if not (low <= min(lows) and max(highs) <= high):
                    self.fail(
                        f"{found}, but {expected}.\n"
                        f"Is this split scaled with the wrong constants, or not at all?"
                    )
                middle = (low + high) / 2
                if not (min(lows) < middle < max(highs)):
                    self.fail(
                        f"{found}, which is one half of what is declared: {expected}.\n"
                        f"Is this split scaled twice, or to [0, 1] in place of [-1, 1]?"
                    )

    def test_only_augmented_splits_vary(self):
        """Samples of augmented splits vary between reads, all others never do."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                if name in self.augmented_splits:
                    self.check_augmented(name, split)
                else:
                    self.check_constant(name, split)

    def check_augmented(self, name: str, split):
        """A twentieth of the probes must vary.

        An augmentation applied to a fifth of all reads changes a given pair of reads with
        probability 1 - 0.8^2 = 0.36. With 128 samples, read twice, fewer than 7 vary with a
        probability below 1e-12; a short split is read more often.
        """
        probes = self.probes(split, at_most=128)
        reads = max(2, math.ceil(256 / len(probes)))
        varying = sum(varies(split, index, reads) for index in probes)
        if varying < len(probes) / 20:
            self.fail(
                f"{name}: {varying} of {len(probes)} samples changed when read {reads} times, "
                f"but {name} is declared as augmented.\nIs the augmentation switched off, drawn "
                f"once, cached, or seeded by the index?"
            )

    def check_constant(self, name: str, split):
        probes = self.probes(split)
        varying = [index for index in probes if varies(split, index, reads=2)]
        if varying:
            self.fail(
                f"{name}: {len(varying)} of {len(probes)} samples changed between two reads, the "
                f"first is {name}[{varying[0]}].\nIs the augmentation of the training split "
                f"applied here too? If it should be, add {name!r} to augmented_splits."
            )

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

    def load(self, split, name: str, num_workers: int) -> list[Tensor]:
        """The images of all batches; fails with the cause where the loader breaks."""
        try:
            with fork_without_warning():
                loader = DataLoader(
                    split,
                    BATCH_SIZE,
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

    def test_pickles(self):
        """Every split can be pickled, and its copy has the same samples."""
        for name, split in self.splits().items():
            with self.subTest(split=name):
                try:
                    copy = pickle.loads(pickle.dumps(split))
                except Exception as error:  # pickle raises many kinds
                    self.fail(
                        f"{name} cannot be pickled: {error}\nmacOS, Windows and Python 3.14 "
                        f"start the workers of a DataLoader by pickling. Does the dataset hold a "
                        f"lambda, a lock or an open file?"
                    )
                self.check_copy(copy, split, name)

    def check_copy(self, copy, split, name: str):
        self.assertEqual(len(copy), len(split), f"{name} has another length once pickled.")
        if name in self.augmented_splits:
            return
        for index in self.probes(split):
            if not torch.equal(image_of(copy[index]), image_of(split[index])):
                self.fail(
                    f"{name}[{index}] is another image once {name} was pickled.\n"
                    f"Which attribute is lost or built anew in a copy?"
                )

    def probes(self, split, at_most: int | None = None) -> list[int]:
        """Evenly spaced indices from the first to the last sample; fails on an empty split."""
        length = len(split)
        if length == 0:
            self.fail("The split is empty.\nIs the path right, and is anything filtered away?")
        count = min(length, at_most or self.max_samples)
        return torch.linspace(0, length - 1, count).round().long().tolist()


BATCH_SIZE = 16


def image_of(sample) -> Tensor:
    """The image of a sample or of a batch of samples, as a tensor."""
    return torch.as_tensor(sample[0])


def extremes(sample) -> tuple[float, float]:
    """Lowest and highest value of the image of a sample."""
    low, high = image_of(sample).aminmax()
    return low.item(), high.item()


def varies(split, index: int, reads: int) -> bool:
    """Whether any of several reads of one sample differs from the first."""
    # A copy: a dataset that returns its own buffer would compare the buffer with itself.
    first = image_of(split[index]).clone()
    return any(not torch.equal(first, image_of(split[index])) for _ in range(reads - 1))


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
