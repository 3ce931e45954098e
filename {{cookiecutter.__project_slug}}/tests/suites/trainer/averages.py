# SPDX-License-Identifier: MIT
"""Properties of averaged weights: they follow the weights, are their own, and are what is used."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.optim.swa_utils import AveragedModel

from ..instruments.seeds import seeded
from .passes import flat
from .probing import TrainerProbe

EPOCHS = 2
ROUNDING = 1e-5


@dataclass
class Weights:
    """Those of the model and the averaged ones, at one moment."""

    model: torch.Tensor
    averaged: torch.Tensor


class AverageTests(TrainerProbe):
    """Tests of averaged weights (EMA). Part of AbstractTestTrainer."""

    def averaged(self, trainer) -> nn.Module:
        self.require_complete()
        model = self.averaged_model(trainer)
        if model is None:
            self.skipTest("No averaged weights are declared (averaged_model).")
        return model.module if isinstance(model, AveragedModel) else model

    def test_averaged_weights_follow_the_weights(self):
        """After each step the average is decay * average + (1 - decay) * weights."""
        self.require_complete()
        trainer = self.probe_trainer()
        averaged = self.averaged(trainer)
        before = flat(averaged.parameters())
        moments = self.moments(trainer)
        if torch.equal(flat(averaged.parameters()), before):
            self.fail(
                f"The averaged weights did not change in {len(moments) - 1} steps.\nAre they "
                f"updated after optimizer.step(), and from this model?"
            )
        if self.average_decay is None:
            return
        # The first update may be a copy.
        for number, (last, now) in enumerate(zip(moments[1:], moments[2:], strict=False), 1):
            self.check_update(number, self.average_decay, last, now)

    def check_update(self, number: int, decay: float, last: Weights, now: Weights):
        expected = torch.lerp(last.averaged, now.model, 1 - decay)
        if close(now.averaged, expected):
            return
        causes = {
            "Are the two factors swapped?": torch.lerp(last.averaged, now.model, decay),
            "Is it left out after some steps, or updated before them?": last.averaged,
            "Do both share their memory, or is it a copy?": now.model,
        }
        cause = next((c for c, value in causes.items() if close(now.averaged, value)), "")
        share = step_size(last.averaged, now.averaged, now.model)
        self.fail(
            f"After step {number} the averaged weights are not {decay} * average + {1 - decay:.4g} "
            f"* weights: the share of the new ones is about {share:.4g}.\n"
            f"{cause or 'Is the decay another one, or does it change? Declare average_decay.'}"
        )

    def moments(self, trainer) -> list[Weights]:
        """Both weights before each step of two epochs, and after the last."""
        model, averaged = self.model_of(trainer), self.averaged(trainer)
        moments: list[Weights] = []

        def note(*_):
            moments.append(Weights(flat(model.parameters()), flat(averaged.parameters())))

        hook = register_optimizer_step_pre_hook(note)
        try:
            with seeded(0):
                self.train(trainer, EPOCHS)
        finally:
            hook.remove()
        note()
        return moments

    def test_averaged_weights_are_their_own(self):
        """The averaged model shares no memory with the one that is trained."""
        self.require_complete()
        trainer = self.probe_trainer()
        averaged = self.averaged(trainer)
        own = {tensor.data_ptr() for tensor in self.model_of(trainer).state_dict().values()}
        shared = [n for n, t in averaged.state_dict().items() if t.data_ptr() in own and t.numel()]
        if shared:
            self.fail(
                f"The averaged model shares {shared[0]} with the one that is trained "
                f"({len(shared)} in all).\nWas it made by copy.deepcopy(model)?"
            )

    def test_averaged_model_has_the_buffers(self):
        """Running statistics of the averaged model follow those of the one that is trained."""
        self.require_complete()
        trainer = self.probe_trainer()
        averaged, model = self.averaged_or_evaluated(trainer), self.model_of(trainer)
        before = {name: buffer.clone() for name, buffer in model.named_buffers()}
        start, weights = list(map(torch.clone, averaged.buffers())), flat(averaged.parameters())
        if not start:
            self.skipTest("The averaged model has no buffers.")
        with seeded(0):
            self.train(trainer, EPOCHS)
        if torch.equal(weights, flat(averaged.parameters())):
            return  # another check says that they do not follow
        moved = [n for n, buffer in model.named_buffers() if not torch.equal(buffer, before[n])]
        for (name, buffer), old in zip(averaged.named_buffers(), start, strict=True):
            # The average may be that of one network of several.
            if torch.equal(buffer, old) and any(f".{n}".endswith(f".{name}") for n in moved):
                self.fail(
                    f"{name} of the averaged model is what it was before training.\nAn average of "
                    f"parameters() leaves out buffers: copy them, or average them too."
                )

    def averaged_or_evaluated(self, trainer) -> nn.Module:
        """The declared average, or a module outside of the model that evaluate() calls."""
        if self.averaged_model(trainer) is not None:
            return self.averaged(trainer)
        with self.observed(trainer) as calls, seeded(0):
            if self.has("evaluate"):
                self.evaluate(trainer)
            if self.has("generate"):
                self.generate(trainer, 2)
        shapes = {tuple(p.shape) for p in self.model_of(trainer).parameters()}
        for call in calls.others:
            if shapes >= {tuple(p.shape) for p in call.module.parameters()}:
                return call.module
        self.skipTest("No averaged weights are declared (averaged_model).")

    def test_averaged_weights_are_evaluated(self):
        """evaluate() calls the averaged model, where that is declared."""
        self.require_complete()
        self.require("evaluate")
        if not self.evaluates_average:
            self.skipTest("evaluate() is not declared to take averaged weights.")
        trainer = self.probe_trainer()
        averaged, model = self.averaged(trainer), self.model_of(trainer)
        with seeded(0):
            self.train(trainer, EPOCHS)
        found = self.numbers(trainer)
        weights = [p.detach().clone() for p in averaged.parameters()]
        with torch.no_grad():
            for parameter, other in zip(averaged.parameters(), model.parameters(), strict=True):
                parameter.copy_(-other)
        changed = self.numbers(trainer)
        with torch.no_grad():
            for parameter, weight in zip(averaged.parameters(), weights, strict=True):
                parameter.copy_(weight)
        if changed == found:
            self.fail(
                "evaluate() returns the same after the averaged weights were changed.\nDoes it "
                "evaluate the model that is trained?"
            )


def close(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return torch.allclose(found, expected, rtol=ROUNDING, atol=1e-6 * found.abs().max().item())


def step_size(last: torch.Tensor, now: torch.Tensor, weights: torch.Tensor) -> float:
    """How far an average has gone on its way to the weights."""
    way = weights - last
    return ((now - last) @ way / way.square().sum().clamp(min=1e-30)).item()
