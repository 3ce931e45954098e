# SPDX-License-Identifier: MIT
"""What a test case of a VAE's trainer declares besides, and the probe that takes its place."""

import sys

from torch import Tensor, nn

from ...instruments.copies import uncompiled
from ...instruments.seeds import seeded
from ..marks import input_in
from ..probing import TrainerProbe
from .probe import ProbeVAE


class VAETrainerContract(TrainerProbe):
    """Attributes and hooks of AbstractTestVAETrainer."""

    # Tags of the losses that are logged with every step, and of their sum.
    recon_tag = "train/recon_loss"
    kl_tag = "train/kl_div_loss"
    loss_tag: str | None = "train/loss"
    # Tags of the images of an epoch; None for test/0, test/1, ... up to num_generated_images.
    image_tags: tuple[str, ...] | None = None
    # The loss is the reconstruction loss plus this much KL divergence; None where it changes, and
    # the logged KL divergence may then be weighted as well.
    kl_weight: float | None = 1.0
    # Overfitting is judged between a perfect answer and the best constant image, which a model
    # reaches that has learned nothing about the single images.
    overfit_factor = 0.5

    def step_tags(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.recon_tag, self.kl_tag, self.loss_tag)))

    def kl_divergence(self, log_sigma: Tensor, mu: Tensor) -> Tensor:
        """The KL divergence that the trainer uses: the function in the module of its class."""
        for cls in type(self.trainer).__mro__:
            function = getattr(sys.modules[cls.__module__], "kl_divergence", None)
            if function is not None:
                return function(log_sigma, mu)
        self.skipTest(
            f"No function kl_divergence beside {type(self.trainer).__name__}. "
            f"Override {type(self).__name__}.kl_divergence(log_sigma, mu)."
        )

    def probe_model(self, seed: int = 0, noise: bool = True) -> nn.Module:
        """A small VAE of the suite's own, with all that makes modes and random numbers matter."""
        image = input_in(self.data_of(self.trainer).train_data[0])
        with seeded(seed):
            return ProbeVAE(image.shape, noise)

    def unsuitable_model(self, model: nn.Module) -> str:
        model = uncompiled(model)
        if all(hasattr(model, name) for name in ("encode", "bottleneck", "decode")):
            return ""
        return (
            f"{type(model).__name__} has no encode, bottleneck and decode.\nSubclass "
            f"AbstractTestTrainer, which takes any model, or wrap it in a module that has them."
        )

    def require_evaluation(self):
        self.require_complete()
        self.require("evaluate")
