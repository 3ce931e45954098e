"""Bugs that the checks of suites/loss/gradients.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import binary, classes, masks, pairs, regression, vae
from ...seeding import loss_bug

REACHES = "test_gradient_reaches_the_outputs"
NUMERICAL = "test_gradients_equal_numerical_ones"
PARAMETERS = "test_parameters_are_trained"
CUT = r"The loss has no gradient.\nIs it computed under no_grad"


@loss_bug(REACHES, CUT, regression, source="PYSIASSIST pattern 9 (22 codes), forum 146238")
def made_a_new_tensor(outputs, targets):
    return torch.tensor(F.mse_loss(outputs, targets).item())


@loss_bug(REACHES, CUT, regression, source="mehilshah 075")
def of_data(outputs, targets):
    return F.mse_loss(outputs.data, targets)


@loss_bug(REACHES, CUT, classes, source="forum 79190, 143098 (PYSIASSIST)")
def number_of_wrong_classes(outputs, targets):
    return (outputs.argmax(1) != targets).to(outputs.dtype).mean()


@loss_bug(REACHES, CUT, masks)
def overlap_of_decisions(outputs, targets):
    decided = (outputs > 0).to(outputs.dtype).flatten(1)
    targets = targets.flatten(1)
    return (1 - 2 * (decided * targets).sum(1) / (decided.sum(1) + targets.sum(1) + 1)).mean()


@loss_bug(REACHES, r"zero for all outputs.\nAre they rounded", regression)
def rounded(outputs, targets):
    return (outputs.round() - targets).square().mean()


@loss_bug(REACHES, r"zero for all outputs", classes)
def constant(outputs, targets):
    return 0 * outputs.sum() + 1.5


def one_logit() -> dict:
    return {"outputs": torch.randn(4, 1), "targets": torch.zeros(4, dtype=torch.long)}


@loss_bug(REACHES, r"zero for all outputs", one_logit, source="mehilshah 042")
def softmax_of_one_output(outputs, targets):
    """Which is 1, whatever the output."""
    return F.cross_entropy(outputs, targets)


@loss_bug(REACHES, r"reaches outputs\[1\] at index", vae)
def encoder_is_forgotten(outputs, images):
    recon, mu, log_variance = outputs
    error = (recon - images).square().sum()
    return (error + 0.5 * (log_variance.exp() - 1 - log_variance).sum()) / len(images)


@loss_bug(REACHES, r"reaches outputs at index \[2\] of axis 1", regression)
def last_column_left_out(outputs, targets):
    return (outputs[:, :-1] - targets[:, :-1]).square().mean()


@loss_bug(REACHES, r"reaches outputs\[1\] at index", pairs, source="coqui-ai/TTS#2348")
def second_view_detached(outputs, targets):
    first, second = (F.normalize(x, dim=1) for x in outputs)
    return F.cross_entropy(first @ second.detach().T / 0.1, torch.arange(len(first)))


@loss_bug(
    NUMERICAL,
    r"changes by .* along a direction, its gradient says .*loss / loss.item\(\)",
    regression,
    source="forum 126995",
)
def divided_by_itself(outputs, targets):
    loss = F.mse_loss(outputs, targets)
    return loss / loss.item()


@loss_bug(NUMERICAL, r"Is a part detached", classes)
def normaliser_detached(outputs, targets):
    return (outputs.logsumexp(1).detach() - outputs.gather(1, targets[:, None])[:, 0]).mean()


@loss_bug(NUMERICAL, r"Is a part detached", masks)
def denominator_of_dice_detached(outputs, targets):
    p, t = outputs.sigmoid().flatten(1), targets.flatten(1)
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1).detach()).mean()


class HalfGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, outputs, targets):
        ctx.save_for_backward(outputs, targets)
        return (outputs - targets).square().mean()

    @staticmethod
    def backward(ctx, upstream):
        outputs, targets = ctx.saved_tensors
        return upstream * (outputs - targets) / outputs.numel(), None


@loss_bug(NUMERICAL, r"changes by .* its gradient says", regression)
def backward_without_its_two(outputs, targets):
    return HalfGradient.apply(outputs, targets)


@loss_bug(PARAMETERS, r"FixedTemperature.temperature has no gradient.\nIs it detached", pairs)
class FixedTemperature(nn.Module):
    """`.data` takes it out of the graph."""

    def __init__(self):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(0.1))

    def forward(self, outputs, targets):
        first, second = (F.normalize(x, dim=1) for x in outputs)
        index = torch.arange(len(first), device=first.device)
        return F.cross_entropy(first @ second.T / self.temperature.data, index)


@loss_bug(PARAMETERS, r"FrozenWeight.weight has no gradient", binary)
class FrozenWeight(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3), requires_grad=False)

    def forward(self, outputs, targets):
        return F.binary_cross_entropy_with_logits(self.weight * outputs, targets)


@loss_bug(
    PARAMETERS,
    r"TrainsItsFeatures.features.weight is declared frozen, but has a gradient",
    regression,
    frozen_parameters=("features.*",),
)
class TrainsItsFeatures(nn.Module):
    """The network that features are compared by is trained to make them equal."""

    def __init__(self):
        super().__init__()
        self.features = nn.Linear(3, 4)

    def forward(self, outputs, targets):
        return F.mse_loss(self.features(outputs), self.features(targets))
