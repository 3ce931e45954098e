"""Properties of any nn.Module: shapes, devices, independence of samples, trainability."""

import fnmatch

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.testing import assert_close

from .contract import Required
from .running import accelerators, copy_of, seeded, tensors_in


class AbstractTestModel:
    """Checks a model that takes a batch and returns a tensor, or a tuple, list or dict of them.

    Set `net` and `test_inputs`. The other attributes have defaults; override them in the class.
    The first axis of the inputs and of every output is the batch.
    """

    net: nn.Module = Required("the model under test, an nn.Module")
    test_inputs: Tensor = Required("a batch of at least two different samples")
    # Shape of the outputs, batch axis included; a list of shapes where there are several outputs.
    output_shape: tuple[int, ...] | list[tuple[int, ...]] | None = None
    # Names of parameters that are not trained, as patterns: ("encoder.*",) is the whole encoder.
    frozen_parameters: tuple[str, ...] = ()

    # Steps after which every parameter must have moved. A branch that starts at zero holds back
    # the gradient of what lies behind it for one step, one inside another for two.
    optimizer_steps = 3

    def test_output_shape(self):
        """The outputs have the declared shape."""
        expected = self.expected_output_shapes()
        net = copy_of(self.net).eval()
        found = [tuple(output.shape) for output in self.outputs(net, self.test_inputs)]
        if found[: len(expected)] != expected:
            self.fail(
                f"{self.net_name()} returns shapes {found} for inputs of shape "
                f"{tuple(self.test_inputs.shape)}; expected {expected}.\n"
                f"Is an axis missing, squeezed away or in another place?"
            )

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        if self.output_shape is None:
            self.skipTest(f"{type(self).__name__}.output_shape is not declared.")
        if isinstance(self.output_shape, list):
            return [tuple(shape) for shape in self.output_shape]
        return [tuple(self.output_shape)]

    def test_moves_between_devices(self):
        """Moved to another device, the model computes there and only there.

        The meta device has no values, only shapes: it stands for an accelerator where there is
        none.
        """
        expected = [o.shape for o in self.outputs(copy_of(self.net).eval(), self.test_inputs)]
        for device in ["meta", *accelerators()]:
            with self.subTest(device=device):
                net = copy_of(self.net).eval().to(device)
                outputs = self.outputs_on(device, net)
                self.assertEqual([output.shape for output in outputs], expected)
                places = {output.device.type for output in outputs}
                if places != {device}:
                    self.fail(
                        f"{self.net_name()} returns a tensor on {sorted(places)} when it and its "
                        f"inputs are on {device}.\nIs an output made without device=...?"
                    )

    def outputs_on(self, device: str, net: nn.Module) -> list[Tensor]:
        try:
            with OneDevice():
                return self.outputs(net, self.test_inputs.to(device))
        except (RuntimeError, MixedDevices) as error:
            reason = str(error).strip().splitlines()[0]
            if isinstance(error, NotImplementedError) or "meta tensors" in reason:
                self.skipTest(
                    f"{self.net_name()} needs the values of a tensor to go on, and the meta "
                    f"device has none ({reason})."
                )
            self.fail(
                f"{self.net_name()} does not run on {device}: {reason}\nIs a tensor made without "
                f"device=..., or a layer or tensor kept where .to() does not look: a plain "
                f"attribute or list in place of a buffer, parameter or nn.ModuleList?"
            )

    def test_batch_independence_by_gradient(self):
        """No output of one sample has a gradient with respect to another sample."""
        self.require_floating_inputs()
        self.require_two_samples()
        size = len(self.test_inputs)
        with seeded(0):
            drawn = int(torch.randint(size, ()))
        # Beside one at random, the first and the last: they are mixed up most often.
        for masked in sorted({0, drawn, size - 1}):
            with self.subTest(masked_sample=masked):
                reached = self.samples_reached_without(masked)
                if reached[masked]:
                    self.fail(
                        f"{self.net_name()}: sample {masked} influences the outputs of the other "
                        f"samples in its batch, in eval mode.\nIs there a mean, softmax, "
                        f"normalisation, reshape or attention over the batch axis?"
                    )
                lost = [i for i in range(size) if i != masked and not reached[i]]
                if lost:
                    self.fail(
                        f"{self.net_name()}: samples {lost} have no gradient from their own "
                        f"outputs.\nAre the samples permuted, or is the output detached?"
                    )

    def samples_reached_without(self, masked: int) -> list[bool]:
        """For each sample, whether the outputs of all samples but one have a gradient for it."""
        inputs = self.test_inputs.detach().clone().requires_grad_()
        with seeded(0):
            outputs = self.differentiable(tensors_in(copy_of(self.net).eval()(inputs)))
            upstream = [torch.randn_like(output) for output in outputs]
        for gradient in upstream:
            gradient[masked] = 0
        # Not autograd.grad: re-entrant gradient checkpointing allows backward only.
        torch.autograd.backward(outputs, upstream)
        if inputs.grad is None:
            return [False] * len(inputs)
        return inputs.grad.flatten(1).ne(0).any(dim=1).tolist()

    def test_batch_independence_by_value(self):
        """The output of a sample stays the same, whatever else is in its batch.

        The other samples are exchanged under the same seed, so that a model that draws random
        numbers draws the same ones for the sample that stays.
        """
        self.require_two_samples()
        inputs = self.test_inputs
        net = copy_of(self.net).eval()
        before = self.outputs(net, inputs)
        for kept in (0, len(inputs) - 1):
            exchanged = inputs.roll(1, dims=0)
            exchanged[kept] = inputs[kept]
            for old, new in zip(before, self.outputs(net, exchanged), strict=True):
                self.assert_same_sample(
                    new[kept], old[kept], f"sample {kept} when the others are exchanged"
                )

    def test_batch_independence_alone_and_shuffled(self):
        """A sample has the same output alone, in a batch and in a shuffled batch."""
        self.require_two_samples()
        net = copy_of(self.net).eval()
        for name, (function, inputs) in self.functions(net).items():
            with self.subTest(function=name):
                batch = self.outputs(function, inputs)
                if not all_equal(batch, self.outputs(function, inputs, seed=1)):
                    self.skipTest(f"{name} draws random numbers in eval mode.")
                order = torch.arange(len(inputs)).roll(1)
                shuffled = self.outputs(function, inputs[order])
                alone = self.outputs(function, inputs[:1])
                for whole, moved, single in zip(batch, shuffled, alone, strict=True):
                    self.assert_same_sample(moved, whole[order], f"{name} of a shuffled batch")
                    self.assert_same_sample(single[0], whole[0], f"{name} of a sample alone")

    def functions(self, net: nn.Module) -> dict:
        """Name, function and inputs of everything that maps a batch to a batch."""
        return {"forward": (net, self.test_inputs)}

    def assert_same_sample(self, found: Tensor, expected: Tensor, what: str):
        # A batch of one is multiplied by another kernel than a batch of many, which adds up in
        # another order: a few units in the last place of float32, hence 1e-4 and 1e-5.
        assert_close(
            found,
            expected,
            rtol=1e-4,
            atol=1e-5,
            msg=lambda text: (
                f"{self.net_name()}: the output changes for {what}, in eval mode.\n"
                f"Is there a mean, softmax, normalisation or reshape over the batch axis?\n{text}"
            ),
        )

    def test_all_parameters_are_updated(self):
        """Every parameter changes within a few optimizer steps, but declared frozen ones do not."""
        net = copy_of(self.net).train()
        frozen = self.declared_frozen(net)
        before = {name: p.detach().clone() for name, p in net.named_parameters()}
        self.train(net)
        for name, parameter in net.named_parameters():
            with self.subTest(parameter=name):
                if name in frozen:
                    self.check_frozen(name, before[name], parameter)
                else:
                    self.check_updated(name, before[name], parameter)

    def train(self, net: nn.Module):
        """A few steps of Adam on a random upstream gradient.

        Not on the sum or mean of the outputs, which is constant behind a softmax or LayerNorm.
        Adam moves a parameter visibly however small its gradient is; it has no weight decay here,
        which would move a parameter without any gradient.
        """
        trainable = [p for p in net.parameters() if p.requires_grad]
        if not trainable:
            self.fail(f"{self.net_name()} has no trainable parameter.\nAre its layers registered?")
        optimizer = torch.optim.Adam(trainable, lr=1e-3)
        with seeded(0):
            for _ in range(self.optimizer_steps):
                outputs = self.differentiable(tensors_in(net(self.test_inputs)))
                optimizer.zero_grad()
                torch.autograd.backward(outputs, [torch.randn_like(o) for o in outputs])
                optimizer.step()

    def declared_frozen(self, net: nn.Module) -> set[str]:
        """Names of all parameters that match a pattern of `frozen_parameters`."""
        names = [name for name, _ in net.named_parameters()]
        matches = {pattern: fnmatch.filter(names, pattern) for pattern in self.frozen_parameters}
        for pattern, found in matches.items():
            if not found:
                self.fail(
                    f"frozen_parameters has {pattern!r}, but {self.net_name()} has no such "
                    f"parameter.\nThe first names are {names[:4]}."
                )
        return {name for found in matches.values() for name in found}

    def check_frozen(self, name: str, before: Tensor, after: nn.Parameter):
        if not torch.equal(before, after):
            self.fail(
                f"{self.net_name()}.{name} is declared as frozen, but changed in "
                f"{self.optimizer_steps} optimizer steps.\nSet requires_grad to False."
            )

    def check_updated(self, name: str, before: Tensor, after: nn.Parameter):
        place = f"{self.net_name()}.{name}"
        if not after.requires_grad:
            self.fail(
                f"{place} is frozen, but not declared in frozen_parameters.\n"
                f"Was requires_grad set to False by accident?"
            )
        if not after.isfinite().all():
            self.fail(f"{place} is not finite after {self.optimizer_steps} optimizer steps.")
        if torch.equal(before, after):
            cause = (
                "It never had a gradient. Is the layer used in forward(), and is its output "
                "used and not detached?"
                if after.grad is None
                else "Its gradient is zero. Is its branch multiplied by zero, or its unit dead?"
            )
            self.fail(f"{place} did not change in {self.optimizer_steps} optimizer steps.\n{cause}")

    def outputs(self, function, inputs: Tensor, seed: int = 0) -> list[Tensor]:
        """All tensors that a model or function returns, computed with a seed, no gradients."""
        with seeded(seed), torch.no_grad():
            return tensors_in(function(inputs))

    def differentiable(self, outputs: list[Tensor]) -> list[Tensor]:
        """The outputs that have a gradient; fails where none has."""
        outputs = [output for output in outputs if output.requires_grad]
        if not outputs:
            self.fail(
                f"No output of {self.net_name()} has a gradient.\n"
                f"Does forward() detach it, use .data or run under torch.no_grad()?"
            )
        return outputs

    def require_two_samples(self):
        inputs = self.test_inputs
        if len(inputs) < 2 or torch.equal(inputs, inputs.roll(1, dims=0)):
            self.fail(
                f"{type(self).__name__}.test_inputs has {len(inputs)} different samples at most; "
                f"this test needs a batch of at least two different ones."
            )

    def require_floating_inputs(self):
        if not self.test_inputs.is_floating_point():
            self.skipTest(f"Inputs of type {self.test_inputs.dtype} have no gradient.")

    def net_name(self) -> str:
        return type(self.net).__name__


def all_equal(first: list[Tensor], second: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


class MixedDevices(Exception):
    """An operation got tensors of several devices."""


class OneDevice(TorchFunctionMode):
    """Raises MixedDevices where an operation gets tensors of several devices.

    On the meta device torch itself lets a matrix product or a convolution with tensors of the
    CPU pass, which fails on an accelerator.
    """

    # Operations that move values between devices, or take indices and lengths from the CPU.
    ALLOWED = ("to", "copy_", "type_as", "__getitem__", "__setitem__", "_pack_padded_sequence")

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", str(func))
        tensors = tensors_in([args, kwargs or {}])
        # A tensor without axes counts as a number and goes everywhere.
        devices = {tensor.device.type for tensor in tensors if tensor.dim() > 0}
        if len(devices) > 1 and name not in self.ALLOWED:
            shapes = [tuple(t.shape) for t in tensors if t.device.type == "cpu"]
            raise MixedDevices(f"{name}() gets a tensor of shape {shapes[0]} on the CPU.")
        return func(*args, **(kwargs or {}))
