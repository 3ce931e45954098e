# SPDX-License-Identifier: MIT
"""Properties of the random numbers of a model: torch's generator alone, and none in eval mode."""

import torch
from torch import Tensor, nn

from ..instruments.calls import eager
from ..instruments.comparing import all_close
from ..instruments.seeds import seeded
from .probing import ModelProbe


class RandomnessTests(ModelProbe):
    """Tests of what a model draws. Part of AbstractTestModel."""

    def test_same_seed_gives_same_outputs(self):
        """Under the same seed the model returns the same, in both modes."""
        for mode in (True, False):
            with self.subTest(training=mode):
                net = self.copied(training=mode)
                inputs = self.training_samples()
                first, second = self.computed(net, inputs), self.computed(net, inputs)
                if not all_close(first, second):  # does the net go on from the first call?
                    second = self.computed(self.copied(training=mode), inputs)
                if not all_close(first, second):
                    self.fail(
                        f"{self.net_name()} returns different outputs under the same seed.\n"
                        f"Does it draw from another source than torch's global generator?"
                    )

    def test_leaves_the_random_generator_alone(self):
        """The model does not seed the global random generator."""
        for mode in (True, False):
            with self.subTest(training=mode):
                seen = self.observed(training=mode)
                if not seen.draws:
                    continue
                net = self.copied(training=mode)
                if torch.equal(seen.random_state, self.random_state_after(net, seed=1)):
                    self.fail(
                        f"{self.net_name()} sets the global random generator to a fixed state.\n"
                        f"Is torch.manual_seed called in it? Every later dropout, shuffle and "
                        f"augmentation repeats itself."
                    )

    def random_state_after(self, net: nn.Module, seed: int) -> Tensor:
        with seeded(seed), torch.no_grad(), eager():
            self.call(net, self.test_inputs)
            return torch.get_rng_state()

    def test_eval_mode_is_deterministic(self):
        """In eval mode nothing is random that is not meant to be: dropout is off."""
        net = self.perturbed()
        for name, part in self.functions(net).items():
            with self.subTest(function=name):
                inputs = self.few_of(part)
                if not all_close(part.outputs(inputs, seed=0), part.outputs(inputs, seed=1)):
                    self.fail(
                        f"{self.net_name()}: {name} is random in eval mode.\nDoes it call "
                        f"F.dropout without training=self.training, or add noise?"
                    )
