# SPDX-License-Identifier: MIT
"""Properties of places that do not count: masked, padded, or of an ignored class."""

from functools import partial
from unittest import SkipTest

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped
from ..instruments.seeds import seeded
from .means import Means
from .right_answers import RightAnswers


class PaddingTests(Means, RightAnswers):
    """Tests of masks and of ignored classes. Part of AbstractTestLoss."""

    def test_places_that_do_not_count_have_no_influence(self):
        """Other outputs, and other masked targets, in places that do not count change nothing."""
        outputs, targets, places = self.with_padding()
        expected = self.value(outputs, targets)
        for name, arguments in (
            ("outputs", (self.disturbed(outputs, places), targets)),
            ("targets", (outputs, self.disturbed_targets(targets, places))),
        ):
            with self.subTest(changed=name):
                found = self.value(*arguments)
                if not self.same(found, expected):
                    self.fail(
                        f"The loss is {expected:.5g}, and {found:.5g} with other {name} in the "
                        f"{int((~places).sum())} places that do not count.\nIs the mask ignored, "
                        f"inverted, or of another axis?"
                    )

    def test_places_that_count_have_an_influence(self):
        """Other outputs in any place that counts change the loss."""
        outputs, targets, places = self.with_padding()
        expected = self.value(outputs, targets)
        for number, place in enumerate(places.nonzero()[:16].tolist()):
            others = torch.ones_like(places)
            others[tuple(place)] = False
            found = self.value(self.disturbed(outputs, others, seed=number), targets)
            if self.same(found, expected):
                self.fail(
                    f"Other outputs in the place {place}, which counts, do not change the loss of "
                    f"{expected:.5g}.\nIs the mask inverted, shifted, or that of another axis?"
                )

    def test_more_padding_changes_nothing(self):
        """The loss stays the same where more places are added that do not count."""
        outputs, targets, places = self.with_padding()
        expected = self.value(outputs, targets)
        axis = places.dim() - 1
        longer = [
            mapped(partial(self.padded, places=places, axis=axis, fill=fill), value)
            for value, fill in ((outputs, 0), (targets, self.ignore_index or 0))
        ]
        if self.ignore_index is None and self.mask_in(targets) is None:
            self.skipTest("The mask is no part of the targets, so it cannot be made longer.")
        if shapes_of(longer[0]) == shapes_of(outputs):
            self.skipTest("No axis of the outputs has the length of the mask.")
        found = self.value(*longer)
        if not self.same(found, expected):
            self.fail(
                f"The loss is {expected:.5g}, and {found:.5g} with more places that do not count."
                f"\nIs it divided by the number of all places? Divide by that of those that count."
            )

    def with_padding(self) -> tuple:
        """Outputs, targets, and the places that count; skips where all do."""
        outputs, targets = self.precise_outputs, self.precise_targets
        places = self.places()
        if places is None:
            raise SkipTest("Neither mask nor ignore_index is declared.")
        if self.ignore_index is not None and places.all():
            targets = targets.clone()  # one place in three, and never all of a small batch
            targets.view(-1)[1::3] = self.ignore_index
            places = targets != self.ignore_index
            self.require_ignoring(outputs, targets)
        if places.all() or not places.any():
            self.fail(
                f"{type(self).__name__}.mask is {bool(places.any())} everywhere.\nGive the test "
                f"places that count, where it is True, and some that do not."
            )
        return outputs, targets, places

    def require_ignoring(self, outputs, targets):
        """Fails where the loss does not take the ignored class."""
        try:
            self.value(outputs, targets)
        except (RuntimeError, IndexError, ValueError) as error:
            self.fail(
                f"The loss raises {type(error).__name__} for targets that are ignore_index = "
                f"{self.ignore_index}: {str(error)[:100]}\nIs it passed on to the loss?"
            )

    def disturbed(self, value, places: Tensor, seed: int = 0):
        """Outputs with the values of other places where these do not count."""
        return mapped(lambda x: self.exchanged(x, places, seed), value)

    def disturbed_targets(self, targets, places: Tensor):
        """Targets with other values where these do not count; ignored classes stay."""
        if self.ignore_index is not None:
            return targets
        mask = self.mask_in(targets)
        return mapped(lambda x: x if x is mask else self.exchanged(x, places, 1), targets)

    def exchanged(self, tensor: Tensor, places: Tensor, seed: int) -> Tensor:
        axes = axes_of(tensor, places)
        if axes is None:
            return tensor
        with seeded(seed):
            order = torch.randperm(tensor.numel())
        others = tensor.flatten()[order].view_as(tensor)
        if tensor.is_floating_point() and not within(tensor, 0, 1):
            others = others + tensor.std()
        return torch.where(spread(places, tensor, axes), tensor, others)

    def padded(self, tensor: Tensor, places: Tensor, axis: int, fill: float) -> Tensor:
        """A tensor with its places twice, the second time filled."""
        axes = axes_of(tensor, places)
        if axes is None:
            return tensor
        more = torch.zeros_like(tensor)
        if fill and not tensor.is_floating_point():
            more.fill_(fill)
        elif tensor.is_floating_point():
            more = tensor
        return torch.cat([tensor, more], dim=axes[axis])

    def mask_in(self, targets) -> Tensor | None:
        """The mask among the targets, if it is one of them."""
        if self.mask is None:
            return None
        for tensor in tensors_in(targets):
            if tensor.shape == self.mask.shape and torch.equal(tensor.bool(), self.mask.bool()):
                return tensor
        return None


def shapes_of(value) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in tensors_in(value)]


def within(tensor: Tensor, low: float, high: float) -> bool:
    return bool((tensor >= low).all() and (tensor <= high).all())


def axes_of(tensor: Tensor, places: Tensor) -> list[int] | None:
    """The axes of a tensor that are those of the places: the first ones, or all but axis 1."""
    shape, expected = tuple(tensor.shape), tuple(places.shape)
    if shape[: len(expected)] == expected:
        return list(range(len(expected)))
    if shape[:1] + shape[2 : 1 + len(expected)] == expected:
        return [0, *range(2, 1 + len(expected))]
    return None


def spread(places: Tensor, tensor: Tensor, axes: list[int]) -> Tensor:
    """The places in the shape of a tensor."""
    for axis in range(tensor.dim()):
        if axis not in axes:
            places = places.unsqueeze(axis)
    return places.expand_as(tensor)
