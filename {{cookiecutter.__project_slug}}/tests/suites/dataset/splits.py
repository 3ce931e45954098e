# SPDX-License-Identifier: MIT
"""Properties of splits: how long they are, which there are, the same in every other process."""

import builtins
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from torch import Tensor

from ..contract import newly_set_up
from ..instruments.seeds import all_seeded
from .leaks import LeakTests
from .reading import same
from .sampling import first_samples, is_stream, samples_at

# Names that a split has which is held back from training.
HELD_BACK = ("val", "dev", "eval", "test", "holdout", "heldout")


class SplitTests(LeakTests):
    """Tests of what is in a split. Part of AbstractTestDataset."""

    def test_splits_have_the_declared_length(self):
        """Where it is declared, every split has its number of samples."""
        if self.num_samples is None:
            self.skipTest(f"{type(self).__name__}.num_samples is not declared.")
        splits = self.all_splits()
        if missing := set(self.num_samples) - set(splits):
            self.fail(f"num_samples names {sorted(missing)}, but splits() has {sorted(splits)}.")
        for name, expected in self.num_samples.items():
            with self.subTest(split=name), all_seeded(0):
                split = splits[name]
                stream = is_stream(split)
                found = len(first_samples(split, expected + 1)) if stream else len(split)
                if found != expected:
                    self.fail(
                        f"{name} has {found}{' or more' * (found > expected and stream)} samples, "
                        f"but num_samples is {expected}.\nIs a limit left in from debugging, or "
                        f"is a file missing?"
                    )

    def test_every_split_is_named(self):
        """What `data` holds beside the splits is mentioned; what is held back is in no other one.

        An attribute such as val_data that splits() does not return is checked by no other test.
        """
        splits = self.all_splits()
        others = {
            name: value
            for name, value in attributes(self.data).items()
            if not any(value is split for split in splits.values())
        }
        for name, other in others.items():
            if any(part in HELD_BACK for part in name.lower().split("_")):
                self.check_held_back(name, other, splits)
        if others:
            first = next(iter(others))
            self.skipTest(
                f"data.{', data.'.join(others)} is not checked: return it from splits(), as in "
                f"super().splits() | dict({first}=self.data.{first})."
            )

    def check_held_back(self, name: str, other, splits: dict):
        if is_stream(other) or not len(other):
            return
        for split_name, split in self.readable_splits().items():
            with self.subTest(splits=(split_name, name)), all_seeded(0):
                suspects = self.probes(other)
                leaked = self.leaks(split, self.candidates(split, other), other, suspects)
                if len(leaked) > max(1, 0.02 * len(suspects)) + self.alike(other):
                    self.fail(
                        f"{len(leaked)} of {len(suspects)} samples of data.{name}, which splits() "
                        f"does not return, are in {split_name} too.\nDoes {split_name} keep the "
                        f"samples that {name} is cut from?"
                    )

    def test_splits_are_the_same_in_every_process(self):
        """Splits are the same where hash() gives other numbers, as it does in another process.

        Builds the data by setUp, three times under the same seed.
        """
        here, again = self.contents_built_anew(), self.contents_built_anew()
        with other_hashes():
            elsewhere = self.contents_built_anew()
        for name, found in elsewhere.items():
            with self.subTest(split=name):
                if not same_contents(here[name], again[name]):
                    self.skipTest(f"setUp builds another {name} each time, under the same seed.")
                if not same_contents(here[name], found):
                    self.fail(
                        f"{name} has {here[name][0]} samples, and {found[0]} or other ones where "
                        f"hash() of a text is another, as it is in every new process.\nIs the "
                        f"split made by hash()? Take zlib.crc32 or hashlib."
                    )

    def contents_built_anew(self) -> dict[str, tuple[int, list[list[Tensor]]]]:
        """Length and probed inputs of every split, built by setUp once more."""
        with all_seeded(0):
            other = newly_set_up(self)
            if other.data is self.data:
                self.skipTest(f"{type(self).__name__}.setUp does not build the data anew.")
            return {
                name: (len(split), [other.inputs(s) for s in first_reads(other, split)])
                for name, split in other.readable_splits().items()
            }


def first_reads(case, split) -> list:
    return samples_at(split, case.probes(split, at_most=32))


def attributes(data) -> dict:
    """What an object or a dict holds under a name that ends in _data and can be read."""
    names = data.keys() if isinstance(data, dict) else dir(data)
    found = {}
    for name in map(str, names):
        if name.endswith("_data") and not name.startswith("_"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that are kept for old callers
                value = data[name] if isinstance(data, dict) else getattr(data, name, None)
            if hasattr(value, "__len__") and hasattr(value, "__getitem__"):
                found[name] = value
    return found


@contextmanager
def other_hashes() -> Iterator[None]:
    """Makes hash(text) return what it might in another process, where texts are salted anew.

    Only where it is called to get a number: sets and dicts go on finding what they hold.
    """
    original = builtins.hash

    def salted(value):
        caller = sys._getframe(1).f_code.co_name
        if isinstance(value, str | bytes) and caller != "__hash__":
            return original((value, "another process"))
        return original(value)

    with mock.patch.object(builtins, "hash", salted):
        yield


def same_contents(first: tuple, second: tuple) -> bool:
    if first[0] != second[0]:
        return False
    return all(same(one, other) for one, other in zip(first[1], second[1], strict=True))
