# SPDX-License-Identifier: MIT
"""Properties of evaluation: the test split, once, in eval mode, and without any trace."""

from functools import partial
from pathlib import Path

import torch

from ..instruments.seeds import seeded
from .building import TEST_SIZE
from .probing import TrainerProbe
from .snapshot import snapshot

# With their arguments. Of those that are not in the contract, the ones that a trainer has.
OTHER_METHODS = {"elbo": (), "sample_prior": (2,)}
ROUNDING = 1e-5  # of sums of ten losses in another order, and of kernels for other batch sizes


class EvaluationTests(TrainerProbe):
    """Tests of evaluate() and generate(n). Part of AbstractTestTrainer."""

    def methods(self) -> dict:
        """What evaluates the model without training it, by the name it is known by."""
        self.require_complete()
        found = {}
        if self.has("evaluate"):
            found["eval"] = self.evaluate
        if self.has("generate"):
            found["generate"] = lambda trainer: self.generate(trainer, 2)
        for name, given in OTHER_METHODS.items():
            if hasattr(self.trainer, name):
                found[name] = partial(call_method, name=name, arguments=given)
        if not found:
            self.require("evaluate")
        return found

    def test_evaluates_in_eval_mode(self):
        """eval(), generate(n) and the like have the model in eval mode and keep no gradients."""
        for name, method in self.methods().items():
            with self.subTest(method=name):
                trainer = self.probe_trainer()
                self.evaluated(trainer).train()
                with self.observed(trainer) as calls:
                    method(trainer)
                for call in calls or calls.others:
                    if any(call.training):
                        self.fail(
                            f"In {name}() the model, or a layer of it, is in training mode.\nIs "
                            f"model.eval() missing? Without it, dropout and running statistics are "
                            f"active."
                        )
                    if call.with_gradients:
                        self.fail(f"{name}() records gradients. Use torch.no_grad().")

    def test_evaluation_leaves_everything_as_it_was(self):
        """eval(), generate(n) and the like change no weight, mode, gradient or random state."""
        trainer = self.probe_trainer()
        with seeded(0):
            self.train(trainer, 1)
        strict = self.resumes_bit_for_bit(trainer)
        for name, method in self.methods().items():
            for training in (True, False):
                with self.subTest(method=name, training=training), seeded(0):
                    # Whatever an evaluation before this one has left behind.
                    self.model_of(trainer).train(training).requires_grad_(True)
                    before = snapshot(self, trainer)
                    method(trainer)
                    self.check_unchanged(f"{name}()", before, snapshot(self, trainer), strict)

    def resumes_bit_for_bit(self, trainer) -> bool:
        """Whether checkpoints hold the random state, so that an evaluation has to keep it."""
        hooks = ("save_checkpoint", "load_checkpoint")
        if not all(map(self.has, hooks)) or not self.restores_random_state:
            return False
        if self.restores_at != "load":
            return False
        path = Path(self.new_folder(), "checkpoint.pt")
        with seeded(0):
            before = torch.get_rng_state()
            self.save_checkpoint(trainer, path)
            torch.rand(1)
            self.load_checkpoint(trainer, path)
            return torch.equal(torch.get_rng_state(), before)

    def test_evaluation_sees_every_test_sample_once(self):
        """eval() reads the test split, all of it, and each sample once."""
        self.require_complete()
        self.require("evaluate")
        trainer = self.probe_trainer()
        self.require_marked(trainer)
        with self.observed(trainer) as noted:
            self.evaluate(trainer)
        calls = noted or noted.others  # averaged weights may be a module of their own
        wrong: list[int] = sum((self.samples_of(trainer, c, "train_data") for c in calls), [])
        if wrong:
            self.fail(
                f"eval() reads {len(wrong)} samples of the training split.\nAre the splits "
                f"interchanged?"
            )
        seen: list[int] = sum((self.samples_of(trainer, c, "test_data") for c in calls), [])
        if not seen and calls:
            self.skipTest("What modules see in eval() are no inputs of the dataset.")
        if set(seen) != set(range(TEST_SIZE)):
            self.fail(
                f"eval() reads {len(set(seen))} of {TEST_SIZE} test samples.\nIs the last batch "
                f"dropped, or the loop left early?"
            )
        if len(seen) % TEST_SIZE:
            self.fail(f"eval() reads some of the {TEST_SIZE} test samples more often than others.")

    def test_evaluation_is_deterministic(self):
        """eval() returns the same twice, and in batches of 4, 4 and 2 as in one of all 10."""
        self.require_quiet_evaluation()
        trainer = self.probe_trainer(batch_size=4)
        with seeded(0):
            parts, again = self.numbers(trainer), self.numbers(trainer)
        if parts != again:
            self.fail(
                f"eval() returns {text_of(parts)}, and then {text_of(again)}.\nIs dropout active, "
                f"the latent code sampled, or the test split shuffled? Declare noisy_evaluation if "
                f"noise is wanted."
            )
        if not hasattr(self.data_of(trainer).test_data, "marks"):
            return  # the size of a split that is not the suite's own need not be that of a batch
        whole = self.numbers(self.probe_trainer(batch_size=10))
        for name, value in parts.items():
            if not same(value, whole[name]):
                self.fail(
                    f"eval() returns {value:.6g} with a batch size of 4 and {whole[name]:.6g} with "
                    f"10, for 10 samples.\nIs it a mean of the means of batches of different size, "
                    f"or divided by their number?"
                )

    def test_evaluation_does_not_depend_on_training_data(self):
        """eval() returns the same with 11 and with 6 training samples."""
        self.require_complete()
        self.require("evaluate")
        trainers = [self.probe_trainer(data=self.probe_data(size)) for size in (11, 6)]
        self.require_marked(trainers[0])
        more, again, less = map(self.seeded_numbers, (trainers[0], *trainers))
        if self.noisy_evaluation and more != again:
            self.skipTest("evaluate() has noise of its own: one seed of torch's gives two results.")
        for name, value in more.items():
            if not same(value, less[name]):
                self.fail(
                    f"eval() returns {value:.6g} with 11 training samples and {less[name]:.6g} "
                    f"with 6.\nIs the sum over the test split divided by the size of the training "
                    f"split?"
                )

    def seeded_numbers(self, trainer) -> dict[str, float]:
        with seeded(0):
            return self.numbers(trainer)


def call_method(trainer, name: str, arguments: tuple):
    return getattr(trainer, name)(*arguments)


def text_of(numbers: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}".strip() for name, value in numbers.items())


def same(first: float, second: float) -> bool:
    return abs(first - second) <= ROUNDING * max(abs(first), abs(second))
