"""Bugs that the checks of suites/dataset/windows.py are meant for."""

import types

import torch
from torch.utils.data import Dataset, Subset

from ...made_datasets import drawn
from ...seeding import made_dataset_bug

SHARED = "test_splits_share_no_windows"
FOLLOWING = "test_targets_follow_their_windows"
SERIES = torch.randn(600, 2, generator=drawn(0)).cumsum(dim=0) / 10


class Windows(Dataset):
    """Twelve steps of two features, and the next `ahead` of the first one."""

    def __init__(self, series, gap: int = 0, step: int = 1, ahead: int = 3):
        self.series, self.gap, self.step, self.ahead = series, gap, step, ahead

    def __len__(self):
        return (len(self.series) - 12 - self.gap - self.ahead) // self.step + 1

    def __getitem__(self, index):
        end = index * self.step + 12
        first = end + self.gap
        return self.series[end - 12 : end], self.series[first : first + self.ahead, 0]


def windows(train, test, **others) -> dict:
    data = types.SimpleNamespace(train_data=train, test_data=test)
    return {
        **{"data": data, "data_shape": (12, 2), "data_range": None, "augmented_splits": ()},
        **others,
    }


def cut(**options) -> dict:
    return windows(
        Windows(SERIES[:400], **options),
        Windows(SERIES[400:], **options),
        targets_follow_inputs=True,
    )


@made_dataset_bug(
    SHARED, r"\d+ of 64 windows of test_data, .* are in train_data with the value .*at random"
)
def windows_split_at_random():
    everything = Windows(SERIES)
    order = torch.randperm(len(everything), generator=drawn(0)).tolist()
    return windows(Subset(everything, order[:400]), Subset(everything, order[400:]))


@made_dataset_bug(FOLLOWING, r"train_data: the first value of a target is the last of its window")
def target_begins_in_the_window():
    return cut(gap=-1)


@made_dataset_bug(FOLLOWING, r"the first value of a target comes 1 steps too far on.*off by one")
def target_begins_a_step_late():
    return cut(gap=1, step=3)
