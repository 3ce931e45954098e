# SPDX-License-Identifier: MIT
"""A model moves between devices as a whole."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..instruments.calls import computed, eager
from ..instruments.comparing import same
from ..instruments.devices import accelerators
from ..instruments.nested import is_number, mapped, moved, tensors_in
from ..instruments.seeds import seeded
from .premises import first_line, lacks_kernel
from .probing import ModelProbe


class DeviceTests(ModelProbe):
    """Tests of moving a model. Part of AbstractTestModel."""

    def test_moves_between_devices(self):
        """Moved to another device, the model computes there and only there, and comes back.

        The meta device has no values, only shapes: it stands for an accelerator where there is
        none.
        """
        expected = [t.shape for t in tensors_in(self.observed(training=False).result)]
        for device in ["meta", *accelerators()]:
            with self.subTest(device=device):
                net = self.copied()
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
            try:
                return self.results_on(device, net, moved(self.test_inputs, device))
            except RuntimeError as error:
                if "CPU int64 tensor" not in str(error):
                    raise
                # The lengths of sequences stay where packing wants them.
                inputs = mapped(lambda t: t if is_length(t) else t.to(device), self.test_inputs)
                return self.results_on(device, net, inputs)
        except (RuntimeError, MixedDevices) as error:
            reason = first_line(error)
            needs_values = isinstance(error, NotImplementedError) or "meta tensors" in reason
            if needs_values or lacks_kernel(error):
                self.skipTest(
                    f"{self.net_name()} needs the values of a tensor to go on, and the meta "
                    f"device has none ({reason})."
                )
            self.fail(
                f"{self.net_name()} does not run on {device}: {reason}\nIs a tensor made without "
                f"device=..., or a layer or tensor kept where .to() does not look: a plain "
                f"attribute or list in place of a buffer, parameter or nn.ModuleList?"
            )

    def results_on(self, device: str, net: nn.Module, inputs) -> list[Tensor]:
        net.to(device)
        with OneDevice(), seeded(0), torch.no_grad(), eager():
            return tensors_in(self.call(net, inputs))

    def check_return(self, net: nn.Module):
        """A model that was elsewhere computes on the CPU as if it had never left."""
        for old, new in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            self.assertTrue(same(old.cpu(), new), "A weight changed on the way.")
        results = computed(partial(self.call, net), self.test_inputs)
        self.assertEqual({result.device.type for result in results}, {"cpu"})


def is_length(tensor: Tensor) -> bool:
    return tensor.dim() == 1 and not is_number(tensor)


class MixedDevices(Exception):
    """An operation got tensors of several devices."""


class OneDevice(TorchFunctionMode):
    """Raises MixedDevices where an operation gets tensors of several devices.

    On the meta device torch itself lets a matrix product or a convolution with tensors of the
    CPU pass, which fails on an accelerator.
    """

    # Operations that move values between devices, or take indices and lengths from the CPU.
    ALLOWED = ("to", "copy_", "type_as", "__getitem__", "__setitem__")
    PACKING = ("_pack_padded_sequence", "_pad_packed_sequence")
    RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", str(func))
        tensors = tensors_in([args, kwargs or {}])
        if name in self.PACKING + self.RECURRENT:
            tensors = [tensor for tensor in tensors if not is_length(tensor)]
        # A tensor without axes counts as a number and goes everywhere.
        devices = {tensor.device.type for tensor in tensors if tensor.dim() > 0}
        if len(devices) > 1 and name not in self.ALLOWED:
            shapes = [tuple(t.shape) for t in tensors if t.device.type == "cpu"]
            raise MixedDevices(f"{name}() gets a tensor of shape {shapes[0]} on the CPU.")
        return func(*args, **(kwargs or {}))
