# SPDX-License-Identifier: MIT
"""The first losses of an earlier version are reproduced. It is checked where it is declared."""

from pathlib import Path
from typing import Any

from ..instruments.copies import copy_of
from ..instruments.formula import fill_by_formula
from ..instruments.machine import draws, machine
from ..instruments.record_files import check_names, read_record, record_command
from ..instruments.records import recorded_names
from ..instruments.seeds import all_seeded
from .building import SIZE, TEST_SIZE
from .calls import observed_calls
from .marks import with_splits
from .observing import observed_steps
from .probing import TrainerProbe
from .recorded_samples import (
    indices_in,
    kept_like,
    recorded_samples,
    restored_samples,
    samples_like,
    shapes_of_samples,
)
from .recorded_steps import (
    Seen,
    cause_of_gradient,
    cause_of_loss,
    near,
    numbers_of,
    samples_of_step,
)

STEPS = 5
# Between machines or versions: a rounding in float32 is at most 2^-24 of a value, and the roundings
# of a sum of a million terms, one after another and at random, come to a thousand times that: 6e-5.
# An error of a gradient adds, in five steps, the same share of what the loss has fallen by. Other
# kernels change the losses of an MLP by 2e-7 and of a CNN by 2e-6, their gradients by 8e-6.
TOLERANCE = {"loss": 1e-4, "gradient": 1e-3}
# Below it a difference on one machine looks like that of sums in another order.
ROUNDING = 1e-6
LIKE_ROUNDING = "The difference is that of rounding: are sums taken in another order now?"
NUMBER = (int, float)
STEP = {"samples": list, "terms": dict, "loss": NUMBER, "gradient": NUMBER, "optimizer": str}
PATTERN = {
    "parameters": dict,
    "buffers": dict,
    "machine": dict,
    "draws": [NUMBER],
    "samples": dict,
    "steps": [{**STEP, "settings": dict}],
}


class RecordedResultTests(TrainerProbe):
    """Tests against a record. Part of AbstractTestTrainer; they skip without `recorded_result`.

    The record holds the first five losses of a seeded training, of the owner's own model with
    weights by formula, on samples by formula, which nothing augments. A loop that is written anew
    is compared with it.
    """

    # A small JSON file beside the tests: Path(__file__).with_name("losses.json"). It is written,
    # also after a change that is meant, by `python -m tests.suites.record
    # tests.test_trainer.TestTrainer` with the name of the test case.
    recorded_result: Path | str | None = None

    def test_reproduces_recorded_result(self):
        """The first five losses, under weights by formula, are those that an earlier version had.

        Exactly on the machine and with the versions of the record, to 1e-4 elsewhere.
        """
        record = read_record(self, "recorded_result", PATTERN)
        self.require_complete()
        model = self.model_of(self.trainer)
        check_names(self, type(model).__name__, record, recorded_names(model))
        current = self.new_record(record)
        tolerances = self.tolerances(record, current)
        for number in range(min(len(record["steps"]), len(current["steps"]))):
            self.check_recorded_step(number, record["steps"], current["steps"], tolerances)
        if len(record["steps"]) != len(current["steps"]):
            self.fail(
                f"Training took {len(record['steps'])} steps when it was recorded, and takes "
                f"{len(current['steps'])}.\nHas an epoch another number of batches? {self.meant()}"
            )

    def meant(self) -> str:
        return f"If that is meant: {record_command(self)}"

    def tolerances(self, record: dict, current: dict) -> dict[str, float]:
        """How far each may differ, relatively; skips where a seed gives other numbers."""
        before, now = record["machine"], current["machine"]
        if before == now and now["device"] == "cpu":  # others add up in an order of chance
            return dict.fromkeys(TOLERANCE, 0.0)
        if not all(map(near, record["draws"], current["draws"])):
            differing = [f"{k} {before.get(k)}" for k in now if before.get(k) != now[k]]
            self.skipTest(
                f"It was recorded with {', '.join(differing[:3])}, where a seed gives other random "
                f"numbers than here. Record it again: {record_command(self)}"
            )
        return {name: max(bound, self.loss_tolerance) for name, bound in TOLERANCE.items()}

    def check_recorded_step(self, number: int, old: list[dict], new: list[dict], tolerances: dict):
        before, now = old[number], new[number]
        if before["samples"] != now["samples"] and before["samples"] and now["samples"]:
            self.fail(
                f"Step {number} trains on the samples {now['samples']}; when it was recorded, on "
                f"{before['samples']}.\nIs their order another: shuffle, sampler, batch size, or a "
                f"random number drawn before it?\n{self.meant()}"
            )
        for what, cause in (("loss", cause_of_loss), ("gradient", cause_of_gradient)):
            if not near(before[what], now[what], tolerances[what]):
                name = "norm of the gradient" if what == "gradient" else what
                tiny = near(before[what], now[what], ROUNDING)
                self.fail(
                    f"Step {number} has a {name} of {now[what]:.9g}; when it was recorded, of "
                    f"{before[what]:.9g}. All before it agrees.\n"
                    f"{LIKE_ROUNDING if tiny else cause(number, old, new)}\n{self.meant()}"
                )

    def new_record(self, old: dict | None = None) -> dict:
        """The record of a training, on the samples of an old one if there is one."""
        self.require_complete()
        model = copy_of(self.model_of(self.trainer))
        fill_by_formula(model)
        with all_seeded(0):
            data, samples, kept = self.data_for_record(old)
        trainer = self.probe_trainer(model=model, data=data)
        with all_seeded(0):
            drawn = draws()
            steps = self.recorded_steps(trainer, samples)
        device = next((p.device.type for p in model.parameters()), "cpu")
        names = recorded_names(self.model_of(self.trainer))
        machines = {"machine": machine(device), "draws": drawn}
        return {**names, **machines, "samples": kept, "steps": steps}

    def data_for_record(self, old: dict | None) -> tuple[Any, list, dict]:
        """Data with samples by formula, its training samples, and what a record holds of both.

        Where samples are of no known kind, the owner's own ones, under a seed.
        """
        data = self.data_of(self.trainer)
        splits, kept, samples = {}, {}, {}
        for split, size in (("train_data", SIZE), ("test_data", TEST_SIZE)):
            own = samples_like(getattr(data, split), size)
            if own is None:
                return data, [], {}
            kept[split] = old["samples"].get(split) if old else recorded_samples(own)
            samples[split] = self.restored(split, own, kept[split])
            splits[split] = kept_like(getattr(data, split), samples[split])
        return with_splits(data, **splits), samples["train_data"], kept

    def restored(self, split: str, samples: list, kept: list[dict]) -> list:
        """Samples with recorded values; fails where the record is of samples of other shapes."""
        try:
            found, expected = shapes_of_samples(samples), [entry["shape"] for entry in kept]
            if found == expected:
                return restored_samples(samples, kept)
        except (IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            self.fail(
                f"{self.recorded_result} holds no samples of {split}: {error!r}.\nWrite it anew: "
                f"{record_command(self)}"
            )
        self.fail(
            f"A sample of {split} has the shapes {found}, and had {expected} when "
            f"{type(self).__name__} was recorded.\nGive setUp such data, or record it again: "
            f"{record_command(self)}"
        )

    def recorded_steps(self, trainer, samples: list) -> list[dict]:
        seen: list[Seen] = []
        with observed_steps(self, trainer) as steps:

            def note(call):
                if call.with_gradients and samples:
                    seen.append(Seen(len(steps), indices_in(call.inputs, samples)))

            with observed_calls(self.model_of(trainer), before=note):
                for _ in range(STEPS):
                    if len(steps) < STEPS:
                        self.train(trainer, 2)
        if not steps:
            self.require_optimizer(steps)
            self.fail("train() took no optimizer step on this model.")
        return [
            {
                "samples": samples_of_step(seen, number),
                "terms": self.terms_of(trainer, number, len(steps)),
                **numbers_of(step),
            }
            for number, step in enumerate(steps[:STEPS])
        ]

    def terms_of(self, trainer, number: int, steps: int) -> dict[str, float]:
        """The losses that are logged with a step, where each is logged with every one."""
        logged = self.logged(trainer) or {}
        found = {tag: logged.get(tag, []) for tag in self.step_tags() if tag != self.loss_tag}
        return {tag: float(v[number][1]) for tag, v in found.items() if len(v) == steps}
