# SPDX-License-Identifier: MIT
"""No value that the encoder or the decoder returns is dropped at random."""

from torch import Tensor, nn

from .probing import VAEProbe


class DroppingTests(VAEProbe):
    """Part of AbstractTestVAE."""

    def test_no_dropout_behind_the_last_layer(self):
        """mu, log_sigma and the outputs have no exact zeros in training mode only."""
        judged = False
        for name in ("encode", "decode"):
            still = self.returned(self.perturbed(), name)
            trained = self.returned(self.perturbed(training=True), name)
            for index, (values, others) in enumerate(zip(still, trained, strict=True)):
                # An activation that ends at 0, or a mask, has zeros in eval mode as well.
                if not values.lt(0).any() or not values.gt(0).any() or values.eq(0).any():
                    continue
                judged = True
                if others.eq(0).any():
                    what = ("mu", "log_sigma")[index] if name == "encode" else "the output"
                    self.fail(
                        f"{self.net_name()}.{name}: {others.eq(0).float().mean():.0%} of {what} "
                        f"is exactly 0 in training mode, and nothing of it in eval mode.\nIs there "
                        f"a dropout behind the last layer?"
                    )
        if not judged:
            self.skipTest(f"All that {self.net_name()} returns has one sign or zeros in eval mode.")

    def returned(self, net: nn.Module, name: str) -> list[Tensor]:
        """What encode or decode returns, over several seeds."""
        part = self.functions(net)[name]
        return [value for seed in range(4) for value in part.outputs(seed=seed)]
