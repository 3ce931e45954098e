# SPDX-License-Identifier: MIT
"""Properties of streams, which are read from beginning to end: IterableDataset and its like."""

from collections import Counter
from typing import Any

import torch
from torch.utils.data import DataLoader, IterableDataset

from ..instruments.processes import fork_without_warning, start_method
from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .loading import last_line
from .reading import content_of
from .sampling import first_samples

# Samples that are taken of a stream whose end is not reached, from each of two workers.
TAKEN = 256


class Restarted(IterableDataset):
    """A stream for a DataLoader, which looks at the type: of any object that can be iterated."""

    def __init__(self, stream):
        self.stream = stream

    def __iter__(self):
        return iter(self.stream)


class StreamTests(DatasetContract):
    """Tests of splits without an index. Part of AbstractTestDataset."""

    def test_streams_end_after_their_length(self):
        """A stream that has a length has so many samples."""
        for name, stream in self.streams().items():
            with self.subTest(split=name), all_seeded(0):
                if (length := length_of(stream)) is None:
                    self.skipTest(f"{name} has no length. It can be declared in num_samples.")
                found = len(first_samples(stream, length + 1))
                if found != length:
                    self.fail(
                        f"{name} has {found}{' or more' * (found > length)} samples, but its "
                        f"length is {length}.\nIs the last one, or the rest of a shard, left "
                        f"out or read twice? A DataLoader counts its batches by the length."
                    )

    def test_streams_start_anew(self):
        """Each epoch has as many samples as the first."""
        for name, stream in self.streams().items():
            with self.subTest(split=name), all_seeded(0):
                limit = self.max_samples
                first, second = (len(first_samples(stream, limit)) for _ in range(2))
                if first == 0:
                    self.fail(
                        f"{name} is empty.\nIs the path right, and is anything filtered away?"
                    )
                if first != second:
                    self.fail(
                        f"{name} has {first} samples in the first epoch and {second} in the second."
                        f"\nDoes __iter__ return an iterator that was made before? It has to begin "
                        f"a new one."
                    )

    def test_workers_share_streams(self):
        """Two workers together deliver every sample of a stream as often as one process does."""
        for name, stream in self.streams().items():
            with self.subTest(split=name), all_seeded(0):
                alone = self.contents(name, stream, 0)
                if len(alone) > self.max_samples:
                    self.check_endless(name, stream)
                    continue
                shared = self.contents(name, stream, 2)
                self.check_shared(name, alone, shared)

    def check_shared(self, name: str, alone: list[bytes], shared: list[bytes]):
        question = (
            "Does __iter__ take its part by torch.utils.data.get_worker_info()? Each worker has a "
            "copy of the whole stream."
        )
        if len(shared) != len(alone):
            self.fail(
                f"{name}: two workers deliver {len(shared)} samples, one process {len(alone)}.\n"
                f"{question}"
            )
        if name not in self.augmented_splits and Counter(shared) != Counter(alone):
            twice = (Counter(shared) - Counter(alone)).total()
            self.fail(
                f"{name}: {twice} of {len(shared)} samples that two workers deliver are not those "
                f"of one process: some come twice, others never.\n{question}"
            )

    def check_endless(self, name: str, stream):
        """The beginnings of a long stream in two workers differ."""
        contents = self.contents(name, stream, 2, TAKEN)
        first, second = contents[0::2], contents[1::2]  # workers take turns, sample by sample
        repeated = sum((Counter(first) & Counter(second)).values())
        if repeated > len(first) / 2:
            self.fail(
                f"{name}: {repeated} of {len(first)} samples of one worker are those of the other."
                f"\nDoes __iter__ take its part by torch.utils.data.get_worker_info(), and draw "
                f"from generators that differ between workers?"
            )

    def test_streams_have_a_new_order_in_each_epoch(self):
        """A shuffled stream has another order in each epoch, in worker processes too."""
        for name, stream in self.streams().items():
            with self.subTest(split=name), all_seeded(0):
                epochs = [self.contents(name, stream, 0, self.max_samples) for _ in range(2)]
                shuffled = epochs[0] != epochs[1] and Counter(epochs[0]) == Counter(epochs[1])
                if name in self.shuffled_splits and epochs[0] == epochs[1]:
                    self.fail(self.same_order(name, "in the main process"))
                if not shuffled and name not in self.shuffled_splits:
                    self.skipTest(f"{name} is not shuffled, and not named in shuffled_splits.")
                in_workers = [self.contents(name, stream, 1, self.max_samples) for _ in range(2)]
                if in_workers[0] == in_workers[1]:
                    self.fail(self.same_order(name, "in a worker"))

    def same_order(self, name: str, where: str) -> str:
        return (
            f"{name} has the same order in two epochs {where}.\nIs it shuffled with a generator of "
            f"its own, which starts again at its seed, or which each new worker copies? Let epochs "
            f"differ: draw the seed from torch, or count epochs."
        )

    def test_streams_load_in_worker_processes(self):
        """A DataLoader with one worker delivers what the stream has without one."""
        for name, stream in self.streams().items():
            with self.subTest(split=name), all_seeded(0):
                loaded = self.contents(name, stream, 1, self.max_samples)
                with all_seeded(0):
                    read = self.contents(name, stream, 0, self.max_samples)
                if len(loaded) != len(read):
                    self.fail(
                        f"{name}: a DataLoader with one worker delivers {len(loaded)} samples, the "
                        f"stream itself has {len(read)}.\nDoes it work in another process?"
                    )

    def contents(self, name: str, stream, num_workers: int, at_most: int = 0) -> list[bytes]:
        """What each sample holds, input and target, in the order of a DataLoader."""
        limit = at_most or self.max_samples + 1
        options: dict[str, Any] = {"multiprocessing_context": start_method()} if num_workers else {}
        try:
            with fork_without_warning():
                loader = DataLoader(
                    Restarted(stream), batch_size=None, num_workers=num_workers, **options
                )
                samples = [self.content(sample) for sample in first_samples(loader, limit)]
            return samples
        except Exception as error:  # whatever the dataset raises, also in a worker
            cause = f"{type(error).__name__}: {last_line(error)}"
            error.__traceback__ = None
        self.fail(
            f"{name}: a DataLoader with {num_workers} workers raised {cause}\nDoes the stream work "
            f"in another process (no open files, no generators that were begun)?"
        )

    def content(self, sample) -> bytes:
        targets = [target for target in self.targets(sample) if isinstance(target, torch.Tensor)]
        return content_of([*self.inputs(sample), *targets])


def length_of(stream) -> int | None:
    """None where there is none, also where only parts of the stream have one."""
    try:
        return len(stream)
    except (TypeError, NotImplementedError, AttributeError):
        return None
