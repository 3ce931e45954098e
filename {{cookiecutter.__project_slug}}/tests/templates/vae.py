"""Properties of a variational autoencoder, beyond those of any model."""

import torch
from torch import nn

from .model import AbstractTestModel
from .running import seeded


class AbstractTestVAE(AbstractTestModel):
    """Checks a VAE with `encode`, `bottleneck` and `decode`.

    Set `net` and `test_inputs`. Unless declared, the outputs have the shape of the inputs.
    """

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        if self.output_shape is None:
            return [tuple(self.test_inputs.shape)]
        return super().expected_output_shapes()

    def functions(self, net: nn.Module) -> dict:
        """The two halves around the bottleneck, which draws random numbers."""
        with seeded(0), torch.no_grad():
            mu, log_sigma = net.encode(self.test_inputs)
            latent_code = torch.randn_like(net.bottleneck(mu, log_sigma))
        return {"encode": (net.encode, self.test_inputs), "decode": (net.decode, latent_code)}
