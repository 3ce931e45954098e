"""Bugs that the checks of suites/dataset/memory.py are meant for."""

from mnist_vae.dataset import MNISTSplit

from ...made_datasets import digit, made
from ...seeding import dataset_bug, made_dataset_bug

MEMORY = "test_samples_own_their_memory"


@dataset_bug(MEMORY, r"test_data\[0\] is a view of the dataset.*\.clone\(\)", "test_data")
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
    return made(row_of_an_array, (1, 32, 32))
