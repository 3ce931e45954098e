"""pytest-torch 1.1.1: contract, checkpoint, layouts and training, as its ModelSuite sets them.

Its helpers are called without pytest. Those that compile or export a model are left out: they say
whether it can be, and not whether it is right.
"""

import copy

from torch import nn

from .subject import loss_and_answers, model_of, objective, reachable, trained_on, without_noise


class PytestTorchModelTests:
    def test_inference_contract(self):
        from pytest_torch import check_inference_contract

        check_inference_contract(without_noise(self), self.test_inputs)

    def test_checkpoint_roundtrip(self):
        from pytest_torch import assert_checkpoint_roundtrip

        model = without_noise(self)
        assert_checkpoint_roundtrip(lambda: copy.deepcopy(model), self.test_inputs, model=model)

    def test_layout_invariance(self):
        from pytest_torch import assert_layout_invariant

        assert_layout_invariant(without_noise(self), self.test_inputs)

    def test_gradients_finite(self):
        from pytest_torch import assert_gradients_finite

        model = model_of(self).train()
        assert_gradients_finite(model, self.test_inputs, objective(self.test_inputs))

    def test_all_params_receive_grad(self):
        from pytest_torch import assert_all_params_receive_grad

        model = model_of(self).train()
        assert_all_params_receive_grad(model, self.test_inputs, objective(self.test_inputs))

    def test_loss_decreases(self):
        from pytest_torch import assert_loss_decreases

        inputs = reachable(self)
        # The default of 1e-3 is for larger models: of these, few come 10 % down in 20 steps.
        assert_loss_decreases(model_of(self), inputs, objective(inputs), lr=1e-2)


class PytestTorchLossTests:
    """The one check of its training group that sees a loss alone."""

    def test_overfits_one_batch(self):
        from pytest_torch import assert_overfits_one_batch

        model, inputs, targets, loss, least = loss_and_answers(self)
        first = loss(model(inputs), targets).item()
        assert_overfits_one_batch(
            model,
            inputs,
            lambda outputs: loss(outputs, targets),
            target_loss=least + 0.05 * (first - least),
        )


class PytestTorchTrainerTests:
    def test_optimizer_coverage(self):
        from pytest_torch import assert_optimizer_coverage

        model, *_, optimizer = trained_on(self)
        assert_optimizer_coverage(model, optimizer)

    def test_model(self):
        from pytest_torch import assert_all_params_receive_grad

        model, inputs, targets, loss, _ = trained_on(self)
        assert isinstance(model, nn.Module)
        assert_all_params_receive_grad(model, inputs, lambda outputs: loss(outputs, targets))
