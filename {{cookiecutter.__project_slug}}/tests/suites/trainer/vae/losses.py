# SPDX-License-Identifier: MIT
"""Properties of the losses that a trainer logs: their value, their scale and what they are of."""

import copy
from typing import Any

import torch
from torch import nn

from ...instruments.seeds import seeded
from ..marks import with_splits
from .learning import VAELearningTests
from .probe import AnsweringVAE, ProbeSplit, ProbeVAE, image_in

BATCH = 4


class LossTests(VAELearningTests):
    """Tests of single losses. Part of AbstractTestVAETrainer."""

    def test_loss_of_a_batch_is_that_of_its_samples(self):
        """Both losses of a batch are the sums, or both the means, of those of its samples."""
        batch = self.probe_split(BATCH)
        whole, model = self.first_losses(batch)
        single = [self.first_losses(self.probe_split(1, first=i), model)[0] for i in range(BATCH)]
        reductions = {}
        for tag in (self.recon_tag, self.kl_tag):
            total = sum(losses[tag] for losses in single)
            if whole[tag] == total == 0:
                continue  # a weight that starts at zero; a loss that stays zero has its own test
            reductions[tag] = self.reduction(tag, whole[tag], total)
        if len(set(reductions.values())) > 1:
            found = " and ".join(f"{tag} is the {r}" for tag, r in reductions.items())
            self.fail(
                f"Over a batch, {found} of its samples' losses.\nTheir balance then depends on "
                f"the batch size. Divide both, or neither. Or do outputs and targets broadcast?"
            )

    def reduction(self, tag: str, found: float, total: float) -> str:
        for name, expected in (("sum", total), ("mean", total / BATCH)):
            if self.same(found, expected):
                return name
        self.fail(
            f"{tag} is {found:.5g} for a batch of {BATCH} samples; alone they have {total:.5g} in "
            f"sum and {total / BATCH:.5g} on average.\nDo outputs and targets of different shapes "
            f"broadcast, or is something other than a sum taken over the batch?"
        )

    def test_logged_losses_are_those_of_the_batch(self):
        """Recomputed from the model, the losses of a step are those that are logged."""
        self.require_evaluation()
        split = self.probe_split(BATCH)
        images = torch.stack([image_in(split[i]) for i in range(BATCH)])
        losses, model = self.first_losses(split)
        with torch.no_grad():
            mu, log_sigma = model.encode(images)
            kl = float(self.kl_divergence(log_sigma, mu))
        recon = self.score(self.loss_trainer(split, model)) * BATCH
        if self.same(losses[self.kl_tag] * BATCH, recon) and self.same(
            losses[self.recon_tag], kl / BATCH
        ):
            self.fail(f"{self.recon_tag} and {self.kl_tag} are interchanged in the log.")
        reductions = [n for n in (1, BATCH) if self.same(losses[self.recon_tag] * n, recon)]
        if self.kl_weight is not None:
            # Reduced as the reconstruction loss is, lest a weight of 4 be taken for a sum over 4.
            what = "the KL divergence of the model's mu, log_sigma"
            self.check_loss(self.kl_tag, losses, kl, what, reductions or [1, BATCH])
        self.check_loss(
            self.recon_tag, losses, recon, "what eval() gives for the batch", [1, BATCH]
        )
        if self.kl_weight is not None and self.loss_tag is not None:
            total = losses[self.recon_tag] + self.kl_weight * losses[self.kl_tag]
            if not self.same(losses[self.loss_tag], total):
                self.fail(
                    f"{self.loss_tag} is {losses[self.loss_tag]:.5g}; {self.recon_tag} + "
                    f"{self.kl_weight} * {self.kl_tag} is {total:.5g}.\nIs a term missing or "
                    f"weighted? Declare a weight as kl_weight."
                )

    def check_loss(self, tag: str, losses: dict, total: float, what: str, divisors: list[int]):
        if not any(self.same(losses[tag], total / divisor) for divisor in divisors):
            self.fail(
                f"{tag} is logged as {losses[tag]:.5g} for a batch of {BATCH}; {what} adds up to "
                f"{total:.5g}, {total / BATCH:.5g} per sample.\nIs another quantity logged, an "
                f"argument swapped, or the sum divided by something else than the batch size?"
            )

    def test_training_decodes_a_drawn_code(self):
        """In training, what is decoded is what bottleneck draws from mu and log sigma."""
        trainer = self.probe_trainer()
        model = self.probe_of(trainer)
        with seeded(0):
            self.train(trainer, 1)
        codes = model.codes
        if not codes:
            self.fail("Training never calls model.bottleneck. Is mu decoded, without any noise?")
        code = codes[0]
        if not code.mu_has_gradient or not code.log_sigma_has_gradient:
            self.fail(
                "In training, model.bottleneck gets mu or log_sigma without a gradient.\nIs one of "
                "them detached? Then the reconstruction cannot shape it."
            )
        if code.decoded is None or not torch.equal(code.decoded.float(), code.latent_code.float()):
            self.fail(
                "In training, model.decode does not get what model.bottleneck returned.\nIs mu "
                "decoded, or the code changed on the way?"
            )
        if not code.decoded_has_gradient:
            self.fail("In training, model.decode gets a code without a gradient. Is it detached?")

    def test_losses_of_a_new_model_are_plausible(self):
        """A new model is worse than the best constant image, not worse than the worst answers."""
        self.require_evaluation()
        images = self.images()
        low, high = images.min(), images.max()
        worst = AnsweringVAE(lambda x: torch.where(x > (low + high) / 2, low, high).to(x))
        upper, constant = self.evaluation_of(worst), self.loss_of_best_constant_image()
        perfect = self.evaluation_of(AnsweringVAE(lambda x: x))
        found = self.score(self.trainer)
        if perfect == constant == upper:
            self.require_exchange()
        if not perfect < 0.98 * constant:
            self.fail(
                f"eval() is {perfect:.5g} for a model that returns its inputs, and {constant:.5g} "
                f"for the best constant image.\nAre outputs compared with the right target, on "
                f"its scale?"
            )
        lower = perfect + 0.5 * (constant - perfect)
        if not lower < found < upper:
            self.fail(
                f"eval() is {found:.5g} for a new model; expected more than {lower:.5g}, halfway "
                f"to the best constant image, and less than {upper:.5g}, the worst in range.\nIs "
                f"the loss compared with the right target, on the right scale?"
            )

    def require_exchange(self):
        """Skips where another model than the one that was exchanged may be evaluated."""
        model = self.evaluated_model
        for name, value in vars(self.trainer).items():
            if isinstance(value, nn.Module) and name != model:
                self.skipTest(
                    f"eval() does not run trainer.{model}. If it runs trainer.{name}, declare "
                    f"evaluated_model = {name!r}."
                )

    def test_no_loss_is_ever_zero(self):
        """No logged loss is exactly zero; the KL divergence may start there if its weight does."""
        self.require_complete()
        self.record(self.trainer)
        with seeded(0):
            self.train(self.trainer, 2 * self.steps_between_logs)
            if self.kl_weight is None and not any(self.values(self.trainer, self.kl_tag)):
                self.train(self.trainer, self.overfit_epochs)
        for tag in self.step_tags():
            values = self.values(self.trainer, tag)
            starts_at_zero = tag == self.kl_tag and self.kl_weight is None and any(values)
            with self.subTest(tag=tag):
                if 0.0 in values and not starts_at_zero:
                    self.fail(
                        f"{tag} is exactly 0 in step {values.index(0.0)}.\nIs something compared "
                        f"with itself, or multiplied by zero?"
                    )

    def probe_of(self, trainer) -> ProbeVAE:
        """The model of a trainer, which is the suite's own."""
        model: Any = self.model_of(trainer)
        if not hasattr(model, "codes"):
            self.skipTest("The model is not the suite's own, which notes the codes it is given.")
        return model

    def first_losses(self, split, model=None) -> tuple[dict, torch.nn.Module]:
        """What is logged for the first step on one batch, and the model before that step."""
        if not self.samples_without_replacement:
            self.skipTest("Samples are drawn with replacement, so a batch is not known beforehand.")
        self.require_complete()
        trainer = self.loss_trainer(split, model)
        model = copy.deepcopy(self.model_of(trainer))
        with seeded(0):
            self.train(trainer, 1)
        tags = self.step_tags()
        values = {tag: self.values(trainer, tag) for tag in tags}
        for tag in tags:
            if not values[tag]:
                self.fail(f"{tag} is not logged in the first step. Is it logged under this tag?")
        return {tag: values[tag][0] for tag in tags}, model

    def loss_trainer(self, split, model=None):
        """A trainer of a model without noise, on one batch that is both splits.

        It is not a full one, as the last one of an epoch often is not.
        """
        batch_size = len(split) + (not self.drops_last_batch)
        data = with_splits(self.data_of(self.trainer), train_data=split, test_data=split)
        model = self.probe_model(noise=False) if model is None else copy.deepcopy(model)
        return self.probe_trainer(model=model, data=data, batch_size=batch_size)

    def probe_split(self, size: int, first: int = 0) -> ProbeSplit:
        return ProbeSplit("train_data", self.data_of(self.trainer).train_data[0], size, first)

    def same(self, first: float, second: float) -> bool:
        """Equal up to rounding: in float32, of sums of some thousand terms."""
        return abs(first - second) <= self.loss_tolerance * max(abs(first), abs(second))
