"""Models with weights from elsewhere, frozen or adapted, and ones that start in unusual ways."""

import torch
from torch import nn

from ...varying import model
from ..vae.small import attributes


def classifier() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))


@model
def loaded_checkpoint():
    """Trained so far that some of its units are dead and one of its layers is large."""
    net = classifier()
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    state["0.weight"] *= 300
    state["1.weight"].zero_()
    state["1.bias"].fill_(0.1)
    net.load_state_dict(state)
    return attributes(net, shape=(6,), output_shape=(4, 4), pretrained=True)


class FrozenBackbone(nn.Module):
    """A backbone that stays in eval mode, and a new head."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.backbone.requires_grad_(False)
        self.head = nn.Linear(8, 4)

    def train(self, mode: bool = True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, inputs):
        return self.head(self.backbone(inputs))


@model
def frozen_backbone_with_a_new_head():
    return attributes(
        FrozenBackbone(),
        shape=(6,),
        output_shape=(4, 4),
        frozen_parameters=("backbone.*",),
        pretrained=True,
    )


class LowRank(nn.Module):
    """A frozen linear layer and what is learned beside it: Hu et al., LoRA (2021)."""

    def __init__(self, base: nn.Linear, rank: int = 2):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Linear(base.in_features, rank, bias=False)
        self.up = nn.Linear(rank, base.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, inputs):
        return self.base(inputs) + self.up(self.down(inputs))


@model
def low_rank_adapters():
    net = nn.Sequential(LowRank(nn.Linear(6, 8)), nn.ReLU(), LowRank(nn.Linear(8, 4)))
    return attributes(
        net,
        shape=(6,),
        output_shape=(4, 4),
        frozen_parameters=("*.base.*",),
        pretrained=True,
    )


class Experts(nn.Module):
    """Each sample is sent to one of four experts; a small batch leaves some of them out."""

    def __init__(self):
        super().__init__()
        self.router = nn.Linear(6, 4)
        self.experts = nn.ModuleList(nn.Linear(6, 4) for _ in range(4))

    def forward(self, inputs):
        weights = self.router(inputs).softmax(dim=-1)
        best, chosen = weights.max(dim=-1)
        outputs = inputs.new_zeros(len(inputs), 4)
        for number, expert in enumerate(self.experts):
            sent = chosen == number
            outputs[sent] = expert(inputs[sent]) * best[sent].unsqueeze(-1)
        return outputs


@model
def mixture_of_experts():
    return attributes(Experts(), shape=(6,), batch=2, output_shape=(2, 4))


class DensityOfTheLoss(nn.Module):
    """log_prob is for the loss, and has a layer of its own."""

    def __init__(self):
        super().__init__()
        self.mean, self.spread = nn.Linear(6, 2), nn.Linear(6, 2)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, inputs):
        return self.mean(inputs)

    def log_prob(self, inputs, targets):
        return torch.distributions.Normal(self(inputs), self.spread(inputs).exp()).log_prob(targets)


@model
def head_of_the_loss():
    return attributes(
        DensityOfTheLoss(), shape=(6,), output_shape=(4, 2), unused_modules=("spread",)
    )


class TiedAutoencoder(nn.Module):
    """The second layer is the first one, transposed, and used once more elsewhere."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.second.weight = self.first.weight

    def forward(self, inputs):
        return self.second(self.first(inputs))


@model
def tied_linear_layers():
    tied = (("first.weight", "second.weight"),)
    return attributes(TiedAutoencoder(), shape=(6,), output_shape=(4, 6), tied_parameters=tied)


class Float32Head(nn.Module):
    """Its logits are in float32, whatever the rest computes in."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, inputs):
        return self.out(self.hidden(inputs).relu()).float()


@model
def float32_on_purpose():
    return attributes(Float32Head(), shape=(6,), output_shape=(4, 4), float32_inside=True)
