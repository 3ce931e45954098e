"""Correct models that are built, started or frozen in an unusual way."""

import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from suites import AbstractTestModel
from suites.record import as_text
from torch import nn
from torch.utils.checkpoint import checkpoint

from ...bugs.model.bases import Net
from ...bugs.model.training_mode import NormalisedByHand, NormalisedNet
from ...varying import mark, model


def small(net: nn.Module, **declared) -> dict:
    return {"net": net, "test_inputs": torch.randn(4, 6), **declared}


class InplaceBlocks(nn.Module):
    """Each activation overwrites what nothing else needs."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True))
        self.branch = nn.Sequential(nn.Linear(8, 8), nn.ELU(inplace=True), nn.Linear(8, 8))
        self.head = nn.Linear(8, 4)

    def forward(self, inputs):
        hidden = self.first(inputs)
        return self.head(F.leaky_relu(hidden + self.branch(hidden), 0.1, inplace=True))


@model
def inplace_activations():
    return small(InplaceBlocks())


class RandomFeatures(Net):
    """The projection is the same in every run; the weights are not."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.register_buffer("projection", torch.randn(6, 6, generator=generator))

    def forward(self, inputs):
        return super().forward(inputs @ self.projection)


@model
def fixed_projection():
    return small(RandomFeatures())


class ForkedProjection(Net):
    """The same with torch's global generator, which is put back."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            self.register_buffer("projection", torch.randn(6, 6))

    def forward(self, inputs):
        return super().forward(inputs @ self.projection)


@model
def fixed_projection_of_a_forked_generator():
    return small(ForkedProjection())


class StartsAsIdentity(Net):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 6)
        nn.init.eye_(self.first.weight)
        nn.init.zeros_(self.first.bias)

    def forward(self, inputs):
        return super().forward(self.first(inputs).tanh())


@model
def part_that_starts_as_the_identity():
    return small(StartsAsIdentity())


@model
def head_of_zeros():
    net = Net()
    nn.init.zeros_(net.out.weight)
    nn.init.zeros_(net.out.bias)
    return small(net)


@model
def head_that_starts_small():
    """As BEiT does: see Bao et al. (2022), whose code scales the head by 0.001."""
    net = Net()
    with torch.no_grad():
        net.out.weight.mul_(0.001)
        net.out.bias.zero_()
    return small(net)


class ReZero(nn.Module):
    """Branches with a gain that starts at zero: see Bachlechner et al. (2020)."""

    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(nn.Linear(6, 6) for _ in range(4))
        self.gains = nn.Parameter(torch.zeros(4))

    def forward(self, inputs):
        for gain, branch in zip(self.gains, self.branches, strict=True):
            inputs = inputs + gain * branch(inputs).tanh()
        return inputs


@model
def gains_of_zero():
    return small(ReZero())


class ActNorm(nn.Module):
    """Takes mean and spread of the first batch in training: see Kingma and Dhariwal (2018)."""

    def __init__(self):
        super().__init__()
        self.shift, self.scale = nn.Parameter(torch.zeros(6)), nn.Parameter(torch.ones(6))
        self.register_buffer("started", torch.tensor(False))

    def forward(self, inputs):
        if self.training and not self.started:
            with torch.no_grad():
                self.shift.copy_(-inputs.mean(dim=0))
                self.scale.copy_(1 / (inputs.std(dim=0) + 1e-3))
                self.started.fill_(True)
        return (inputs + self.shift) * self.scale


@model
def starts_from_the_first_batch():
    net = nn.Sequential(ActNorm(), Net())
    # The first batch changes parameters, which the optimizer moves from there on.
    net(torch.randn(16, 6))
    return small(net)


class KeepsItsBackboneAsleep(Net):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8))
        self.hidden.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        self.hidden.eval()
        return self


@model
def frozen_backbone():
    return small(KeepsItsBackboneAsleep(), frozen_parameters=("hidden.*",))


class LowRankAdapter(Net):
    """A frozen layer with a trained part that starts at zero: see Hu et al., "LoRA" (2021)."""

    def __init__(self):
        super().__init__()
        self.hidden.requires_grad_(False)
        self.down, self.up = nn.Linear(6, 2, bias=False), nn.Linear(2, 8, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, inputs):
        return self.out((self.hidden(inputs) + self.up(self.down(inputs))).relu())


@model
def low_rank_adapter():
    return small(LowRankAdapter(), frozen_parameters=("hidden.*",))


class Checkpointed(Net):
    """A reentrant checkpoint of what has inputs with gradients, another kind of the first layer."""

    def forward(self, inputs):
        hidden = checkpoint(self.hidden, inputs, use_reentrant=False)
        return checkpoint(self.out, hidden.relu(), use_reentrant=True)


@model
def checkpoints():
    return small(Checkpointed())


class DropsInside(Net):
    def __init__(self, last: nn.Module):
        super().__init__()
        self.last = last

    def forward(self, inputs):
        return self.last(self.out(F.dropout(self.hidden(inputs).relu(), 0.3, self.training)))


@model
def dropout_in_front_of_a_relu():
    return small(DropsInside(nn.ReLU()))


@model
def dropout_in_front_of_a_shrinkage():
    return small(DropsInside(nn.Hardshrink(0.1)))


@model
def features_that_end_in_dropout():
    """As the encoder of T5 does, whose next layer expects it."""
    return small(DropsInside(nn.Sequential(nn.LayerNorm(6), nn.Dropout(0.1))))


@model
def batch_normalisation_by_hand():
    return small(NormalisedNet(NormalisedByHand()))


@model
def compiled():
    return small(Net(), check_compiled=True, compile_options={"backend": "aot_eager"})


def recorded_case(make_net):
    """Records one net, and declares the record for another one."""

    def attributes_of(case) -> dict:
        directory = tempfile.TemporaryDirectory()
        case.addCleanup(directory.cleanup)
        path = Path(directory.name, "recorded.json")
        vars(case).update(make_net())
        path.write_text(as_text(case.new_record()))
        return {**make_net(), "recorded_outputs": path}

    return mark(make_net, AbstractTestModel, attributes_of)


@recorded_case
def recorded_images():
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)
    )
    return {"net": net, "test_inputs": torch.rand(4, 1, 8, 8)}


@recorded_case
def recorded_tokens():
    net = nn.Sequential(nn.Embedding(11, 6), nn.Flatten(), nn.Linear(18, 4))
    return {"net": net, "test_inputs": torch.randint(11, (4, 3))}
