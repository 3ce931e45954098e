# SPDX-License-Identifier: MIT
"""Tables that say which number a class or a word has, where splits hold them as attributes."""

from torch.utils.data import Subset

from .contract import DatasetContract

# Attributes that hold names in the order of their numbers.
LISTS = ("classes", "class_names", "categories", "label_names", "labels_map", "itos", "vocab")


class NumberingTests(DatasetContract):
    """Tests of what splits number their classes and words by. Part of AbstractTestDataset."""

    def test_splits_number_classes_and_words_alike(self):
        """Where splits have a table (classes, class_to_idx, vocab), a name has one number in all.

        Only names that both have are compared, and only tables of numbers without gaps from about
        0 on: counts, for example, may differ.
        """
        tables = {name: tables_of(split) for name, split in self.all_splits().items()}
        (first, known), *others = tables.items()
        for name, found in others:
            with self.subTest(splits=(first, name)):
                for attribute in known.keys() & found.keys():
                    self.check_table(
                        f"{first}.{attribute}",
                        known[attribute],
                        f"{name}.{attribute}",
                        found[attribute],
                    )
        if not known or len(tables) < 2:
            self.skipTest("The splits have no attribute, such as classes or vocab, with numbers.")

    def check_table(self, first: str, known: dict, name: str, found: dict):
        shared = [key for key in known if key in found]
        moved = [key for key in shared if known[key] != found[key]]
        if moved:
            self.fail(
                f"{moved[0]!r} is number {found[moved[0]]} in {name}, and {known[moved[0]]} in "
                f"{first}: {len(moved)} of {len(shared)} names have another number.\nDoes each "
                f"split make a table of its own, in the order it meets them? Give one to all."
            )


def tables_of(split) -> dict[str, dict]:
    """Names and their numbers, by the attribute that holds them."""
    while isinstance(split, Subset):
        split = split.dataset
    tables = {}
    for attribute, value in getattr(split, "__dict__", {}).items():
        if attribute in LISTS and isinstance(value, list | tuple):
            value = {key: number for number, key in enumerate(value)}
        if isinstance(value, dict) and is_table(value):
            tables[attribute] = value
    return tables


def is_table(value: dict) -> bool:
    """Whether texts have whole numbers, each its own, from about 0 on without many gaps."""
    if len(value) < 2 or not all(type(key) is str for key in value):
        return False
    if not all(type(number) is int and number >= 0 for number in value.values()):
        return False
    numbers = set(value.values())
    return len(numbers) == len(value) and min(numbers) <= 4 and max(numbers) < len(value) + 4
