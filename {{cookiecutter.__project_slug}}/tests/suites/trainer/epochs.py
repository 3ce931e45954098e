"""Properties of epochs: every sample once, in a new order, in the right mode, repeatable."""

import math
from contextlib import suppress
from dataclasses import dataclass
from unittest import mock

import torch
from torch.utils.data import ConcatDataset

from ..instruments.devices import accelerators
from ..instruments.seeds import all_seeded, seeded
from .contract import BATCH_SIZE, SIZE
from .observing import observed_steps
from .probe import AnsweringVAE, image_in, training_calls

EPOCHS = 2


class EpochTests:
    """Tests of what the model is given, and where. Part of AbstractTestTrainer."""

    def test_an_epoch_has_every_training_sample_once(self):
        """Every sample of the training split is used once in an epoch, in full batches."""
        if not self.samples_without_replacement:
            self.skipTest("Samples are declared to be drawn with replacement.")
        if isinstance(self.trainer.optimizer, torch.optim.LBFGS):
            self.skipTest("LBFGS evaluates every batch several times.")
        expected = SIZE - SIZE % BATCH_SIZE if self.drops_last_batch else SIZE
        for number, epoch in enumerate(self.epochs_of(self.probe_trainer())):
            used = sum(epoch.batches, [])
            if len(used) != expected or len(set(used)) != expected:
                cause = (
                    "Are some repeated? Declare a sampler that draws with replacement by "
                    "samples_without_replacement = False."
                    if len(used) > len(set(used))
                    else "Is the last batch dropped, the loop left early, or the loader used up?"
                )
                self.fail(
                    f"Epoch {number} uses {len(used)} training samples, {len(set(used))} of them "
                    f"different; expected {expected} of {SIZE}.\n{cause}"
                )
            self.check_batch_size(number, epoch)
        self.check_long_epoch()

    def check_batch_size(self, number: int, epoch: "Epoch"):
        steps = math.ceil(SIZE / BATCH_SIZE)
        # A batch may go through the model in parts, and several batches may make up a step.
        sizes = [len(batch) for batch in epoch.batches]
        if max(sizes) > BATCH_SIZE or epoch.steps > steps:
            self.fail(
                f"Epoch {number} has batches of {sizes} samples and {epoch.steps} optimizer steps; "
                f"expected batches of {BATCH_SIZE}, at most {steps} steps.\nIs batch_size passed "
                f"on to the loader?"
            )

    def check_long_epoch(self):
        """An epoch of 66 batches, beyond the usual numbers after which a loop is left."""
        data = self.probe_data()
        data.train_data = ConcatDataset([data.train_data] * 6)
        trainer = self.probe_trainer(data=data, batch_size=1)
        with seeded(0):
            trainer.train(1)
        used = sum(len(call.samples("train_data")) for call in training_calls(trainer))
        if used != len(data.train_data):
            self.fail(
                f"An epoch of {len(data.train_data)} batches of one sample uses {used} of them.\n"
                f"Is there a limit to the number of batches, left over from debugging?"
            )

    def test_every_epoch_has_its_own_order(self):
        """Two epochs, and two seeds, have the samples in different orders."""
        # Two orders of 11 samples are the same by chance once in 4e7 times.
        first, second = [sum(e.batches, []) for e in self.epochs_of(self.probe_trainer())]
        if first == second:
            self.fail(
                f"Two epochs have the training samples in the same order: {first}.\nIs shuffle "
                f"missing, or the generator seeded anew in every epoch?"
            )
        other = sum(self.epochs_of(self.probe_trainer(seed=1), seed=1)[0].batches, [])
        if first == other:
            self.fail(
                "The order of the training samples is the same with two seeds.\nDoes the trainer "
                "seed a generator itself?"
            )

    def epochs_of(self, trainer, seed: int = 0) -> list["Epoch"]:
        """What the model sees of the training split in each of two epochs."""
        epochs = []
        with seeded(seed):
            for _ in range(EPOCHS):
                trainer.model.calls.clear()
                with observed_steps(trainer.model) as steps:
                    trainer.train(1)
                batches = [call.samples("train_data") for call in training_calls(trainer)]
                epochs.append(Epoch(batches, len(steps)))
        seen = [len(call.values) for call in training_calls(trainer)]
        if sum(seen) > 2 * sum(map(len, epochs[-1].batches)):
            self.skipTest(
                "Most of what the model sees are no images of the dataset. Is noise added?"
            )
        return epochs

    def test_trains_in_training_mode(self):
        """Every training step of every epoch has the model in training mode."""
        trainer = self.probe_trainer()
        trainer.model.eval()  # as a model may be that was evaluated before
        with seeded(0):
            trainer.train(EPOCHS)
        calls = training_calls(trainer)
        self.assertTrue(calls, f"train({EPOCHS}) never computed anything with gradients.")
        for number, call in enumerate(calls):
            if not all(call.training):
                self.fail(
                    f"In step {number} of {len(calls)} the model, or a layer of it, is in eval "
                    f"mode.\nIs model.train() called in every epoch, after each evaluation?"
                )
            if call.samples("test_data"):
                self.fail(
                    f"Step {number} trains on samples of the test split: "
                    f"{call.samples('test_data')}.\nAre the two splits interchanged?"
                )

    def test_same_seed_same_run(self):
        """Under the same seed, two runs give the same weights, bit for bit."""
        runs = []
        for _ in range(2):
            trainer = self.probe_trainer()
            with all_seeded(3):
                trainer.train(EPOCHS)
            runs.append(trainer.model.state_dict())
        different = [name for name in runs[0] if not torch.equal(runs[0][name], runs[1][name])]
        if different:
            self.fail(
                f"Two runs with the same seed differ in {', '.join(different[:3])}.\nDoes "
                f"something draw from a generator that no seed of torch or of Python's random sets?"
            )

    def test_generates_images(self):
        """generate(n) gives n different finite images, without a graph."""
        with seeded(0):
            images = self.trainer.generate(2)
        if len(images) != 2 or not torch.as_tensor(images[0]).isfinite().all():
            self.fail(f"generate(2) gives {len(images)} images, or values that are not finite.")
        if images[0].requires_grad:
            self.fail("generate(n) returns a tensor with a graph. Use torch.no_grad().")
        if torch.equal(images[0], images[1]):
            self.fail("generate(2) gives the same image twice. Is an index or a code reused?")

    def test_generated_pairs_belong_together(self):
        """On the right of each of the first test images stands its own reconstruction."""
        trainer = self.probe_trainer()
        images = torch.stack([image_in(trainer.data.test_data[i]) for i in range(2)])
        answer = AnsweringVAE(lambda x: x / 2)
        with mock.patch.object(trainer, self.evaluated_model, answer):
            found = trainer.generate(2).cpu()
        if found.shape[:-1] != images.shape[:-1] or found.shape[-1] != 2 * images.shape[-1]:
            self.skipTest("generate(n) does not return images beside their reconstructions.")
        left, right = found.chunk(2, dim=-1)
        for side, half, expected in (("left", left, images), ("right", right, images / 2)):
            if not torch.allclose(half, expected, atol=1e-6):
                self.fail(
                    f"With a model that halves its inputs, the {side} halves of generate(2) are "
                    f"not the first two test images{' / 2' if side == 'right' else ''}.\nAre they "
                    f"of another split, in another order, interchanged, or clipped?"
                )

    def test_batches_are_moved_to_the_device(self):
        """In training, evaluation and generation, the model gets its inputs on the device."""
        # The meta device is one that every machine has, and that is not where data lie.
        for device in ("meta", *accelerators()):
            for name in ("train", "eval", "generate"):
                with self.subTest(device=device, method=name):
                    self.check_device(device, name)

    def check_device(self, device: str, name: str):
        trainer = self.probe_trainer(device=device)
        trainer.model.decode = mock.Mock(side_effect=RuntimeError("nothing to compute"))
        # Inputs on another device than the weights are an error of their own, after the call.
        with suppress(Exception):
            getattr(trainer, name)(*([] if name == "eval" else [1]))
        calls = [*trainer.model.calls, *self.evaluated(trainer).calls]
        found = {call.device.type for call in calls}
        if not found:
            self.skipTest(f"{name}() ends before it reaches a model on the {device} device.")
        if found != {device}:
            self.fail(
                f"{name}() gives the model inputs on {', '.join(found)}; the trainer is on "
                f"{device}.\nMove each batch with .to(self.device)."
            )


@dataclass
class Epoch:
    batches: list[list[int]]  # the training samples that the model sees at once
    steps: int
