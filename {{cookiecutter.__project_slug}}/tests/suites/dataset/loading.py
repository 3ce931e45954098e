# SPDX-License-Identifier: MIT
"""Properties of loading: every sample once, the same in the main process and in workers."""

import math
from collections.abc import Callable
from typing import Any

from torch.utils.data import DataLoader, Dataset, Subset

from ..instruments.processes import fork_without_warning, start_method
from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .declared import is_free
from .delivered import is_at, size_of
from .labels import is_number
from .reading import copied, leaves, same
from .sampling import one_by_one, samples_at

BATCH_SIZE = 16

Key = tuple[str, int]  # the name of a split, and an index into it


class Joined(Dataset):
    """Several splits as one dataset. All keys of a batch belong to one split."""

    def __init__(self, splits: dict):
        # Lists: functions that seed a dataset in a worker look for its parts in them.
        self.names, self.parts = list(splits), list(splits.values())

    def __getitems__(self, keys: list[Key]) -> list:
        part = self.parts[self.names.index(keys[0][0])]
        return samples_at(part, [index for _, index in keys])


class LoadingTests(DatasetContract):
    """Tests of a DataLoader over every split that has an index. Part of AbstractTestDataset."""

    def test_loads_in_the_main_process(self):
        """A DataLoader delivers every sample once, with its label, in the order asked for."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name):
                self.check_loading({name: split}, num_workers=0)

    def test_loads_in_worker_processes(self):
        """A DataLoader with worker processes delivers the same as one without."""
        self.check_loading(self.indexed_splits(), self.num_workers)

    def check_loading(self, splits: dict, num_workers: int):
        parts = {name: beginning(split, self.max_samples) for name, split in splits.items()}
        batches = {name: batches_of(name, len(part)) for name, part in parts.items()}
        self.require_batches()
        with all_seeded(0):
            everything = sum(batches.values(), [])
            loaded = self.load(parts, everything, num_workers, collate_fn=self.collate())
        for name, part in parts.items():
            with self.subTest(split=name, num_workers=num_workers), all_seeded(0):
                self.probes(part)  # fails where there are none
                self.check_sizes(name, len(part), batches[name], loaded[name], num_workers)
                compared = self.compared_part(name, part)
                for keys, batch in zip(batches[name], loaded[name], strict=True):
                    indices = [index for _, index in keys]
                    # Batches of the main process are compared with samples that are read one by
                    # one, those of workers with what the main process reads at once.
                    read = samples_at(part, indices) if num_workers else one_by_one(part, indices)
                    self.check_batch(name, indices, read, batch, compared, num_workers)

    def check_sizes(self, name: str, length: int, batches: list, loaded: list, num_workers: int):
        if self.collate():
            return  # what a batch is made of is known to its owner only
        sizes = [size_of(batch) for batch in loaded]
        if sizes != [len(batch) for batch in batches]:
            self.fail(
                f"{name}: a DataLoader with {num_workers} workers delivers {len(sizes)} "
                f"batches of {sum(sizes)} samples; expected {len(batches)} of {length}.\n"
                f"Do __len__ and __getitem__ agree?"
            )

    def load(
        self, splits: dict, batches: list[list[Key]], num_workers: int, **options: Any
    ) -> dict:
        """Batches as they are delivered, by split; fails with the cause where the loader breaks.

        One loader for all splits: starting processes is what takes the time. `options` are those
        of the DataLoader.
        """
        options = {"worker_init_fn": self.function("worker_init_fn"), **options}
        loaded: dict[str, list] = {name: [] for name in splits}
        loading = " or ".join(splits)
        try:
            with fork_without_warning():
                loader = DataLoader(
                    Joined(splits),
                    batch_sampler=batches,
                    num_workers=num_workers,
                    multiprocessing_context=start_method() if num_workers else None,
                    **options,
                )
                delivered = iter(loader)
                for (loading, _), *_ in batches:
                    loaded[loading].append(next(delivered))
            return loaded
        except Exception as error:  # whatever the dataset raises, also in a worker
            cause = f"{type(error).__name__}: {last_line(error)}"
            # An error from a worker holds itself through its traceback, and with it the workers.
            error.__traceback__ = None
        if "default_collate" in cause:
            self.skipTest(f"No batches without collate_fn, which is not declared ({cause}).")
        self.fail(
            f"{loading}: a DataLoader with {num_workers} workers raised {cause}\nHave all samples "
            f"the same shape, and does the dataset work in another process (no open files, no "
            f"lambdas)?"
        )

    def load_reads(self, splits: dict, batches: list[list[Key]], num_workers: int, **options):
        """The inputs of every sample, {split: [[tensors, ...], ...]}, of batches of equal keys."""
        plain = self.sizes_vary() or self.collate() is not None
        options["collate_fn"] = list if plain else None  # a batch of unlike samples is a list here
        loaded = self.load(splits, batches, num_workers, **options)
        if plain:
            return {n: [list(map(self.inputs, b)) for b in found] for n, found in loaded.items()}
        return {
            name: [list(zip(*self.inputs(batch), strict=True)) for batch in found]
            for name, found in loaded.items()
        }

    def sizes_vary(self) -> bool:
        return is_free(self.data_shape) or is_free(self.target_shape or ())

    def require_batches(self):
        """Skips where samples have several sizes, and nothing says how a batch is made of them."""
        if self.sizes_vary() and not self.collate():
            self.skipTest("Sizes vary: without collate_fn they make no batches.")

    def compared_part(self, name: str, split) -> Callable | None:
        """What is the same each time a sample is read: all of it, or the label of an augmented."""
        if name not in self.augmented_splits:
            return whole
        # Pairs drawn anew may have the same label in 9 of 10 reads: 0.9^128 is 1e-6.
        probes = self.probes(split, at_most=128)
        first, second = (
            [copied(self.targets(s)) for s in samples_at(split, probes)] for _ in range(2)
        )
        constant = all(map(same, first, second)) and not self.targets_move_with_inputs
        return self.target_of if constant and any(first) else None

    def check_batch(self, name, indices, samples, batch, compared: Callable | None, num_workers):
        """Input and target of every sample are those that are read at its index."""
        if (collate := self.collate()) is not None:
            self.check_collated(name, indices, samples, batch, compared, num_workers, collate)
            return
        loaded = compared(batch) if compared else None
        for position, (index, sample) in enumerate(zip(indices, samples, strict=True)):
            if compared and not is_at(compared(sample), loaded, position):
                part = self.differing_part(sample, batch, position, compared is whole)
                self.fail(
                    f"{name}: the {part} of sample {index} of a DataLoader with {num_workers} "
                    f"workers differs from that of {name}[{index}].\nDoes the dataset keep a "
                    f"counter, a cache or a shared buffer between reads? Or does __getitems__ mix "
                    f"up or put together the samples of a batch?"
                )

    def check_collated(self, name, indices, samples, batch, compared, num_workers, collate):
        """A batch is what collate_fn makes of the samples, as long as that is always the same."""
        samples = list(samples)
        first, second = (leaves(collate(samples)) for _ in range(2))
        if compared is whole and same(first, second) and not same(first, leaves(batch)):
            self.fail(
                f"{name}: the batch of samples {indices} of a DataLoader with {num_workers} "
                f"workers is not what collate_fn makes of {name}[{indices[0]}], ...\nDoes the "
                f"dataset keep a counter, a cache or a shared buffer between reads?"
            )

    def differing_part(self, sample, batch, position: int, with_input: bool) -> str:
        """What the part of a sample is called that is another one in a batch."""
        if with_input and not is_at(self.input_of(sample), self.input_of(batch), position):
            return "image" if self.inputs(sample)[0].dim() >= 2 else "input"
        if not is_at(self.target_of(sample), self.target_of(batch), position):
            return "label" if all(map(is_number, self.targets(sample))) else "target"
        return "rest"


def whole(sample):
    return sample


def last_line(error: Exception) -> str:
    """The last line of an error's text: in an error from a worker, the one that says it."""
    return (str(error).strip().splitlines() or [""])[-1]


def beginning(split, length: int):
    """The split itself, or its first samples where it is longer."""
    return split if len(split) <= length else Subset(split, range(length))


def batches_of(name: str, length: int) -> list[list[Key]]:
    """The keys of a split in some order, in batches: all full but perhaps the last."""
    step = next(step for step in (7, 11, 13) if math.gcd(step, length or 1) == 1)
    keys = [(name, step * index % length) for index in range(length)]
    return [keys[start : start + BATCH_SIZE] for start in range(0, length, BATCH_SIZE)]
