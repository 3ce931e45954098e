"""Properties of loading: every sample once, the same in the main process and in workers."""

import math

import torch
from torch.utils.data import DataLoader, Dataset, Subset

from ..instruments.processes import fork_without_warning, start_method
from ..instruments.seeds import seeded
from .contract import image_of, samples_at

BATCH_SIZE = 16

Key = tuple[str, int]  # the name of a split, and an index into it


class Joined(Dataset):
    """Several splits as one dataset. All keys of a batch belong to one split."""

    def __init__(self, splits: dict):
        self.splits = splits

    def __getitems__(self, keys: list[Key]) -> list:
        return samples_at(self.splits[keys[0][0]], [index for _, index in keys])


class LoadingTests:
    """Tests of a DataLoader over every split. Part of AbstractTestDataset."""

    def test_loads_in_the_main_process(self):
        """A DataLoader delivers every sample once, with its label, in the order asked for."""
        for name, split in self.splits().items():
            with self.subTest(split=name):
                self.check_loading({name: split}, num_workers=0)

    def test_loads_in_worker_processes(self):
        """A DataLoader with worker processes delivers the same as one without."""
        self.check_loading(self.splits(), self.num_workers)

    def check_loading(self, splits: dict, num_workers: int):
        parts = {name: beginning(split, self.max_samples) for name, split in splits.items()}
        batches = {name: batches_of(name, len(part)) for name, part in parts.items()}
        with seeded(0):
            loaded = self.load(parts, sum(batches.values(), []), num_workers)
        for name, part in parts.items():
            with self.subTest(split=name, num_workers=num_workers), seeded(0):
                self.probes(part)  # fails where there are none
                sizes = [len(image_of(batch)) for batch in loaded[name]]
                if sizes != [len(batch) for batch in batches[name]]:
                    self.fail(
                        f"{name}: a DataLoader with {num_workers} workers delivers {len(sizes)} "
                        f"batches of {sum(sizes)} samples; expected {len(batches[name])} of "
                        f"{len(part)}.\nDo __len__ and __getitem__ agree?"
                    )
                for keys, batch in zip(batches[name], loaded[name], strict=True):
                    self.check_batch(name, part, [index for _, index in keys], batch, num_workers)

    def load(self, splits: dict, batches: list[list[Key]], num_workers: int) -> dict:
        """Batches as they are delivered, by split; fails with the cause where the loader breaks.

        One loader for all splits: starting processes is what takes the time.
        """
        loaded: dict[str, list] = {name: [] for name in splits}
        loading = " or ".join(splits)
        try:
            with fork_without_warning():
                loader = DataLoader(
                    Joined(splits),
                    batch_sampler=batches,
                    num_workers=num_workers,
                    multiprocessing_context=start_method() if num_workers else None,
                )
                delivered = iter(loader)
                for (loading, _), *_ in batches:
                    loaded[loading].append(next(delivered))
            return loaded
        except Exception as error:  # whatever the dataset raises, also in a worker
            cause = f"{type(error).__name__}: {last_line(error)}"
            # An error from a worker holds itself through its traceback, and with it the workers.
            error.__traceback__ = None
        self.fail(
            f"{loading}: a DataLoader with {num_workers} workers raised {cause}\nHave all samples "
            f"the same shape, and does the dataset work in another process (no open files, no "
            f"lambdas)?"
        )

    def check_batch(self, name: str, split, indices: list[int], batch, num_workers: int):
        """Image and label of every sample are those that are read at its index."""
        loaded = {"image": image_of(batch)}
        if self.has_labels:
            loaded["label"] = torch.as_tensor(batch[1])
        for position, index in enumerate(indices):
            image, label = [*split[index], None][:2]
            found = {"image": torch.as_tensor(image), "label": label}
            for what, values in loaded.items():
                if what == "image" and name in self.augmented_splits:
                    continue
                if not torch.equal(values[position], torch.as_tensor(found[what])):
                    self.fail(
                        f"{name}: the {what} of sample {index} of a DataLoader with {num_workers} "
                        f"workers differs from that of {name}[{index}].\nDoes the dataset keep a "
                        f"counter, a cache or a shared buffer between reads? Or does __getitems__ "
                        f"mix up or put together the samples of a batch?"
                    )


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
