"""Bugs that the checks of suites/model/updates.py are meant for."""

from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

UPDATES = "test_all_parameters_are_updated"
FROZEN_BUFFERS = "test_frozen_modules_keep_their_buffers"


@model_bug(UPDATES, r"LayerNeverUsed\.extra\.weight did not change.*never had a gradient.*used")
class LayerNeverUsed(Net):
    def __init__(self):
        super().__init__()
        self.extra = nn.Linear(8, 8)


@model_bug(UPDATES, r"BranchTimesZero\.branch\.weight did not change.*multiplied by zero")
class BranchTimesZero(Net):
    def __init__(self):
        super().__init__()
        self.branch = nn.Linear(6, 6)

    def forward(self, inputs):
        return super().forward(inputs) + 0 * self.branch(inputs)


@vae_bug(UPDATES, r"encoder\.1\.weight did not change.*not detached")
class LatentCodeDetached(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma).detach()


@model_bug(UPDATES, r"FrozenByAccident\.hidden\.weight is frozen, but not declared")
class FrozenByAccident(Net):
    def __init__(self):
        super().__init__()
        self.hidden.requires_grad_(False)


@model_bug(UPDATES, r"declared as frozen, but changed", frozen_parameters=("hidden.*",))
class FrozenForgotten(Net):
    pass


@model_bug(
    UPDATES,
    r"frozen_parameters has 'hiden\.\*', but .* no such parameter",
    frozen_parameters=("hiden.*",),
)
class FrozenMisspelt(Net):
    pass


@model_bug(UPDATES, r"has no trainable parameter")
class NothingRegistered(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(6, 6)]

    def forward(self, inputs):
        return self.layers[0](inputs)


@vae_bug(UPDATES, r"is not finite after 3 optimizer steps")
class DividesByZeroSpread(MLPVAE):
    """The spread of a single value is 0, and the gradient of its root is not finite."""

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu + (mu[:, :1] - mu[:, :1]).square().sqrt(), log_sigma


@vae_bug(
    FROZEN_BUFFERS,
    r"encoder\.1\.running_mean changes in training.*frozen.*Override train\(\)",
    frozen_parameters=("encoder.*",),
    source="gt-pyg#112, Lightning PR#15063, mmdetection PR#560",
)
class FrozenButForTheStatistics(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.requires_grad_(False)
