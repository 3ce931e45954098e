"""Bugs that the checks of suites/dataset/batches.py are meant for."""

import torch
from mnist_vae.dataset import MNISTSplit

from ...made_datasets import digit, made, padded, ragged
from ...seeding import dataset_bug, made_dataset_bug

KEPT = "test_batches_keep_their_values"
PAIRED = "test_batches_pair_inputs_with_their_targets"
PLACES = "test_batches_hold_the_samples_asked_for"


class Buffer:
    """Writes every batch into the same tensor."""

    def __init__(self):
        self.images = torch.zeros(16, 1, 32, 32)

    def __call__(self, samples):
        for position, (image, _) in enumerate(samples):
            self.images[position] = image
        return self.images[: len(samples)], torch.tensor([label for _, label in samples])


@made_dataset_bug(KEPT, r"train_data: a batch has other values after collate_fn has made the next")
def batches_in_one_buffer():
    return made(digit, (1, 32, 32), collate_fn=Buffer())


LAST = {}


def into_the_last(samples):
    """Texts in a new tensor, their kinds in the same one each time."""
    words, kinds = padded(samples)
    buffer = LAST.setdefault("kinds", torch.zeros(16, dtype=torch.int64))
    buffer[: len(kinds)] = kinds + len(samples[0][0])
    return words, buffer[: len(kinds)]


@made_dataset_bug(KEPT, r"a batch has other values after collate_fn.*buffer used again")
def labels_in_one_buffer():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=into_the_last)


def longest_first(samples):
    """Only the texts are put in order."""
    words, kinds = padded(sorted(samples, key=lambda sample: -len(sample[0])))
    return words, torch.tensor([kind for _, kind in samples])


@made_dataset_bug(PAIRED, r"is in row \d+ of its batch, its target in row \d+.*without the others")
def texts_in_order_of_length_without_their_kinds():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=longest_first)


def with_lengths(samples):
    """Lengths stand between texts and kinds, and the texts alone are put in order."""
    lengths = torch.tensor([100 + len(words) for words, _ in samples])
    words, kinds = longest_first(samples)
    return words, lengths, kinds


@made_dataset_bug(PAIRED, r"is in row \d+ of its batch, its target in row \d+.*without the others")
def texts_in_order_beside_lengths():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=with_lengths)


def images_reversed(samples):
    images = torch.stack([image for image, _ in samples])
    return images.flip(0), torch.tensor([label for _, label in samples])


@made_dataset_bug(PAIRED, r"train_data\[0\] is in row 15 of its batch, its target in row 0")
def images_of_a_batch_reversed():
    return made(digit, (1, 32, 32), collate_fn=images_reversed)


@dataset_bug(PLACES, r"train_data: 6\d of 64 samples .*nearest to another one", "train_data")
class FlippedOverTheBatch(MNISTSplit):
    """flip(0), which mirrors an image but not a batch of them."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        images = torch.stack([image for image, _ in samples]).flip(0)
        return [(image, label) for image, (_, label) in zip(images, samples, strict=True)]


@dataset_bug(PLACES, r"train_data: \d+ of 64 samples .*another order", "train_data")
class TwoOfABatchSwapped(MNISTSplit):
    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        images = [image for image, _ in samples]
        for i in range(0, len(images) - 1, 6):
            images[i], images[i + 1] = images[i + 1], images[i]
        return [(image, label) for image, (_, label) in zip(images, samples, strict=True)]
