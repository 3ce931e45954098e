"""Properties of a model's outputs: shape, type, range and device, whatever the inputs."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..instruments.calls import call, eager, tensors_in
from ..instruments.copies import copy_of, perturbed
from ..instruments.devices import accelerators
from ..instruments.seeds import seeded


class OutputTests:
    """Tests of what a model returns. Part of AbstractTestModel."""

    def test_output_shape(self):
        """The outputs have the declared shape and finite values."""
        expected = self.expected_output_shapes()
        outputs = call(copy_of(self.net).eval(), self.test_inputs)
        found = [tuple(output.shape) for output in outputs]
        if found[: len(expected)] != expected:
            self.fail(
                f"{self.net_name()} returns shapes {found} for inputs of shape "
                f"{tuple(self.test_inputs.shape)}; expected {expected}.\n"
                f"Is an axis missing, squeezed away or in another place?"
            )
        self.check_finite(outputs, "test_inputs")

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        if self.output_shape is None:
            self.skipTest(f"{type(self).__name__}.output_shape is not declared.")
        if isinstance(self.output_shape, list):
            return [tuple(shape) for shape in self.output_shape]
        return [tuple(self.output_shape)]

    def check_finite(self, outputs: list[Tensor], inputs: str):
        if not all(output.isfinite().all() for output in outputs):
            self.fail(
                f"{self.net_name()} returns values that are not finite for {inputs}.\n"
                f"Is there a division by a spread, a logarithm or a root of zero?"
            )

    def test_output_range(self):
        """The outputs stay in the declared range and can come close to both of its ends."""
        if self.output_range is None:
            self.skipTest(f"{type(self).__name__}.output_range is not declared.")
        low, high = self.output_range
        # A sixteenth: an activation that is applied twice, as tanh(tanh(x)), ends at an eighth.
        margin = (high - low) / 16  # infinite where an end is, which need not be come close to
        lowest, highest = math.inf, -math.inf
        for outputs in self.ever_larger_outputs():
            lowest = min(lowest, outputs.min().item())
            highest = max(highest, outputs.max().item())
            if not (low <= lowest and highest <= high):
                self.fail(
                    f"{self.net_name()} returns values from {lowest:.3g} to {highest:.3g}, but "
                    f"output_range is [{low:g}, {high:g}].\nIs the last activation missing, or "
                    f"not the one that fits the range of the data?"
                )
            if not (lowest >= low + margin or highest <= high - margin):
                return
        self.fail(
            f"{self.net_name()} returns values from {lowest:.3g} to {highest:.3g}, even with "
            f"enlarged weights; output_range is [{low:g}, {high:g}].\nIs the last activation "
            f"applied twice, behind another one, or made for another range?"
        )

    def ever_larger_outputs(self) -> Iterator[Tensor]:
        """The first output of the model and of copies with random weights, ever larger ones.

        Large weights saturate a bounded activation; several copies give both signs.
        """
        yield self.output_for_range(copy_of(self.net).eval())
        for seed in range(8):
            net = copy_of(self.net).eval()
            with seeded(seed), torch.no_grad():
                for parameter in net.parameters():
                    parameter += torch.randn_like(parameter) * 2 ** (seed % 4)
            outputs = self.output_for_range(net)
            if outputs.isfinite().all():  # so large weights may overflow on the way
                yield outputs

    def output_for_range(self, net: nn.Module) -> Tensor:
        return call(net, self.test_inputs)[0]

    def test_any_batch_size(self):
        """Batches of one, of two and of an odd number of samples work, with the same shapes."""
        net = copy_of(self.net).eval()
        shapes = [output.shape[1:] for output in call(net, self.test_inputs)]
        for size in (1, 2, 5):
            with self.subTest(batch_size=size):
                repeats = -(-size // len(self.test_inputs))
                inputs = torch.cat([self.test_inputs] * repeats)[:size]
                try:
                    found = [output.shape for output in call(net, inputs)]
                except (RuntimeError, ValueError, IndexError) as error:
                    self.fail(
                        f"{self.net_name()} does not take a batch of {size}: "
                        f"{first_line(error)}\nIs the batch size fixed in a reshape?"
                    )
                expected = [(size, *shape) for shape in shapes]
                if [tuple(shape) for shape in found] != expected:
                    self.fail(
                        f"{self.net_name()} returns shapes {[tuple(s) for s in found]} for a batch "
                        f"of {size}; expected {expected}.\nDoes squeeze() or a fixed batch size "
                        f"remove the batch axis?"
                    )

    def test_blank_and_constant_inputs(self):
        """Inputs without any contrast give finite outputs."""
        net = copy_of(self.net).eval()
        values = {0, self.test_inputs.min().item(), self.test_inputs.max().item()}
        for value in sorted(values):
            with self.subTest(value=value):
                inputs = torch.full_like(self.test_inputs, value)
                self.check_finite(call(net, inputs), f"inputs that are {value:.3g} everywhere")

    def test_inputs_are_not_modified(self):
        """A forward pass changes neither its inputs nor parameters, but for a declared max_norm."""
        for mode in (True, False):
            with self.subTest(training=mode):
                net = copy_of(self.net).train(mode)
                before = {name: p.clone() for name, p in net.named_parameters()}
                inputs = self.test_inputs.clone()
                call(net, inputs)
                if not torch.equal(inputs, self.test_inputs):
                    self.fail(
                        f"{self.net_name()} changes its inputs.\nDoes forward() begin with an "
                        f"in-place operation (x += ..., x[...] = ..., relu_, inplace=True)?"
                    )
                for name, now in net.named_parameters():
                    module = net.get_submodule(name.rpartition(".")[0])
                    # An embedding with max_norm shortens its vectors as they are looked up.
                    meant = getattr(module, "max_norm", None) is not None
                    if not meant and not torch.equal(now, before[name]):
                        self.fail(
                            f"{self.net_name()}.{name} is changed by a forward pass.\n"
                            f"Is a weight normalised or clipped in place? The optimizer's step "
                            f"is partly undone."
                        )

    def test_computes_in_double_precision(self):
        """Converted to float64, the model computes in float64 from end to end."""
        self.require_floating_inputs()
        self.require_real_parameters()
        net = copy_of(self.net).eval().double()
        try:
            outputs = call(net, self.test_inputs.double())
        except RuntimeError as error:
            self.fail(
                f"{self.net_name()} does not run in float64: {first_line(error)}\nIs a tensor "
                f"made with a fixed dtype, or .float() called inside?"
            )
        found = {output.dtype for output in outputs if output.is_floating_point()}
        if found != {torch.float64}:
            self.fail(
                f"{self.net_name()} returns {sorted(map(str, found))} after .double().\n"
                f"Is .float() called inside, or a tensor made with a fixed dtype?"
            )

    def test_moves_between_devices(self):
        """Moved to another device, the model computes there and only there, and comes back.

        The meta device has no values, only shapes: it stands for an accelerator where there is
        none.
        """
        expected = [output.shape for output in call(copy_of(self.net).eval(), self.test_inputs)]
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
                if device != "meta":
                    self.check_return(net.to("cpu"))

    def outputs_on(self, device: str, net: nn.Module) -> list[Tensor]:
        try:
            with OneDevice(), seeded(0), torch.no_grad(), eager():
                return tensors_in(net(self.test_inputs.to(device)))
        except (RuntimeError, MixedDevices) as error:
            reason = first_line(error)
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

    def check_return(self, net: nn.Module):
        """A model that was elsewhere computes on the CPU as if it had never left."""
        for old, new in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            self.assertTrue(torch.equal(old.cpu(), new), "A weight changed on the way.")
        self.assertEqual({o.device.type for o in call(net, self.test_inputs)}, {"cpu"})

    def test_every_input_element_matters(self):
        """Every element of the input can influence the outputs."""
        self.require_floating_inputs()
        net = perturbed(self.net).eval()
        reached = torch.zeros_like(self.test_inputs[0], dtype=torch.bool)
        # A pooling layer passes on one element in many: read random inputs until all had their
        # turn. A correct model is through after a few rounds.
        for round_ in range(100):
            reached |= self.elements_reached(net, seed=round_)
            if reached.all():
                return
        missing = (~reached).nonzero()
        self.fail(
            f"{self.net_name()} ignores {len(missing)} of {reached.numel()} elements of its "
            f"input, the first at {tuple(missing[0].tolist())}, the last at "
            f"{tuple(missing[-1].tolist())}.\nIs the input cropped, sliced or masked?"
        )

    def elements_reached(self, net: nn.Module, seed: int) -> Tensor:
        """Which elements of a sample have a gradient, over a batch of random inputs."""
        with seeded(seed), eager():
            noise = torch.randn_like(self.test_inputs) * self.test_inputs.std()
            inputs = (self.test_inputs.mean() + noise).requires_grad_()
            outputs = self.differentiable(tensors_in(net(inputs)))
            torch.autograd.backward(outputs, [torch.randn_like(o) for o in outputs])
        if inputs.grad is None:
            return torch.zeros_like(inputs[0], dtype=torch.bool)
        return inputs.grad.ne(0).any(dim=0)


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


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
