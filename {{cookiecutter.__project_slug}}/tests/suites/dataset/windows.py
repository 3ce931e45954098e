# SPDX-License-Identifier: MIT
"""Windows over a series: where their targets begin, and what two splits have of one series."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .sampling import samples_at

# Steps at the end of a window, and what follows them, that are looked up in other windows.
STEPS = 4
# Windows that are looked at of each split, and values of one feature in all of them.
WINDOWS, VALUES = 64, 2_000_000
# Part of a split's windows that may overlap another one's: those at the place of the cut.
AT_THE_CUT = 0.1

Series = tuple[Tensor, Tensor]  # windows (n, steps, features), and what follows them (n, ahead)


class WindowTests(DatasetContract):
    """Tests of windows over a series and the steps that follow. Part of AbstractTestDataset."""

    def test_splits_share_no_windows(self):
        """What follows a window of one split is in no window or target of the first.

        The last four steps of a window and the value behind them are looked up: where values are
        many, such as agree in all of them are a piece of the same series.
        """
        splits = self.indexed_splits()
        with all_seeded(0):
            found = {n: self.series(n, split, self.max_samples) for n, split in splits.items()}
        (first, known), *others = found.items()
        if len(known[0][:, :, 0].unique()) < len(known[0]) / 2:
            self.skipTest(f"Steps of {first} have few values, which follow each other by chance.")
        for name, (windows, following) in others:
            with self.subTest(splits=(first, name)):
                chosen = torch.linspace(0, len(windows) - 1, WINDOWS).long().unique()
                shared = [i for i in chosen.tolist() if is_in(windows[i], following[i, 0], *known)]
                if len(shared) > max(1, AT_THE_CUT * len(chosen)):
                    self.fail(
                        f"{len(shared)} of {len(chosen)} windows of {name}, among them "
                        f"{name}[{shared[0]}], are in {first} with the value that follows.\nAre "
                        f"windows over one series split at random? Cut the series, then windows."
                    )

    def test_targets_follow_their_windows(self):
        """Where it is declared, a target is what follows its window, from the next step on."""
        if not self.targets_follow_inputs:
            self.skipTest(f"{type(self).__name__}.targets_follow_inputs is not set.")
        for name, split in self.constant_splits().items():
            with self.subTest(split=name), all_seeded(0):
                windows, following = self.series(name, split, WINDOWS)
                if min(len(windows), len(split)) < STEPS:
                    self.skipTest(f"{name} has too few windows.")
                early = same_columns(windows[:, -1], following[:, 0])
                step = step_of(windows)
                if step is None or step > following.shape[1]:
                    self.skipTest(f"Neighbouring windows of {name} do not overlap, step by step.")
                self.check_begin(name, windows, following, step, early)

    def check_begin(self, name: str, windows: Tensor, following: Tensor, step: int, early: bool):
        """The last value of the next window is in the target, at its place."""
        ahead = following.shape[1]
        last = windows[1:, -1]
        places = [i for i in range(ahead) if same_columns(last, following[:-1, i])]
        if early or (places and step - 1 not in places):
            off = (step - 1) - places[0] if places else -1
            what = "is the last of its window" if early else f"comes {abs(off)} steps too far on"
            self.fail(
                f"{name}: the first value of a target {what}, in all of {len(windows)} windows.\n"
                f"Is an index off by one? targets_follow_inputs says that a target begins with the "
                f"step behind its window."
            )

    def series(self, name: str, split, at_most: int) -> Series:
        """The first windows of a split, in their order, and their targets; skips elsewhere."""
        self.require_windows(name, split)
        count = min(len(split), at_most, VALUES // max(1, self.inputs(split[0])[0].numel()))
        samples = samples_at(split, list(range(count)))
        inputs = [self.inputs(sample)[0] for sample in samples]
        targets = [self.targets(sample)[0] for sample in samples]
        if len({x.shape for x in inputs}) != 1 or len({t.shape for t in targets}) != 1:
            self.skipTest(f"Samples of {name} have several sizes.")
        windows = torch.stack(inputs)
        windows = windows[..., None] if windows.dim() == 2 else windows
        following = torch.stack(targets).reshape(count, max(1, len(targets[0].reshape(-1))))
        return windows, following.to(windows.dtype)

    def require_windows(self, name: str, split):
        """Looks at the first sample: a row of steps, with numbers as its target."""
        inputs, targets = (
            (self.inputs(split[0]), self.targets(split[0])) if len(split) else ([], [])
        )
        fits = len(inputs) == 1 and 1 <= inputs[0].dim() <= 2 and len(inputs[0]) >= 2 * STEPS
        fits = fits and len(targets) == 1 and isinstance(targets[0], Tensor)
        if not fits or not (inputs[0].is_floating_point() and targets[0].is_floating_point()):
            self.skipTest(f"Samples of {name} are no windows of fractions with what follows them.")
        if targets[0].dim() > 1 or targets[0].numel() == 0:
            self.skipTest(f"Targets of {name} are no row of numbers.")


def same_columns(values: Tensor, wanted: Tensor) -> bool:
    """Whether one of the features (n, features) is what is wanted (n,), and is not constant."""
    equal = (values == wanted[:, None]).all(dim=0)
    return bool(equal.any()) and bool((wanted != wanted[0]).any())


def step_of(windows: Tensor) -> int | None:
    """By how many steps each window is further on than the one before; None where it cannot be."""
    for step in range(1, windows.shape[1] - STEPS):
        if torch.equal(windows[:-1, step:], windows[1:, :-step]):
            return step
    return None


def is_in(window: Tensor, following: Tensor, known: Tensor, known_following: Tensor) -> bool:
    """Whether the end of a window and the value behind it are among others, step by step.

    window: (steps, features), known: (n, steps, features), known_following: (n, ahead).
    """
    end = window[-STEPS:]
    if len(end.unique(dim=0)) < STEPS:
        return False  # constant for a while: padding, or a sensor that is off
    places = (known[:, STEPS - 1 :, 0] == end[-1, 0]).nonzero()[:WINDOWS]
    for sample, start in places.tolist():
        if not torch.equal(known[sample, start : start + STEPS], end):
            continue
        behind = start + STEPS
        at_the_end = behind == known.shape[1]
        next_values = known_following[sample, :1] if at_the_end else known[sample, behind]
        if (next_values == following).any():
            return True
    return False
