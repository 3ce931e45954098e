"""What a test case of a suite has for the checks of others: a model, a batch, an objective."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from torch.utils.data import DataLoader


def single_tensor(case) -> Tensor:
    """The inputs; skips where a model takes others than one tensor, or is called in another way."""
    if not isinstance(case.test_inputs, Tensor) or hasattr(case, "call"):
        case.skipTest("The model takes other arguments than one tensor.")
    return case.test_inputs


def target_like(case) -> Tensor:
    """What a model is trained towards: its inputs, where it returns their shape."""
    inputs = single_tensor(case)
    shape = declared_shape(case) or inputs.shape
    same = tuple(shape) == tuple(inputs.shape) and inputs.is_floating_point()
    return inputs if same else torch.zeros(tuple(shape))


def declared_range(case) -> tuple[float, float] | None:
    return getattr(case, "output_range", None)


def declared_shape(case) -> tuple[int, ...] | None:
    """The declared shape of a single output."""
    shape = getattr(case, "output_shape", None)
    return shape if isinstance(shape, tuple) else None


class Called(nn.Module):
    """The net of a test case, called as the test case calls it."""

    def __init__(self, net: nn.Module, call):
        super().__init__()
        self.net = net
        self.call = call

    def forward(self, *arguments, **named):
        inputs = named or (arguments if len(arguments) > 1 else arguments[0])
        return self.call(self.net, inputs)


def model_of(case) -> nn.Module:
    """The net itself, where the test case has no call of its own."""
    return Called(case.net, case.call) if hasattr(case, "call") else case.net


def without_noise(case) -> nn.Module:
    """In evaluation mode; of a VAE the path through the means, as it has no other without noise."""
    net = case.net.eval()
    if all(hasattr(net, name) for name in ("encode", "bottleneck", "decode")):
        return Called(net, lambda net, inputs: net.decode(net.encode(inputs)[0])).eval()
    return model_of(case).eval()


def objective(inputs, shape: tuple[int, ...] | None = None):
    """A loss of the outputs: their squared distance from the inputs, or else from zero."""

    def loss(outputs, _=None) -> Tensor:
        tensors = [leaf for leaf in tree_leaves(outputs) if is_floating(leaf)]
        return torch.stack([(t - goal(t)).square().mean() for t in tensors]).sum()

    def goal(output: Tensor) -> Tensor:
        is_like = is_floating(inputs) and inputs.shape == output.shape
        return inputs.to(output) if is_like else torch.zeros_like(output)

    return loss


def is_floating(value) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


class Answers(nn.Module):
    """Outputs that are trained themselves, so that the loss is all there is."""

    def __init__(self, outputs: Tensor):
        super().__init__()
        self.outputs = nn.Parameter(outputs.detach().clone())

    def forward(self, inputs: Tensor) -> Tensor:
        return self.outputs + 0 * inputs


def trained_on(case):
    """Model, inputs, targets, loss and optimizer of a trainer; skips where these are not known."""
    trainer = case.trainer
    model, optimizer = getattr(trainer, "model", None), getattr(trainer, "optimizer", None)
    data = getattr(trainer, "data", None)
    if not (isinstance(model, nn.Module) and optimizer is not None and data is not None):
        case.skipTest("The trainer has no model, optimizer and data under these names.")
    batch = next(iter(DataLoader(data.train_data, batch_size=4)))
    if isinstance(batch, Tensor):
        batch = [batch]
    if not isinstance(batch, list | tuple) or not is_floating(batch[0]):
        case.skipTest("Its batches do not begin with a floating-point tensor.")
    inputs, *targets = batch
    if hasattr(model, "decode") or not targets:
        return model, inputs, inputs, F.mse_loss, optimizer
    is_label = not targets[0].is_floating_point()
    return model, inputs, targets[0], F.cross_entropy if is_label else F.mse_loss, optimizer


def loss_and_answers(case):
    """Answers, inputs, targets, a loss and its least value; skips where these are not known."""
    outputs, targets = case.outputs, getattr(case, "targets", None)
    least = getattr(case, "perfect_loss", None)
    if not is_floating(outputs) or not isinstance(targets, Tensor) or hasattr(case, "call"):
        case.skipTest("The loss is one of other arguments than (outputs, targets).")
    if least is None or getattr(case, "reduction", "mean") == "none":
        case.skipTest("Nothing says how small the loss can become.")
    return Answers(outputs), torch.zeros_like(outputs), targets, case.loss, least


def has_a_goal(case) -> bool:
    """Whether the outputs are like the inputs: these are then what they are trained towards."""
    inputs = case.test_inputs
    return is_floating(inputs) and declared_shape(case) in (None, tuple(inputs.shape))


def reachable(case):
    """The inputs; skips where nothing says what the outputs are trained towards."""
    if not has_a_goal(case):
        case.skipTest("Nothing says what the outputs are trained towards.")
    return case.test_inputs
