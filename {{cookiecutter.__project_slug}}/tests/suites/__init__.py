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
AbstractTestTrainer   trainer,            see trainer/contract.py: what is logged, what may change
                      new_trainer         what, what a checkpoint holds; hooks for all that a
                                          trainer does under another name
AbstractTestVAETrainer                    the same, recon_tag, kl_tag, kl_weight, image_tags,
                                          kl_divergence

A model takes exactly one tensor, `test_inputs`: wrap one that takes more in a module that adds the
others. What each attribute means stands beside it: in the contract.py of each folder.

A loss is tried on outputs and targets as they come from a model and a dataset. What right answers
are is worked out from class indices and from targets of the shape of the outputs; declare
perfect_outputs for others, and perfect_loss (mostly 0) or a reference where they are known: a wrong
factor or constant shows by these only. Override call(loss, outputs, targets) for one that takes
several arguments.

For most of its checks AbstractTestTrainer builds further trainers, with copies of your model and
marked samples of your data. `new_trainer` is your own function for that, which setUp uses as well:

    class TestTrainer(unittest.TestCase, AbstractTestTrainer):
        def new_trainer(self, model, data, *, batch_size, device="cpu", make_optimizer=adam):
            return Trainer(model, data, make_optimizer(model), batch_size, device)

        def setUp(self):
            self.trainer = self.new_trainer(Classifier(), one_batch(), batch_size=4)

Of its keywords, leave out those that your trainer does not know: device, make_optimizer,
make_scheduler, and the settings max_grad_norm, precision, save_checkpoints. What a trainer does by
other means than train(epochs), eval(), generate(n), save(path), load(path), model, data and
summary, a hook of the same meaning says: train(trainer, epochs), evaluate(trainer), ...

Run them with `python -m unittest`, one file with `python -m unittest tests.test_model`, one test
with `python -m unittest tests.test_model.TestCNNVAE.test_output_shape`.

Where a property does not hold on purpose, override the attribute that declares it, with the reason
beside it, or skip the one test with the mechanism as a sentence:

    @unittest.skip("Experts are routed: one that no sample selects has no gradient.")
    def test_all_parameters_are_updated(self): ...

Techniques that some checks do not know, and the tests to skip for them:

masked (autoregressive) models            test_every_input_element_matters
straight-through gradients, quantisation  test_gradients_equal_numerical_ones
noise that stays on in evaluation         test_eval_mode_is_deterministic
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
from .trainer.classifier import AbstractTestClassifierTrainer
from .trainer.gan import AbstractTestGANTrainer
from .trainer.vae import AbstractTestVAETrainer
from .vae import AbstractTestVAE

__all__ = [
    "AbstractTestClassifierTrainer",
    "AbstractTestDataset",
    "AbstractTestGANTrainer",
    "AbstractTestLoss",
    "AbstractTestModel",
    "AbstractTestTrainer",
    "AbstractTestVAE",
    "AbstractTestVAETrainer",
    "set_constant_weights",
]
