"""Windows over a series and what follows them, tones, and pairs."""

import types

import torch
from torch.utils.data import Dataset

from ...bugs.dataset.pairs import pair
from ...bugs.dataset.windows import SERIES, Windows, windows
from ...made_datasets import made
from ...varying import dataset

CUT = 400


def scaled(series):
    return (series - series[:CUT].mean(dim=0)) / series[:CUT].std(dim=0)


@dataset
def windows_of_two_features():
    series = scaled(SERIES)
    parts = Windows(series[:CUT]), Windows(series[CUT:])
    return windows(*parts, targets_follow_inputs=True, standardised=(0, 1))


@dataset
def windows_three_steps_apart():
    parts = Windows(SERIES[:CUT], step=3), Windows(SERIES[CUT:], step=3)
    return windows(*parts, targets_follow_inputs=True)


@dataset
def test_windows_that_begin_in_the_training_series():
    """The first one to be predicted follows the cut."""
    return windows(Windows(SERIES[:CUT]), Windows(SERIES[CUT - 12 :]), targets_follow_inputs=True)


class OneOfEach(Dataset):
    """One window of each of many series, and the step that follows it."""

    def __init__(self, start: int):
        self.start = start

    def __len__(self):
        return 40

    def __getitem__(self, index):
        end = index * 14 + self.start + 12
        return SERIES[end - 12 : end], SERIES[end : end + 1, 0]


@dataset
def ends_of_many_series_to_be_predicted():
    """Nearly all inputs of the test split are in the training split, none of its targets is."""
    return windows(OneOfEach(0), OneOfEach(1))


@dataset
def counts_of_a_day():
    series = (SERIES * 2).round()
    return windows(Windows(series[:CUT]), Windows(series[CUT:]), targets_follow_inputs=True)


class Level(Windows):
    """Each window without its mean."""

    def __getitem__(self, index):
        window, following = super().__getitem__(index)
        mean = window[:, 0].mean()
        return torch.stack([window[:, 0] - mean, window[:, 1]], dim=1), following - mean


@dataset
def windows_without_their_level():
    return windows(Level(SERIES[:CUT]), Level(SERIES[CUT:]), targets_follow_inputs=True)


class Tones(Dataset):
    """Cut at random from clips of three tones: the reads of one are as far apart as two clips."""

    def __init__(self, count: int, is_augmented: bool):
        self.clips = []
        for index in range(count):
            time = torch.arange(600 + index % 50) / 1000
            phase = torch.rand(())
            tone = torch.sin(6.2832 * (20, 50, 90)[index % 3] * time + phase)
            self.clips.append((0.8 * tone + 0.05 * torch.randn(len(time))).clamp(-1, 1))
        self.is_augmented = is_augmented

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, index):
        clip = self.clips[index]
        last = len(clip) - 400
        start = int(torch.randint(last + 1, ())) if self.is_augmented else last // 2
        return clip[start : start + 400], index % 3


@dataset
def clips_of_three_tones():
    data = types.SimpleNamespace(train_data=Tones(42, True), test_data=Tones(15, False))
    return {"data": data, "data_shape": (400,)}


@dataset
def pairs_of_patterns():
    return made(pair, (8, 8), same_pair=1.0)


def unlike(index):
    """Pairs that hardly tell which are the same."""
    (one, other), same = pair(index)
    return (one * 0.1 + torch.rand(8, 8) - 0.5, other * 0.1 + torch.rand(8, 8) - 0.5), same


@dataset
def pairs_that_look_all_the_same():
    both = ("train_data", "test_data")
    return made(unlike, (8, 8), same_pair=1.0, augmented_splits=both)
