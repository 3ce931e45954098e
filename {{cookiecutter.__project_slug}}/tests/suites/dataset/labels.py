# SPDX-License-Identifier: MIT
"""Properties of labels: what they are, how often each occurs, and which images have them."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from . import chance
from .contract import DatasetContract
from .neighbours import Images
from .reading import kind_of
from .sampling import samples_at

# The probability with which labels in a random order would pass, and correct ones would fail.
FALSE_ALARMS = 1e-6
# The probability of a false alarm for a pair of splits. The bound on it is a wide one, and it is
# the same in every run: the classes of a split do not change.
CLASSES_MISSING = 1e-5


class LabelTests(DatasetContract):
    """Tests of targets that are indices of classes. Part of AbstractTestDataset."""

    def test_labels_are_class_indices(self):
        """Labels are integers from 0 on, and every split has the same classes.

        Numbers that are floating, other than 0 and 1, are labels where classes are declared only.
        """
        self.require_labels()
        counts = {}
        for name, split in self.readable_splits(complete=True).items():
            with self.subTest(split=name), all_seeded(0):
                labels = self.labels(name, split)
                counts[name] = torch.bincount(labels[labels >= 0])
        for name in counts:
            for other in counts:
                with self.subTest(split=name, compared_with=other):
                    self.check_classes(name, counts[name], other, counts[other])

    def test_labels_follow_the_images(self):
        """Where it is declared, images have the labels of their nearest neighbours more often."""
        if not (self.has_labels and self.labels_follow_images):
            self.skipTest(f"{type(self).__name__}.labels_follow_images is not set.")
        self.require_labels()
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                labels = self.labels(name, split)
                images = Images(self.vectors(samples_at(split, self.probes(split))), labels)
                hits = images.hits_in(images)
                # Labels in a random order meet with the probability that two of them are the same;
                # the number of hits is then about binomial.
                expected = images.hits_by_chance(images)
                if chance.at_least(hits, len(labels), expected) > FALSE_ALARMS:
                    self.fail(
                        f"{name}: {hits} of {len(labels)} images have the label of the image that "
                        f"is most like them; labels in any order would come to "
                        f"{expected * len(labels):.0f}.\nAre images or labels shuffled, sorted or "
                        f"shifted without the others?"
                    )

    def test_classes_have_the_declared_shares(self):
        """Every split has as many samples of each class as its declared share lets expect."""
        if self.class_shares is None:
            self.skipTest(f"{type(self).__name__}.class_shares is not declared.")
        self.require_labels()
        shares = self.class_shares
        shares = shares if isinstance(shares, dict) else dict(enumerate(shares))
        for name, split in self.readable_splits(complete=True).items():
            with self.subTest(split=name), all_seeded(0):
                labels = self.labels(name, split)
                for label, share in shares.items():
                    found = int((labels == label).sum())
                    if not is_likely(found, len(labels), share, FALSE_ALARMS / len(shares)):
                        self.fail(
                            f"{name} has {found} samples of class {label} among {len(labels)}; its "
                            f"declared share of {share:g} lets expect {share * len(labels):.0f}.\n"
                            f"Is a class filtered away, oversampled twice, or are labels of two "
                            f"classes mixed up?"
                        )

    def require_labels(self):
        """Skips where targets are something else than labels."""
        if not self.has_labels:
            self.skipTest(f"{type(self).__name__}.has_labels is False.")
        dtype = self.target_dtype
        is_real = isinstance(dtype, torch.dtype) and dtype.is_floating_point
        if is_real or self.target_shape not in (None, (), (1,)):
            self.skipTest("target_shape or target_dtype say that targets are no labels.")

    def has_classes(self) -> bool:
        """Whether something is declared that holds for labels only."""
        declared = self.num_classes is not None or self.class_shares is not None
        return declared or self.labels_follow_images

    def labels(self, name: str, split) -> Tensor:
        """The label of every probe; skips where the targets are something larger."""
        found = [self.targets(sample) for sample in samples_at(split, self.probes(split))]
        if any(len(targets) != 1 or not is_number(targets[0]) for targets in found):
            self.skipTest(f"The targets of {name} are no labels: {described(found[0])}.")
        if not self.has_classes() and not all(is_label(target) for (target,) in found):
            self.skipTest(f"Targets of {name} are numbers to predict: no classes are declared.")
        for index, (label,) in zip(self.probes(split), found, strict=True):
            if not is_label(label) or (label < 0 and label != self.ignore_index):
                self.fail(
                    f"{name}[{index}] has the label {label}; expected an integer from 0 on.\n"
                    f"If it is a number to predict, declare target_dtype = {label.dtype}; if there "
                    f"are no labels, set has_labels = False."
                )
        return torch.tensor([int(label) for (label,) in found])

    def check_classes(self, name: str, counts: Tensor, other: str, expected: Tensor):
        """Fails where classes are missing that chance alone would not leave out."""
        width = max(len(counts), len(expected))
        here, there = (torch.nn.functional.pad(c, (0, width - len(c))) for c in (counts, expected))
        missing = (here == 0) & (there > 0)
        if missing.any() and chance.of_missing(here, there) < CLASSES_MISSING:
            self.fail(
                f"{name} has no sample of the classes {shortened(missing)}, which {other} has.\n"
                f"Is it cut from sorted data, or are its labels off by one?"
            )


def is_likely(found: int, count: int, share: float, probability: float) -> bool:
    """Whether a binomial number is found in neither tail, each of half a probability."""
    tails = chance.at_most(found, count, share), chance.at_least(found, count, share)
    return min(tails) >= probability / 2


def is_label(value: Tensor) -> bool:
    """Whether a number may be the index of a class: an integer, or 0 or 1 in any type."""
    return not value.is_floating_point() or value.item() in (0.0, 1.0)


def is_number(value) -> bool:
    return isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex()


def described(targets: list) -> str:
    """What the targets of a sample are, in a few words."""
    if not targets:
        return "there is none"
    parts = [
        f"a tensor {tuple(t.shape)}" if isinstance(t, Tensor) else f"a {kind_of(t)}"
        for t in targets[:3]
    ]
    return ", ".join(parts)


def shortened(missing: Tensor) -> str:
    """The first classes of those that are missing."""
    classes = missing.nonzero().flatten().tolist()
    return f"{classes[:10]} and {len(classes) - 10} more" if len(classes) > 10 else f"{classes}"
