# SPDX-License-Identifier: MIT
"""A model takes batches of any size, and its outputs have as many samples as its inputs."""

import torch
from torch import Tensor

from ..instruments.nested import shapes_of
from ..instruments.samples import axes_fit
from .premises import said_by
from .probing import ModelProbe


class BatchSizeTests(ModelProbe):
    """Tests of the size of batches. Part of AbstractTestModel."""

    def test_any_batch_size(self):
        """Batches of one, of two and of an odd number of samples work, with the same shapes."""
        net = self.copied()
        size = self.batch_size()
        if not size:
            self.skipTest(f"{type(self).__name__}.batch_axis is None: there is no batch.")
        outputs = self.outputs_of(self.observed(training=False).result)
        axes = self.output_axes(outputs)
        self.check_batch_axes(outputs, size)
        for count in (1, 2, 3):
            with self.subTest(batch_size=count):
                inputs = self.samples(torch.arange(count) % size)
                try:
                    found = [tuple(output.shape) for output in self.computed(net, inputs)]
                except Exception as error:  # whatever the model raises
                    self.fail(
                        f"{self.net_name()} does not take a batch of {count}: {said_by(error)}\n"
                        f"Is the batch size fixed in a reshape, or divided by after subtracting 1?"
                    )
                expected = [
                    with_size(output, axis, count)
                    for output, axis in zip(outputs, axes, strict=True)
                ]
                if found != expected:
                    self.fail(
                        f"{self.net_name()} returns shapes {found} for a batch "
                        f"of {count}; expected {expected}.\nDoes squeeze() or a fixed batch size "
                        f"remove the batch axis?"
                    )

    def check_batch_axes(self, outputs: list[Tensor], size: int):
        """Fails where an output has another size along its batch axis than the inputs."""
        if not axes_fit(outputs, self.output_axes(outputs), size):
            self.fail(
                f"{self.net_name()} returns shapes {shapes_of(outputs)} for {size} samples along "
                f"batch_axis = {self.batch_axis}.\nIs the batch axis squeezed or moved away? If "
                'it is meant, declare batch_axis = {"inputs": 0, "outputs": [0, 1, None]}, an '
                f"entry for each output."
            )


def with_size(output: Tensor, axis: int | None, size: int) -> tuple[int, ...]:
    """The shape of an output for a batch of another size."""
    shape = list(output.shape)
    if axis is not None:
        shape[axis] = size
    return tuple(shape)
