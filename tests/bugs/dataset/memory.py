"""Bugs that the checks of suites/dataset/memory.py are meant for."""

import torch
from mnist_vae.dataset import MNISTSplit

from ...made_datasets import digit, made
from ...seeding import dataset_bug, made_dataset_bug

MEMORY = "test_samples_own_their_memory"
KEPT = "test_samples_keep_their_values"


@dataset_bug(
    MEMORY,
    r"test_data\[0\] is a view of the dataset.*\.clone\(\)",
    "test_data",
    samples_are_copies=True,
)
class ViewOfTheStorage(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        plain = MNISTSplit(*arguments)
        self.stored = [plain[i] for i in range(len(plain))]

    def __getitems__(self, indices):
        return [self.stored[i] for i in indices]


ROWS = [digit(index)[0].numpy() for index in range(180)]


def row_of_an_array(index):
    return ROWS[index], digit(index)[1]


@made_dataset_bug(MEMORY, r"train_data\[0\] is a view of the dataset.*Return a copy")
def arrays_that_are_held_in_memory():
    return made(row_of_an_array, (1, 32, 32), samples_are_copies=True)


CACHE = {i: digit(i)[0] for i in range(180)}


def faded_in_place(index):
    image = CACHE[index]
    image *= 0.8 + 0.2 * torch.rand(())
    return image, digit(index)[1]


@made_dataset_bug(KEPT, r"train_data\[0\], once it was read, has other values .*written in place")
def stored_images_that_fade():
    return made(faded_in_place, (1, 32, 32))


SCRATCH = torch.zeros(1, 32, 32)


def in_one_buffer(index):
    image, label = digit(index)
    return SCRATCH.copy_(image), label


@made_dataset_bug(KEPT, r"has other values after further reads.*one buffer used for all samples")
def samples_in_one_buffer():
    return made(in_one_buffer, (1, 32, 32))
