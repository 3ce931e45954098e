"""Bugs that the checks of suites/trainer/parameters.py are meant for."""

import copy

import torch
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer
from torch import nn

from ...programs import program_bug
from ...seeding import trainer_bug

HELD = "test_optimizer_holds_every_trainable_parameter"


@trainer_bug(
    HELD,
    r"holds none of the 12 parameters.*another model",
    source="pytorch/pytorch#14467, CodefyUI PR#147 (stale binding)",
)
class OptimizerOfAnotherModel(Trainer):
    def __init__(self, model, *arguments, **settings):
        super().__init__(copy.deepcopy(model), *arguments, **settings)


@trainer_bug(
    HELD,
    r"does not hold encoder\.1\.weight.*\(6 of 12 parameters\).*a part of the model",
    source="HVPNeT#5, facebookresearch/mmf PR#580, Srameo/LED#23",
)
class OptimizerOfTheDecoder(Trainer):
    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=1e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.5\.weight.*\(2 of 12 parameters\)")
class LayerReplacedTooLate(Trainer):
    """The optimizer was built before, and trains the layer that is no longer there."""

    def __init__(self, model, *arguments, **settings):
        if isinstance(model, MLPVAE):
            model.encoder[-1] = nn.Linear(256, 32)
        super().__init__(model, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.1\.bias.*\(6 of 12 parameters\)")
class BiasesForgotten(Trainer):
    """Weights got a group of their own, for weight decay; the group of the rest was left out."""

    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
        optimizer = torch.optim.AdamW(matrices, lr=2e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


NEW_MODEL = "NETWORKS[args.network_type](input_shape, args.bottleneck_dim).to(device)"


@program_bug(
    HELD,
    r"holds none of the \d+ parameters of trainer\.model\.\nWas it built from another model",
    ("    return Trainer(\n", f"    model = {NEW_MODEL}\n    return Trainer(\n"),
)
class ModelBuiltOnceMore:
    """The optimizer has the parameters of the first one."""


@program_bug(
    HELD,
    r"does not hold decoder\..*a part of the model",
    ("torch.optim.Adam(model.parameters()", "torch.optim.Adam(model.encoder.parameters()"),
)
class GroupOfTheDecoderForgotten:
    """The encoder was to have another learning rate."""


@program_bug(
    HELD,
    r"does not hold encoder\.1\.weight, encoder\.1\.bias",
    (
        "torch.optim.Adam(model.parameters()",
        "torch.optim.Adam([p for p in model.parameters() if p.dim() > 1]",
    ),
)
class GroupOfTheBiasesForgotten:
    """The matrices were to have weight decay."""


@program_bug(
    HELD,
    r"does not hold decoder\.\d+\.weight.*\(2 of \d+ parameters\)",
    (
        "    return Trainer(\n",
        "    last = [m for m in model.decoder if hasattr(m, 'kernel_size')][-1]\n"
        "    last.weight = torch.nn.Parameter(last.weight / 10)\n"
        "    last.bias = torch.nn.Parameter(last.bias * 0)\n"
        "    return Trainer(\n",
    ),
)
class LayerScaledAfterTheOptimizer:
    """Its parameters are new ones."""
