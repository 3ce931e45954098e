"""Test suites for datasets, models, variational autoencoders, losses and trainers.

A suite is a class of tests without a test case. Subclass it together with unittest.TestCase, in
any order, and set the attributes that it requires:

    class TestCNNVAE(unittest.TestCase, AbstractTestVAE):
        output_range = (-1, 1)

        def setUp(self):
            self.test_inputs = torch.randn(4, 1, 32, 32)
            self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=16)

suite                 required            optional, with defaults
AbstractTestDataset   data, data_shape    splits(), input_of(sample), target_of(sample), input_key,
                                          target_key, data_range, data_dtype, target_shape,
                                          target_dtype, num_classes, ignore_index, class_shares,
                                          has_labels, labels_follow_images, num_samples, max_blank,
                                          augmented_splits, slight_augmentation,
                                          targets_move_with_inputs, shuffled_splits, collate_fn,
                                          strict_indices, max_samples, num_workers
AbstractTestModel     net, test_inputs    output_shape, output_range, frozen_parameters,
                                          shared_modules, max_dropout, optimizer_steps
AbstractTestVAE       net, test_inputs    the same, log_variance, encode(), sample(), decode(),
                                          decode_inputs, mean_in_eval_mode, reachable_mu,
                                          reachable_log_sigma, max_mu, max_log_sigma,
                                          kl_divergence; the outputs have the shape of the inputs
                                          unless output_shape is set
AbstractTestLoss      loss, outputs,      perfect_outputs, perfect_loss, reduction, outputs_are,
                      targets             batch_axis, ignore_index, mask, class_weights,
                                          label_smoothing, terms, term_weights, reference,
                                          stops_gradients, draws_random_numbers, keeps_state,
                                          frozen_parameters, call
AbstractTestTrainer   trainer             recon_tag, kl_tag, loss_tag, test_tag, image_tags,
                                          steps_between_logs, kl_weight, loss_tolerance,
                                          evaluated_model, frozen_parameters,
                                          samples_without_replacement, drops_last_batch,
                                          scheduler_interval, stops_within_epochs, distributed,
                                          overfit_epochs, overfit_factor,
                                          kl_divergence, save_checkpoint, load_checkpoint,
                                          new_trainer

A model takes exactly one tensor, `test_inputs`: wrap one that takes more in a module that adds the
others. What each attribute means stands beside it: in dataset_contract.py, model_contract.py,
vae.py and trainer_contract.py.

A loss is tried on outputs and targets as they come from a model and a dataset. What right answers
are is worked out from class indices and from targets of the shape of the outputs; declare
perfect_outputs for others, and perfect_loss (mostly 0) or a reference where they are known: a wrong
factor or constant shows by these only. Override call(loss, outputs, targets) for one that takes
several arguments.

For most of its checks AbstractTestTrainer builds further trainers of the same class, with a small
model and data of its own. It calls the constructor with the arguments (model, data, optimizer,
batch_size, device, log_dir, num_generated_images) and with those settings that are numbers, texts
or switches and kept in attributes of the same name. Override new_trainer where yours is built in
another way; without it those checks skip.

Run them with `python -m unittest`, one file with `python -m unittest tests.test_model`, one test
with `python -m unittest tests.test_model.TestCNNVAE.test_output_shape`.

Where a property does not hold on purpose, override the attribute that declares it, with the reason
beside it, or skip the one test with the mechanism as a sentence:

    @unittest.skip("Experts are routed: one that no sample selects has no gradient.")
    def test_all_parameters_are_updated(self): ...

Techniques that some checks do not know, and the tests to skip for them:

masked (autoregressive) models            test_every_input_element_matters
straight-through gradients, quantisation  test_gradients_equal_numerical_ones
noise that stays on in evaluation         test_eval_mode_is_deterministic, and of a trainer
                                          test_evaluation_is_deterministic
noise on the inputs of a trainer          test_logged_losses_are_those_of_the_batch,
                                          test_loss_of_a_batch_is_that_of_its_samples
gradients clipped by value                test_steps_follow_the_gradient_of_the_loss
best weights restored by train()          test_logs_the_evaluation

A third split of a dataset takes three lines:

    def splits(self):
        return {**super().splits(), "val_data": self.data.val_data}

To work out by hand what a module returns, give it constant weights: a linear layer then returns the
sum of its inputs times the weight, plus the bias.

    def test_head_adds_up_its_inputs(self):
        head = set_constant_weights(nn.Linear(3, 2), value=0.5, bias=1.0)
        outputs = head(torch.tensor([[1.0, 2.0, 3.0]]))
        torch.testing.assert_close(outputs, torch.tensor([[4.0, 4.0]]))

The suites import nothing from this project: copy this folder to use them in another one.
"""

from .constant_weights import set_constant_weights
from .dataset import AbstractTestDataset
from .loss import AbstractTestLoss
from .model import AbstractTestModel
from .trainer import AbstractTestTrainer
from .vae import AbstractTestVAE

__all__ = [
    "AbstractTestDataset",
    "AbstractTestLoss",
    "AbstractTestModel",
    "AbstractTestTrainer",
    "AbstractTestVAE",
    "set_constant_weights",
]
