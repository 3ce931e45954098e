# SPDX-License-Identifier: MIT
"""Properties of devices: the model gets its inputs where it is."""

from contextlib import suppress

from ..instruments.devices import accelerators
from .calls import Call, observed_calls
from .probing import TrainerProbe


class DeviceTests(TrainerProbe):
    """Tests of where batches are. Part of AbstractTestTrainer."""

    def test_batches_are_moved_to_the_device(self):
        """In training, evaluation and generation, the model gets its inputs on the device."""
        self.require_complete()
        if self.chooses_device or not self.takes_by_name("device"):
            self.skipTest("The trainer is not told the device.")
        # The meta device is one that every machine has, and that is not where data lie.
        for device in ("meta", *accelerators()):
            for name in filter(self.has, ("train", "evaluate", "generate")):
                with self.subTest(device=device, method=name):
                    self.check_device(device, name)

    def check_device(self, device: str, name: str):
        trainer = self.probe_trainer(device=device)
        models = {id(m): m for m in (self.model_of(trainer), self.evaluated(trainer))}
        # Nothing is computed: inputs on another device than the weights are an error of their own.
        with observed_calls(*models.values(), before=stop) as calls, suppress(Exception):
            getattr(self, name)(trainer, *([] if name == "evaluate" else [1]))
        found = set().union(*(call.devices for call in calls))
        if not found:
            self.skipTest(f"{name}() ends before it reaches a model on the {device} device.")
        if found != {device}:
            method = "eval" if name == "evaluate" else name
            self.fail(
                f"{method}() gives the model inputs on {', '.join(found)}; the trainer is on "
                f"{device}.\nMove each batch with .to(self.device)."
            )


def stop(call: Call):
    raise RuntimeError("The call was seen.")
