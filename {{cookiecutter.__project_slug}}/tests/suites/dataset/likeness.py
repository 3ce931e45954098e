# SPDX-License-Identifier: MIT
"""Whether images of two splits went through the same hands."""

import itertools

from ..instruments.seeds import all_seeded
from . import chance
from .labels import LabelTests
from .neighbours import Images
from .sampling import samples_at

# Of how much better than chance a split is recognised by itself, the least by another one. What
# is collected elsewhere may be recognised less well; where images are transposed, mirrored or
# inverted in one of them, hardly any is.
LEAST_SHARE = 2 / 3
# The probability that splits of which that share is just reached fail.
FALSE_ALARMS = 1e-6


class LikenessTests(LabelTests):
    """Tests of splits beside each other. Part of AbstractTestDataset."""

    def test_splits_look_alike(self):
        """Images of one split are recognised by their nearest neighbours in another one.

        Where it is declared that labels follow images, at two thirds of the rate, above chance, at
        which the other one's own images are.
        """
        if not (self.has_labels and self.labels_follow_images):
            self.skipTest(f"{type(self).__name__}.labels_follow_images is not set.")
        self.require_labels()
        found = {}
        for name, split in self.readable_splits().items():
            with all_seeded(0):
                vectors = self.vectors(samples_at(split, self.probes(split)))
                found[name] = Images(vectors, self.labels(name, split))
        for (name, images), (other, others) in itertools.combinations(found.items(), 2):
            if images.vectors.shape[1] == others.vectors.shape[1]:
                with self.subTest(split=other, compared_with=name):
                    self.check_likeness(name, images, other, others)

    def check_likeness(self, name: str, images: Images, other: str, others: Images):
        itself = images.hits_in(images) / len(images.labels)
        by_chance = others.hits_by_chance(images)
        least = by_chance + LEAST_SHARE * max(0.0, itself - by_chance)
        hits, count = others.hits_in(images), len(others.labels)
        if chance.at_most(hits, count, least) < FALSE_ALARMS:
            self.fail(
                f"{other}: {hits} of {count} images have the label of the image of {name} that is "
                f"most like them; at the rate within {name} it would be {itself * count:.0f}.\nAre "
                f"images transposed, mirrored, inverted or scaled in one of these splits only?"
            )
