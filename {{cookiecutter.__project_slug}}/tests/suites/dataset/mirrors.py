# SPDX-License-Identifier: MIT
"""Targets of images that are mirrored: what was mirrored can be seen, and what has to follow."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .boxes import boxes_in
from .moving import READS, SAMPLES, MovingTargetTests
from .reading import same

# The axes of an image that each kind of mirror image turns about.
MIRRORS = {"left to right": (-1,), "upside down": (-2,), "both ways": (-2, -1)}
# The numbers of a box that a mirror image from left to right leaves alone.
UNTOUCHED = {"xyxy": [1, 3], "xywh": [1, 2, 3], "cxcywh": [1, 2, 3]}
# Samples that must show the same before it is said of all.
ENOUGH = 4

Pair = tuple[list, list]  # the targets of two reads of a sample, one input the other's mirror image


class MirrorTests(MovingTargetTests):
    """Tests of targets that are mirrored with their images. Part of AbstractTestDataset."""

    def test_targets_follow_mirror_images(self):
        """Where inputs of two reads are mirror images, their targets are not the same.

        That is looked at for each kind of mirror image: one may be forgotten beside others. Two
        reads count where one is nearer to the mirror image of the other than half of what it is to
        the other itself and to all other kinds. Of boxes also their x must change and not their y.
        """
        if not self.targets_move_with_inputs:
            self.skipTest(f"{type(self).__name__}.targets_move_with_inputs is not set.")
        for name, split in self.varying_splits().items():
            with self.subTest(split=name), all_seeded(0):
                found: dict[str, list[list[Pair]]] = {kind: [] for kind in MIRRORS}
                for index in self.probes(split, at_most=SAMPLES):
                    reads = [self.moving_parts(split[index]) for _ in range(READS)]
                    for kind, pairs in mirrored(reads).items():
                        found[kind].append(pairs)
                if not any(len(samples) >= ENOUGH for samples in found.values()):
                    self.skipTest(f"Reads of {name} are hardly ever mirror images of each other.")
                for kind, samples in found.items():
                    if len(samples) >= ENOUGH:
                        self.check_mirrored(name, kind, samples)

    def check_mirrored(self, name: str, kind: str, samples: list[list[Pair]]):
        behind = [s for s in samples if all(same(one, other) for one, other in s)]
        if len(behind) > len(samples) / 2:
            self.fail(
                f"{name}: in {len(behind)} of {len(samples)} samples whose image is mirrored "
                f"{kind}, the target stays as it is.\nDoes this mirror image leave masks or boxes "
                f"behind? Mirror both."
            )
        if self.box_format in UNTOUCHED and kind == "left to right":
            wrong = [s for s in samples if all(self.moves_upwards(*pair) for pair in s)]
            if len(wrong) > len(samples) / 2:
                self.fail(
                    f"{name}: in {len(wrong)} of {len(samples)} samples whose image is mirrored "
                    f"{kind}, y of the boxes changes and x does not.\nbox_format is "
                    f"{self.box_format!r}. Is y written first?"
                )

    def moves_upwards(self, one: list, other: list) -> bool:
        boxes = boxes_in(one), boxes_in(other)
        if boxes[0] is None or boxes[1] is None or boxes[0].shape != boxes[1].shape:
            return False
        moved = (boxes[0] != boxes[1]).any(dim=0)
        stays = UNTOUCHED[str(self.box_format)]
        return bool(moved[stays].any()) and not moved[[i for i in range(4) if i not in stays]].any()


def mirrored(reads: list[tuple[list[Tensor], list[Tensor]]]) -> dict[str, list[Pair]]:
    """Pairs of targets of reads that are mirror images, by kind, of a sample that can show it."""
    targets = [target for _, target in reads]
    if all(same(target, targets[0]) for target in targets):
        return {}  # empty or symmetrical, or all are left behind
    images = [channels_first(inputs[0]) for inputs, _ in reads]
    if images[0].dim() < 2 or len({image.shape for image in images}) != 1:
        return {}
    stack = torch.stack(images).float()
    flips = [(), *MIRRORS.values()]
    distance = torch.stack(
        [torch.cdist(stack.flatten(1), stack.flip(axes).flatten(1)) for axes in flips]
    )
    pairs: dict[str, list[Pair]] = {}
    for first in range(len(reads)):
        for second in range(first + 1, len(reads)):
            (nearest, next_one), (place, _) = distance[:, first, second].topk(2, largest=False)
            axes = flips[int(place)]
            if (
                not axes
                or nearest >= next_one / 2
                or turns_into_itself(targets[first], axes, images)
            ):
                continue
            kind = list(MIRRORS)[int(place) - 1]
            pairs.setdefault(kind, []).append((targets[first], targets[second]))
    return pairs


def channels_first(image: Tensor) -> Tensor:
    is_last = image.dim() == 3 and image.shape[2] <= 4 < image.shape[0]
    return image.permute(2, 0, 1) if is_last else image


def turns_into_itself(targets: list[Tensor], axes: tuple[int, ...], images: list[Tensor]) -> bool:
    """Whether a mask of the image's size is its own mirror image."""
    masks = [t for t in targets if t.dim() >= 2 and t.shape[-2:] == images[0].shape[-2:]]
    return bool(masks) and all(torch.equal(mask.flip(axes), mask) for mask in masks)
