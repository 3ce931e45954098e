"""Properties of evaluation: the test split, once, in eval mode, and without any trace."""

from ..instruments.seeds import seeded
from .snapshot import equal, snapshot

# With their arguments. Of those that are not in the contract, the ones that a trainer has.
METHODS = {"eval": (), "generate": (2,), "elbo": (), "sample_prior": (2,)}


class EvaluationTests:
    """Tests of eval() and generate(n). Part of AbstractTestTrainer."""

    def methods(self) -> list[tuple[str, tuple]]:
        return [(name, given) for name, given in METHODS.items() if hasattr(self.trainer, name)]

    def test_evaluates_in_eval_mode(self):
        """eval(), generate(n) and the like have the model in eval mode and keep no gradients."""
        for name, arguments in self.methods():
            with self.subTest(method=name):
                trainer = self.probe_trainer()
                getattr(trainer, name)(*arguments)
                for call in self.evaluated(trainer).calls:
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
            trainer.train(1)
        for name, arguments in self.methods():
            for training in (True, False):
                with self.subTest(method=name, training=training), seeded(0):
                    # Whatever an evaluation before this one has left behind.
                    trainer.model.train(training).requires_grad_(True)
                    before = snapshot(trainer)
                    getattr(trainer, name)(*arguments)
                    self.check_unchanged(f"{name}()", before, snapshot(trainer))

    def evaluated(self, trainer):
        """The model that is evaluated, which need not be the one that is trained."""
        return getattr(trainer, self.evaluated_model)

    def check_unchanged(self, what: str, before: dict, after: dict):
        changed = [key for key in before if not equal(before[key], after.get(key))]
        if changed:
            self.fail(
                f"{what} changes {', '.join(changed[:3])}.\nTraining goes on from there, so a run "
                f"with it differs from one without. Restore what is changed."
            )

    def test_evaluation_sees_every_test_sample_once(self):
        """eval() reads the test split, all of it, and each sample once."""
        trainer = self.probe_trainer()
        trainer.eval()
        calls = self.evaluated(trainer).calls
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

    def test_evaluation_is_deterministic(self):
        """eval() returns the same twice, and in batches of 4, 4 and 2 as in one of all 10."""
        trainer = self.probe_trainer(batch_size=4)
        with seeded(0):
            parts, again = trainer.eval(), trainer.eval()
        if parts != again:
            self.fail(
                f"eval() returns {parts}, and then {again}.\nIs dropout active, the latent code "
                f"sampled, or the test split shuffled? Skip this test if noise is wanted."
            )
        whole = self.probe_trainer(batch_size=10).eval()
        if not abs(parts - whole) <= 1e-5 * abs(whole):
            self.fail(
                f"eval() returns {parts:.6g} with a batch size of 4 and {whole:.6g} with 10, for "
                f"10 samples.\nIs it a mean of the means of batches of different size, or divided "
                f"by their number?"
            )

    def test_evaluation_does_not_depend_on_training_data(self):
        """eval() returns the same with 11 and with 6 training samples."""
        more, less = (self.probe_trainer(data=self.probe_data(size)).eval() for size in (11, 6))
        if not abs(more - less) <= 1e-5 * abs(more):
            self.fail(
                f"eval() returns {more:.6g} with 11 training samples and {less:.6g} with 6.\nIs "
                f"the sum over the test split divided by the size of the training split?"
            )
