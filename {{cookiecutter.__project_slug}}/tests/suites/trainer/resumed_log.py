# SPDX-License-Identifier: MIT
"""What a run logs after it was resumed, beside what it logs without an interruption."""

from torch import Tensor

from .probing import TrainerProbe
from .recorder import Recorder
from .snapshot import equal


class ResumedLog(TrainerProbe):
    """Compares logs. Part of CheckpointTests."""

    def check_log(self, whole, interrupted, resumed):
        if self.logged(whole) is None:
            return
        for tag in filter(None, (self.loss_tag, self.eval_tag)):
            before = self.entries(interrupted, tag)
            expected = self.entries(whole, tag)[len(before) :]
            found = self.entries(resumed, tag)
            steps = [[step for step, _ in entries] for entries in (found, expected)]
            if steps[0] != steps[1]:
                self.fail(
                    f"Resumed after {len(before)} values of {tag}, the run logs at {steps[0]}; "
                    f"uninterrupted it is {steps[1]}.\nAre step and epoch saved, and loaded?"
                )

    def check_logged_values(self, whole: dict, interrupted: dict, resumed: dict):
        """What the first two, which began alike, have logged alike goes on as in the first."""
        for tag, entries in whole.items():
            before, found = interrupted.get(tag, []), dict(resumed.get(tag, []))
            if not equal(before, entries[: len(before)]):
                continue  # a time, or the like
            for step, value in entries[len(before) :]:
                if step in found and not equal(found[step], value):
                    self.fail(
                        f"After resuming, {tag} is logged as {shown(found[step])} at {step}; "
                        f"uninterrupted it is {shown(value)}, though all states are the same.\nIs "
                        f"it made of something that is in no checkpoint: a running mean, a best "
                        f"value, a generator?"
                    )

    def log(self, trainer) -> dict[str, list[tuple]]:
        """The steps and values of all scalars, and of pictures where they are recorded."""
        scalars = self.logged(trainer) or {}
        summary = getattr(trainer, "summary", None)
        return {**scalars, **(summary.images() if isinstance(summary, Recorder) else {})}


def shown(value) -> str:
    """A number, or what a picture is like."""
    if isinstance(value, Tensor) and value.numel() > 1:
        return f"a picture with the mean {value.double().mean().item():.6g}"
    return f"{float(value):.6g}"
