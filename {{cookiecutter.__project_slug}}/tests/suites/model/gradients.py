# SPDX-License-Identifier: MIT
"""Gradients arrive at the first layer of a model, neither vanished nor exploded."""

from ..instruments.comparing import rms
from ..instruments.nested import is_number, tensors_in
from .probing import ModelProbe


class GradientTests(ModelProbe):
    """Tests of the size of a model's gradients. Part of AbstractTestModel."""

    # Largest ratio between the gradients of the whole model and those of its first layers. The
    # layers of one healthy network differ by up to a thousand: a convolution adds up over
    # thousands of positions, a branch that starts at zero is small.
    max_gradient_ratio: float = 1e5

    def test_gradients_reach_the_first_layer(self):
        """Gradients are finite, and of comparable size in the first layers and in the others."""
        net = self.perturbed(training=True)
        self.propagate(net, self.learning(net, self.training_samples()))
        largest = {
            name: parameter.grad.abs().max().item()
            for name, parameter in net.named_parameters()
            if parameter.grad is not None and parameter.dim() > 1
        }
        if not largest:
            self.skipTest(f"{self.net_name()} has no weight matrix with a gradient.")
        self.check_sizes(largest)

    def check_sizes(self, largest: dict[str, float]):
        """Compares the largest absolute gradients of all weight matrices, by name.

        The first fifth of them, or three, stand for the first layers. Single matrices may have tiny
        ones, as those behind the logits of an attention that is even; a whole part that has, learns
        nothing.
        """
        high = max(largest, key=largest.__getitem__)
        first = list(largest)[: max(1, min(3, len(largest) - 1), len(largest) // 5)]
        low = min(first, key=largest.__getitem__)
        if not largest[high] < self.max_gradient_ratio * max(largest[name] for name in first):
            self.fail(
                f"{self.net_name()}.{low} has gradients up to {largest[low]:.1g}, {high} up to "
                f"{largest[high]:.1g}.\nDo they vanish in a stack of sigmoids or tanhs, or "
                f"explode in one part of the model?"
            )
        # For a gradient around 1 at every output. The gradients of a convolution add up over as
        # many positions as the inputs have at most, with random signs.
        inputs = tensors_in(self.test_inputs)
        sizes = [rms(tensor) for tensor in inputs if is_number(tensor)]
        bound = 1e5 * max(1.0, *sizes, 1.0) * max(tensor.numel() for tensor in inputs) ** 0.5
        if not all(value < bound for value in largest.values()):
            self.fail(
                f"{self.net_name()}.{high} has gradients up to {largest[high]:.1g} for gradients "
                f"around 1 at the outputs.\nDo they explode, for want of a normalisation or of "
                f"smaller initial weights?"
            )
