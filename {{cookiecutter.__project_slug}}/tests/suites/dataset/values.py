"""Properties of the samples themselves: shape, type, range, labels."""

import math

import torch
from scipy import special
from torch import Tensor

from ..instruments.seeds import seeded
from .contract import flattened, image_of, samples_at

# The probability with which labels in a random order would pass.
FALSE_ALARMS = 1e-6


class ValueTests:
    """Tests of images and labels. Part of AbstractTestDataset."""

    def test_samples_have_the_declared_shape(self):
        """Every sample has the declared shape, the default float type and finite values."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                for index in self.probes(split):
                    self.check_sample(image_of(split[index]), f"{name}[{index}]")

    def check_sample(self, image: Tensor, place: str):
        if tuple(image.shape) != tuple(self.data_shape):
            self.fail(
                f"{place} has shape {tuple(image.shape)}, but data_shape is "
                f"{tuple(self.data_shape)}.\nIs the channel axis missing, or the padding?"
            )
        if image.dtype != torch.get_default_dtype():
            self.fail(
                f"{place} is {image.dtype}, but the models compute in "
                f"{torch.get_default_dtype()}.\nConvert it, e.g. with .float()."
            )
        if not image.isfinite().all():
            self.fail(
                f"{place} has values that are not finite.\n"
                f"Is it divided by a spread that is zero for this image?"
            )

    def test_values_fill_the_declared_range(self):
        """The values of every split lie in the declared range and use both halves of it."""
        if self.data_range is None:
            self.skipTest(f"{type(self).__name__}.data_range is None.")
        low, high = self.data_range
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                lows, highs = zip(
                    *map(extremes, samples_at(split, self.probes(split))), strict=True
                )
                found = f"{name} has values from {min(lows):g} to {max(highs):g}"
                expected = f"data_range is [{low:g}, {high:g}]"
                if not (low <= min(lows) and max(highs) <= high):
                    self.fail(
                        f"{found}, but {expected}.\n"
                        f"Is this split scaled with the wrong constants, or not at all?"
                    )
                middle = (low + high) / 2
                if not (min(lows) < middle < max(highs)):
                    self.fail(
                        f"{found}, which is one half of what is declared: {expected}.\n"
                        f"Is this split scaled twice, or to [0, 1] in place of [-1, 1]?"
                    )

    def test_labels_are_class_indices(self):
        """Labels are integers from 0 on, and every split has the same classes."""
        if not self.has_labels:
            self.skipTest(f"{type(self).__name__}.has_labels is False.")
        counts = {}
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                counts[name] = torch.bincount(self.labels(name, split))
        for name in counts:
            for other in counts:
                with self.subTest(split=name, compared_with=other):
                    self.check_classes(name, counts[name], other, counts[other])

    def test_labels_follow_the_images(self):
        """Where it is declared, images have the labels of their nearest neighbours more often."""
        if not (self.has_labels and self.labels_follow_images):
            self.skipTest(f"{type(self).__name__}.labels_follow_images is not set.")
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
                labels = self.labels(name, split)
                images = flattened(samples_at(split, self.probes(split)))
                itself = torch.eye(len(images), dtype=torch.bool)
                nearest = torch.cdist(images, images).masked_fill(itself, math.inf).argmin(dim=1)
                hits = (labels == labels[nearest]).sum().item()
                # Labels in a random order meet with the probability that two of them are the same;
                # the number of hits is then about binomial.
                chance = (torch.bincount(labels) / len(labels)).square().sum().item()
                if special.bdtrc(hits - 1, len(labels), chance) > FALSE_ALARMS:
                    self.fail(
                        f"{name}: {hits} of {len(labels)} images have the label of the image that "
                        f"is most like them; labels in any order would come to "
                        f"{chance * len(labels):.0f}.\nAre images or labels shuffled, sorted or "
                        f"shifted without the others?"
                    )

    def labels(self, name: str, split) -> Tensor:
        labels = [sample[1] for sample in samples_at(split, self.probes(split))]
        for index, label in zip(self.probes(split), labels, strict=True):
            label = torch.as_tensor(label)
            if label.numel() != 1 or label.is_floating_point() or label < 0:
                self.fail(
                    f"{name}[{index}] has the label {label}; expected an integer from 0 on.\n"
                    f"If there are no labels, set has_labels = False."
                )
        return torch.tensor([int(label) for label in labels])

    def check_classes(self, name: str, counts: Tensor, other: str, expected: Tensor):
        """Fails where classes are missing that chance alone would not leave out.

        If a part f of the samples belongs to classes that a split of n samples lacks, chance
        leaves them all out with probability (1 - f)^n: below 1e-6 it was not chance.
        """
        width = max(len(counts), len(expected))
        here, there = (torch.nn.functional.pad(c, (0, width - len(c))) for c in (counts, expected))
        missing = (here == 0) & (there > 0)
        part = there[missing].sum() / there.sum()
        if missing.any() and (1 - part.item()) ** counts.sum().item() < 1e-6:
            self.fail(
                f"{name} has no sample of the classes {missing.nonzero().flatten().tolist()}, "
                f"which {other} has.\nIs it cut from sorted data, or are its labels off by one?"
            )


def extremes(sample) -> tuple[float, float]:
    """Lowest and highest value of the image of a sample."""
    low, high = image_of(sample).aminmax()
    return low.item(), high.item()
