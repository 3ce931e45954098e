"""Properties of reading by index: what an index means, and whose memory a sample is."""

import pickle

import torch
from torch.utils.data import ConcatDataset, StackDataset, Subset, TensorDataset

from ..instruments.seeds import seeded
from .contract import image_of, images_at


class AccessTests:
    """Tests of `split[index]` and `len(split)`. Part of AbstractTestDataset."""

    def test_index_ends_at_the_length(self):
        """Reading past the end raises IndexError, and iterating ends after len samples."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                length = len(split)
                split[length - 1]
                for index in (length, length + 10):
                    self.check_past_the_end(name, split, index)
                if length <= self.max_samples:
                    found = sum(1 for _ in zip(range(length + 1), split, strict=False))
                    if found != length:
                        self.fail(
                            f"Iterating over {name} gives {found} samples or more, but its length "
                            f"is {length}.\nDo __len__ and __getitem__ agree?"
                        )

    def check_past_the_end(self, name: str, split, index: int):
        question = "Iteration ends at an IndexError only. Is the index wrapped around or clamped?"
        try:
            split[index]
        except IndexError:
            return
        except Exception as error:  # whatever the dataset raises in its place
            self.fail(
                f"{name}[{index}] raises {type(error).__name__} where the length is {len(split)}; "
                f"expected IndexError.\n{question}"
            )
        self.fail(f"{name}[{index}] returns a sample, but the length is {len(split)}.\n{question}")

    def test_negative_index(self):
        """Index -1 is the last sample, or is refused."""
        for name, split in self.constant_splits().items():
            with self.subTest(split=name):
                try:
                    found = image_of(split[-1]).clone()
                except (IndexError, ValueError, TypeError, KeyError):
                    continue
                if not torch.equal(found, image_of(split[len(split) - 1])):
                    self.fail(
                        f"{name}[-1] is not the last sample, and is not refused.\n"
                        f"Is an offset added to the index?"
                    )

    def test_index_decides_the_sample(self):
        """The order of access changes nothing, and different indices give different samples."""
        for name, split in self.constant_splits().items():
            with self.subTest(split=name):
                probes = self.probes(split)
                forwards = images_at(split, probes)
                backwards = images_at(split, probes[::-1]).flip(0)
                if not torch.equal(forwards, backwards):
                    self.fail(
                        f"{name} returns other samples when it is read backwards.\n"
                        f"Is there a counter or a shared cursor in place of the index? Or is it "
                        f"augmented?"
                    )
                distinct = len(forwards.unique(dim=0))
                if distinct < len(probes) / 2:
                    self.fail(
                        f"{name} has {distinct} different images at {len(probes)} indices.\n"
                        f"Is the index ignored?"
                    )

    def test_samples_own_their_memory(self):
        """Writing into a sample does not change the dataset."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                if gives_views(split):
                    self.skipTest(f"{name} is made of TensorDatasets, which are known for it.")
                for index in self.probes(split, at_most=4):
                    before = image_of(split[index]).clone()
                    image_of(split[index]).fill_(12345)
                    if (image_of(split[index]) == 12345).any() and not (before == 12345).any():
                        self.fail(
                            f"{name}[{index}] is a view of the dataset: what is written into it "
                            f"is read again.\nReturn a copy, e.g. with .clone()."
                        )

    def test_reading_leaves_the_random_generator_alone(self):
        """Reading a sample does not seed the global random generator."""
        for name, split in self.splits().items():
            with self.subTest(split=name):
                states = []
                for seed in (0, 1):
                    with seeded(seed):
                        split[0]
                        states.append(torch.get_rng_state())
                if torch.equal(*states):
                    self.fail(
                        f"Reading {name}[0] sets the global random generator to a fixed state.\n"
                        f"Is torch.manual_seed called in __getitem__? Shuffling, dropout and "
                        f"sampling then repeat themselves."
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


def gives_views(split) -> bool:
    """Whether samples are parts of a tensor, as PyTorch's own datasets of tensors give them."""
    if isinstance(split, Subset):
        return gives_views(split.dataset)
    if isinstance(split, ConcatDataset):
        return all(map(gives_views, split.datasets))
    return type(split) in (TensorDataset, StackDataset)
