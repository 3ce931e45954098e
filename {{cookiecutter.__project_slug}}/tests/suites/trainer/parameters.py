# SPDX-License-Identifier: MIT
"""Properties of what an optimizer holds: every parameter that is trained, in the right group."""

import fnmatch
from collections import Counter

from .probing import TrainerProbe


class ParameterTests(TrainerProbe):
    """Tests of optimizers before training. Part of AbstractTestTrainer."""

    def test_optimizer_holds_every_trainable_parameter(self):
        """Every trainable parameter is in one group of an optimizer, all but declared frozen."""
        self.require_complete()
        optimizers = self.optimizers(self.trainer)
        if not optimizers:
            self.skipTest("The optimizer exists only within train(). Override optimizers(trainer).")
        counts = Counter(
            id(parameter)
            for optimizer in optimizers.values()
            for group in optimizer.param_groups
            for parameter in group["params"]
        )
        named = dict(self.model_of(self.trainer).named_parameters())
        trained = {
            name: parameter
            for name, parameter in named.items()
            if parameter.requires_grad and not name.startswith(self.frozen_parameters)
        }
        missing = [name for name, parameter in trained.items() if not counts[id(parameter)]]
        if len(missing) == len(named):
            self.fail(
                f"The optimizer holds none of the {len(named)} parameters of trainer.model.\nWas "
                f"it built from another model, or before this one was copied?"
            )
        if missing:
            self.fail(
                f"The optimizer does not hold {', '.join(missing[:3])} ({len(missing)} of "
                f"{len(named)} parameters).\nWas it built from a part of the model? Declare those "
                f"that are frozen on purpose as frozen_parameters."
            )
        twice = [name for name, parameter in trained.items() if counts[id(parameter)] > 1]
        if twice and self.updates is None:
            self.fail(
                f"Two optimizers hold {', '.join(twice[:3])} ({len(twice)} of {len(named)} "
                f"parameters).\nEach takes a step with the gradients of the other. Declare "
                f"updates where they take turns on purpose."
            )

    def test_weight_decay_is_where_it_belongs(self):
        """Parameters declared in no_decay have no weight decay, and all others have it."""
        if not self.no_decay:
            self.skipTest("No rule is declared for which parameters decay (no_decay).")
        self.require_complete()
        named = dict(self.model_of(self.trainer).named_parameters())
        for pattern in self.no_decay:
            if not fnmatch.filter(named, pattern):
                self.fail(f"no_decay has {pattern!r}, which matches no parameter of the model.")
        decays = {
            id(parameter): group.get("weight_decay", 0)
            for optimizer in self.optimizers(self.trainer).values()
            for group in optimizer.param_groups
            for parameter in group["params"]
        }
        for name, parameter in named.items():
            decay = decays.get(id(parameter))
            free = any(fnmatch.fnmatch(name, pattern) for pattern in self.no_decay)
            if decay is not None and bool(decay) == free:
                expected = "none: it is declared in no_decay" if free else "some, as all others"
                self.fail(
                    f"{name} has a weight decay of {decay}; expected {expected}.\nIs it sorted "
                    f"into the wrong parameter group?"
                )
