"""Properties of evaluation: the test split, once, in eval mode, and without any trace."""

import random

import torch

from .running import seeded

METHODS = {"eval": (), "generate": (2,)}


class EvaluationTests:
    """Tests of eval() and generate(n). Part of AbstractTestTrainer."""

    def test_evaluates_in_eval_mode(self):
        """eval() and generate(n) have the model in eval mode and keep no gradients."""
        for name, arguments in METHODS.items():
            with self.subTest(method=name):
                trainer = self.probe_trainer()
                getattr(trainer, name)(*arguments)
                for call in trainer.model.calls:
                    if any(call.training):
                        self.fail(
                            f"In {name}() the model, or a layer of it, is in training mode.\nIs "
                            f"model.eval() missing? Without it, dropout and running statistics are "
                            f"active."
                        )
                    if call.with_gradients:
                        self.fail(f"{name}() records gradients. Use torch.no_grad().")

    def test_evaluation_leaves_everything_as_it_was(self):
        """eval() and generate(n) change no weight, mode, gradient, optimizer or random state."""
        for name, arguments in METHODS.items():
            for training in (True, False):
                with self.subTest(method=name, training=training):
                    trainer = self.probe_trainer()
                    with seeded(0):
                        trainer.train(1)
                        # Whatever the evaluation within train() has left behind.
                        trainer.model.train(training).requires_grad_(True)
                        before = snapshot(trainer)
                        getattr(trainer, name)(*arguments)
                        self.check_unchanged(f"{name}()", before, snapshot(trainer))

    def check_unchanged(self, what: str, before: dict, after: dict):
        changed = [key for key in before if not equal(before[key], after.get(key))]
        if changed:
            self.fail(
                f"{what} changes {', '.join(changed[:3])}.\nTraining goes on from there, so a run "
                f"with it differs from one without. Restore what is changed."
            )

    def test_evaluation_is_deterministic(self):
        """Called twice, eval() returns the same."""
        trainer = self.probe_trainer()
        with seeded(0):
            first, second = trainer.eval(), trainer.eval()
        if first != second:
            self.fail(
                f"eval() returns {first:.6g}, and then {second:.6g}.\nIs dropout active, or is the "
                f"latent code sampled? Use mu, or fixed noise. Skip this test if noise is wanted."
            )

    def test_evaluation_sees_every_test_sample_once(self):
        """eval() reads the test split, all of it, and each sample once."""
        trainer = self.probe_trainer()
        trainer.eval()
        calls = trainer.model.calls
        wrong: list[int] = sum((call.samples("train_data") for call in calls), [])
        if wrong:
            self.fail(
                f"eval() reads {len(wrong)} samples of the training split.\nAre the splits "
                f"interchanged?"
            )
        seen: list[int] = sum((call.samples("test_data") for call in calls), [])
        size = len(trainer.data.test_data)
        if set(seen) != set(range(size)):
            self.fail(
                f"eval() reads {len(set(seen))} of {size} test samples.\nIs the last batch "
                f"dropped, or the loop left early?"
            )
        if len(seen) % size:
            self.fail(f"eval() reads some of the {size} test samples more often than others.")

    def test_evaluation_does_not_depend_on_the_batch_size(self):
        """eval() returns the same in batches of 4, 4 and 3, and in one of all 11."""
        found = {}
        for batch_size in (4, 11):
            found[batch_size] = self.probe_trainer(batch_size=batch_size).eval()
        if not abs(found[4] - found[11]) <= 1e-5 * abs(found[11]):
            self.fail(
                f"eval() returns {found[4]:.6g} with a batch size of 4 and {found[11]:.6g} with "
                f"11, for 11 samples.\nIs it a mean of the means of batches of different size, or "
                f"divided by their number?"
            )


def snapshot(trainer) -> dict:
    """Copies of all that a training run goes on from, by name."""
    model = trainer.model
    found = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for name, module in model.named_modules():
        found[f"the mode of {name or 'the model'}"] = module.training
    for name, parameter in model.named_parameters():
        found[f"requires_grad of {name}"] = parameter.requires_grad
        found[f"the gradient of {name}"] = (
            None if parameter.grad is None else parameter.grad.clone()
        )
    for index, state in trainer.optimizer.state_dict()["state"].items():
        for key, value in state.items():
            found[f"{key} in the optimizer's state of parameter {index}"] = copied(value)
    found["the learning rate"] = [group["lr"] for group in trainer.optimizer.param_groups]
    found["torch's random state"] = torch.get_rng_state()
    found["Python's random state"] = random.getstate()
    return found


def copied(value):
    return value.clone() if isinstance(value, torch.Tensor) else value


def equal(first, second) -> bool:
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return first.shape == second.shape and torch.equal(first, second)
    return type(first) is type(second) and first == second
