# SPDX-License-Identifier: MIT
"""Mean and spread of inputs: what they were scaled with, and whether splits were scaled alike."""

import torch
from torch import Tensor

from ..instruments.optional import scipy_special
from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .labels import FALSE_ALARMS
from .sampling import samples_at

# With fewer samples, or fewer different values of a feature, nothing is told from its moments.
ENOUGH = 10
# A mean and a spread that differ less from 0 and 1 were made so. By chance n numbers come as close
# with a probability of about n * 1e-10: their deviations are 1 / sqrt(n) and 0.7 / sqrt(n).
EXACT = 1e-5
# What a declared mean and spread may be off: gaps that are filled with the mean narrow it, windows
# count the ends of a series less often, and published constants are rounded.
MEAN, SPREADS = 0.15, (0.8, 1.25)
# Colours further apart than this many deviations of the means of images are no accident.
DEVIATIONS = 3
# Other light makes colours this many times stronger at most, and does not exchange them.
CONTRAST = 3


class MomentTests(DatasetContract):
    """Tests of means and spreads. Part of AbstractTestDataset."""

    def test_inputs_are_standardised_as_declared(self):
        """Features or channels that are declared as standardised have mean 0 and spread 1."""
        if not self.standardised:
            self.skipTest(f"{type(self).__name__}.standardised names no feature.")
        name, split = next(iter(self.readable_splits().items()))
        with all_seeded(0):
            values = self.features(split)
        if values is None or values.shape[-1] <= max(self.standardised):
            self.skipTest(f"Inputs of {name} have no such features, or several shapes.")
        values = values.flatten(0, -2)
        for feature in self.standardised:
            mean, spread = values[:, feature].mean().item(), values[:, feature].std().item()
            if not (abs(mean) <= MEAN and SPREADS[0] <= spread <= SPREADS[1]):
                self.fail(
                    f"Feature {feature} of {name} has mean {mean:.3g} and spread {spread:.3g}; "
                    f"declared as standardised, they are about 0 and 1.\nIs it scaled with moments "
                    f"of other data, are gaps filled with 0 before, or fractions cut off?"
                )

    def test_splits_are_scaled_with_moments_of_the_first(self):
        """No other split has features of mean 0 and spread 1 to the last digit, nor all together.

        That is what scaling with the training split's moments makes of that split alone.
        """
        splits = self.readable_splits(complete=True)
        (first, known), *others = splits.items()
        with all_seeded(0):
            if not self.is_table(known):
                self.skipTest("Inputs are no rows of a table.")
            rows = {name: self.features(split) for name, split in splits.items()}
        ours = rows[first]
        for name, _ in others:
            theirs = rows[name]
            if theirs is None or ours is None or theirs.shape[1] != ours.shape[1]:
                continue
            with self.subTest(splits=(first, name)):
                if own := exact_features(theirs):
                    self.fail(
                        f"Features {own} of {name} have mean 0 and spread 1 to the last digit.\nIs "
                        f"it scaled with moments of its own? Take those of {first} for all splits."
                    )
                both = exact_features(torch.cat([ours, theirs]))
                if both and not exact_features(ours):
                    self.fail(
                        f"Features {both} of {first} and {name} together have mean 0 and spread 1 "
                        f"to the last digit.\nAre moments taken of all data? {name} has a part in "
                        f"them: take those of {first} alone."
                    )

    def test_channels_are_alike_in_every_split(self):
        """Colours of images have the same place and scale in every split.

        An alarm needs a difference of channels, beside what all of them have in common, that is
        larger than three deviations between images of a split and one between its pixels, that
        no contrast explains, and chance with a probability below 1e-6: other cameras make less.
        """
        found = {}
        for name, split in self.readable_splits().items():
            with all_seeded(0):
                if self.is_table(split) or (colours := self.features(split)) is None:
                    self.skipTest(f"Inputs of {name} have no colours of one size.")
                is_image = self.inputs(split[0])[0].dim() == 3  # a series has no colours
                if not is_image or not 2 <= colours.shape[2] <= 4:
                    self.skipTest(f"Inputs of {name} are no images with two to four channels.")
                found[name] = colours
        (first, ours), *others = found.items()
        for name, theirs in others:
            with self.subTest(splits=(first, name)):
                if theirs.shape[2] == ours.shape[2] and min(len(ours), len(theirs)) >= ENOUGH:
                    self.check_colours(first, ours, name, theirs)

    def check_colours(self, first: str, ours: Tensor, name: str, theirs: Tensor):
        means = [c.mean(dim=1) - c.mean(dim=(1, 2))[:, None] for c in (ours, theirs)]  # (n, C)
        away = (means[0].mean(dim=0) - means[1].mean(dim=0)).abs()
        images = torch.stack([m.var(dim=0) for m in means])
        counts = torch.tensor([[len(m)] for m in means])
        quantile = scipy_special().stdtrit(min(map(len, means)) - 1, 1 - FALSE_ALARMS / 8)
        far = away > quantile * (images / counts).sum(dim=0).sqrt()
        far &= away > DEVIATIONS * images.amax(dim=0).sqrt()
        far &= away > torch.stack([c.flatten(0, 1).std(dim=0) for c in (ours, theirs)]).amax(dim=0)
        far &= ~is_weaker(*(m.mean(dim=0) for m in means))
        if far.any():
            places = [f"{m.mean(dim=0)[far.nonzero()[0, 0]].item():.2g}" for m in means]
            self.fail(
                f"Channel {int(far.nonzero()[0, 0])}, less the mean of all, is {places[0]} in "
                f"{first} and {places[1]} in {name}.\nAre images of one split read as BGR, or "
                f"scaled with the constants of another channel?"
            )

    def is_table(self, split) -> bool:
        """Whether an input is one row of fractions. Looks at the first sample only."""
        inputs = self.inputs(split[0]) if len(split) else []
        return len(inputs) == 1 and inputs[0].dim() == 1 and inputs[0].is_floating_point()

    def features(self, split) -> Tensor | None:
        """(n, features) of rows, (n, steps, features) of series, (n, pixels, channels) of images.

        None where inputs are of another kind.
        """
        first = self.inputs(split[0]) if len(split) else []
        if len(first) != 1 or not first[0].is_floating_point() or not 1 <= first[0].dim() <= 3:
            return None
        if first[0].dim() == 3 and min(first[0].shape[0], first[0].shape[2]) < 2:
            return None  # one channel
        inputs = [self.inputs(sample)[0] for sample in samples_at(split, self.probes(split))]
        if len({tensor.shape for tensor in inputs}) != 1:
            return None
        values = torch.stack(inputs).double()
        if values.dim() == 4:
            first_axis = values.shape[1] <= 4 or values.shape[3] > 4
            values = values.flatten(2).transpose(1, 2) if first_axis else values.flatten(1, 2)
        return values


def is_weaker(one: Tensor, other: Tensor) -> Tensor:
    """Whether colours are the same, but for a contrast of up to CONTRAST: on one side of grey."""
    ratio = torch.minimum(one.abs(), other.abs()) / torch.maximum(one.abs(), other.abs())
    return (one * other > 0) & (ratio > 1 / CONTRAST)


def exact_features(rows: Tensor) -> list[int]:
    """The features (n, features) whose mean is 0 and whose spread is 1, but for rounding."""
    if len(rows) < ENOUGH:
        return []
    centred = rows.mean(dim=0).abs() < EXACT
    for correction in (0, 1):
        scaled = (rows.std(dim=0, correction=correction) - 1).abs() < EXACT
        found = (centred & scaled).nonzero().flatten().tolist()
        found = [feature for feature in found if len(rows[:, feature].unique()) >= ENOUGH]
        if found:
            return found
    return []
