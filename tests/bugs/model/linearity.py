"""Bugs that the checks of suites/model/linearity.py are meant for."""

from mnist_vae.model import MLPVAE

from ...seeding import model_bug, vae_bug
from .bases import Net

MERGED = "test_no_linear_layer_makes_up_for_another"


@vae_bug(
    MERGED,
    r"encoder\.2 follows on encoder\.1 directly.*activation between them missing",
    source="stanza PR#1610",
)
class OneActivationMissing(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        del self.encoder[2]


@model_bug(
    MERGED,
    r"out follows on hidden directly.*activation between them missing",
    source="stanza PR#1610",
)
class ActivationMissingBeforeTheLastLayer(Net):
    def forward(self, inputs):
        return self.out(self.hidden(inputs)).relu()
