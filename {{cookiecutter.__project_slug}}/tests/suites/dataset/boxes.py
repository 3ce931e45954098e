# SPDX-License-Identifier: MIT
"""Boxes that are written as declared, and lie in their image."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .sampling import samples_at

# What each of the four numbers of a box tells of: an axis of the image, 0 for x and 1 for y.
FORMATS = ("xyxy", "xywh", "cxcywh")
# Pixels that a box may stand out, by rounding or by counting the last pixel.
ROUNDING = 1.0


class BoxTests(DatasetContract):
    """Tests of boxes in pixels. Part of AbstractTestDataset."""

    def test_boxes_lie_in_their_image(self):
        """Where `box_format` is declared, boxes have an extent and lie in their image."""
        if self.box_format is None:
            self.skipTest(f"{type(self).__name__}.box_format is not declared.")
        if self.box_format not in FORMATS:
            self.fail(f"box_format is {self.box_format!r}; expected one of {FORMATS}.")
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split)
                for index, sample in zip(probes, samples_at(split, probes), strict=True):
                    boxes = boxes_in(self.targets(sample))
                    size = size_of_image(self.inputs(sample)[0])
                    if boxes is not None and size is not None:
                        self.check_boxes(f"{name}[{index}]", corners(boxes, self.box_format), size)

    def check_boxes(self, place: str, boxes: Tensor, size: tuple[int, int]):
        low, high = boxes[:, :2], boxes[:, 2:]
        if not (high > low).all():
            box = boxes[int((~(high > low)).any(dim=1).nonzero()[0, 0])].tolist()
            self.fail(
                f"A box of {place} has the corners {box}: its end is not behind its beginning.\n"
                f"box_format is {self.box_format!r}. Is it written so, and are boxes dropped of "
                f"which a crop leaves nothing?"
            )
        outside = ((low < -ROUNDING) | (high > torch.tensor(size) + ROUNDING)).any(dim=1)
        if outside.any():
            box = boxes[int(outside.nonzero()[0, 0])].tolist()
            self.fail(
                f"A box of {place} has the corners {box}, outside of its image, {size[0]} wide and "
                f"{size[1]} high.\nIs the image resized or cut without its boxes? box_format is "
                f"{self.box_format!r}."
            )


def boxes_in(targets: list) -> Tensor | None:
    """The first part of a target that is made of fours of numbers: (n, 4)."""
    for target in targets:
        if isinstance(target, Tensor) and 1 <= target.dim() <= 2 and target.shape[-1] == 4:
            return target.reshape(-1, 4).double()
    return None


def corners(boxes: Tensor, written: str) -> Tensor:
    """(n, 4) as x and y of the beginning, x and y of the end."""
    one, other = boxes[:, :2], boxes[:, 2:]
    if written == "xyxy":
        return boxes
    if written == "xywh":
        return torch.cat([one, one + other], dim=1)
    return torch.cat([one - other / 2, one + other / 2], dim=1)


def size_of_image(image: Tensor) -> tuple[int, int] | None:
    """Width and height, of (C, H, W), (H, W, C) or (H, W)."""
    if image.dim() not in (2, 3):
        return None
    last = image.dim() == 3 and image.shape[2] <= 4 < image.shape[0]
    height, width = image.shape[:2] if last else image.shape[-2:]
    return width, height
