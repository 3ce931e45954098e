"""torchtest2 0.1.0: check_model, of which only FAIL counts."""

from .subject import (
    declared_range,
    declared_shape,
    has_a_goal,
    loss_and_answers,
    model_of,
    objective,
    trained_on,
)


class Torchtest2ModelTests:
    def test_check_model(self):
        import torchtest2

        axis = getattr(self, "batch_axis", 0)
        report = torchtest2.check_model(
            model_of(self),
            self.test_inputs,
            loss_fn=objective(self.test_inputs),
            output_shape=declared_shape(self),
            output_range=declared_range(self),
            frozen=getattr(self, "frozen_parameters", ()),
            batch_dim=axis if isinstance(axis, int) else None,
            skip=() if has_a_goal(self) else ("overfit_batch",),
        )
        report.raise_on_failure()


class Torchtest2LossTests:
    def test_check_model(self):
        import torchtest2

        model, inputs, targets, loss, least = loss_and_answers(self)
        report = torchtest2.check_model(
            model,
            inputs,
            targets,
            loss_fn=loss,
            overfit_target=least + 0.1 * (loss(model(inputs), targets).item() - least),
            skip=("input_dependency", "batch_independence"),  # there is no model
        )
        report.raise_on_failure()


class Torchtest2TrainerTests:
    def test_check_model(self):
        import torchtest2

        model, inputs, targets, loss, optimizer = trained_on(self)
        report = torchtest2.check_model(model, inputs, targets, loss_fn=loss, optimizer=optimizer)
        report.raise_on_failure()
