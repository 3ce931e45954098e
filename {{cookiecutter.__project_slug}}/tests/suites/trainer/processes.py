# SPDX-License-Identifier: MIT
"""Properties of training in several processes: the same steps as in one, each sample once."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD

from ..instruments.comparing import explained
from ..instruments.devices import accelerators
from .calls import noisy
from .probing import TrainerProbe
from .process_runs import EPOCHS, observe, run_processes

SIZE = 17  # in batches of 6, 6 and 5: of the last one, the processes have 3 and 2 samples
TEST_SIZE = 3  # of which they have 2 and 1: their means count differently
BATCH_SIZE = 6
LEARNING_RATE = 1e-4
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-7}  # sums in another order
LEAST_UPDATE = 1e-6  # of a weight, of which the bounds above still tell a tenth
MOST_AT_A_KINK = 0.01  # the share of the updates


class ProcessTests(TrainerProbe):
    """Tests of distributed training. Part of AbstractTestTrainer.

    Two processes are started once for all tests of a class.
    """

    ranks_or_error: list[dict] | str

    def test_processes_take_the_steps_of_one(self):
        """Two processes with half a batch each end with the weights of one with all of it."""
        ranks = self.ranks()
        if any(map(noisy, self.probe_model(noise=False).modules())):
            self.skipTest("The model has running statistics, which each process has of its share.")
        single = self.single()
        if single["draws"]:
            self.skipTest("The model draws numbers, which each process does by itself.")
        for name, expected in single["weights"].items():
            for rank, found in enumerate(ranks):
                if at_a_kink(found["weights"][name], expected, single["before"][name]):
                    continue
                torch.testing.assert_close(
                    found["weights"][name],
                    expected,
                    **CLOSE,
                    msg=explained(
                        f"In process {rank} of two, {name} is not what it is in a single process.\n"
                        f"Are gradients averaged once, over samples and not over unequal shares?"
                    ),
                )

    def test_processes_share_every_epoch(self):
        """Together the processes use every sample once an epoch, in a new order each epoch."""
        orders = []
        if not any(rank["samples"][0] for rank in self.ranks()):
            self.skipTest("What the model sees in training are no inputs of the dataset.")
        for epoch in range(EPOCHS):
            shares = [rank["samples"][epoch] for rank in self.ranks()]
            used = sorted(sum(shares, []))
            if used != list(range(SIZE)):
                self.fail(
                    f"In epoch {epoch} two processes use the samples {shares[0]} and {shares[1]} "
                    f"of {SIZE}.\nDoes each take its own share, without padding?"
                )
            orders.append(shares)
        if orders[0] == orders[1]:
            self.fail(
                f"Two epochs have the same order in every process: {orders[0]}.\nIs the sampler "
                f"told the epoch?"
            )

    def test_processes_evaluate_together(self):
        """eval() returns in every process what it returns in a single one."""
        ranks, single = self.ranks(), self.single()["eval"]
        if not single or self.noisy_evaluation:
            self.skipTest("evaluate() returns no number that could be compared.")
        for name, expected in single.items():
            for rank, found in enumerate(ranks):
                value = found["eval"][name]
                if not abs(value - expected) <= 1e-3 * abs(expected):
                    self.fail(
                        f"eval() returns {value:.6g} in process {rank} of two, and {expected:.6g} "
                        f"in a single one.\nAre sums and numbers of samples added up over all "
                        f"processes, without samples that pad a share?"
                    )

    def test_processes_have_the_same_statistics(self):
        """After an epoch and its evaluation, running statistics are the same in every process."""
        first, second = (rank["statistics"] for rank in self.ranks())
        for name, expected in first.items():
            if not torch.equal(second[name], expected):
                self.fail(
                    f"{name} differs between the processes after an epoch.\nEach evaluates another "
                    f"model then. Take that of the first one in all of them."
                )

    def test_first_process_logs_and_saves(self):
        """Only the first process logs and writes files, and a single one can load them."""
        _, second = self.ranks()
        self.require("save_checkpoint", "load_checkpoint")
        if second["files"]:
            self.fail(
                f"The second process writes {', '.join(second['files'][:3])}.\nLet only the first "
                f"one log and save; otherwise they overwrite each other's files."
            )
        trainer = self.distributed_trainer()
        path = Path(self.new_folder(), "checkpoint.pt")
        path.write_bytes(self.ranks()[0]["checkpoint"])
        try:
            self.load_checkpoint(trainer, path)
        except Exception as error:
            self.fail(
                f"A single process cannot load the checkpoint of two: {str(error)[:200]}\nIs the "
                f"state dict that of the wrapper, with a prefix before each name?"
            )
        for name, found in self.model_of(trainer).state_dict().items():
            torch.testing.assert_close(found.cpu(), self.ranks()[0]["weights"][name])

    def test_processes_draw_their_own_random_numbers(self):
        """Noise and augmentation differ between the processes."""
        first, second = (rank["random_number"] for rank in self.ranks())
        if first == second:
            self.fail(
                "Both processes draw the same random numbers, so that they augment alike.\nSeed "
                "each process differently, after the model is built."
            )

    def single(self) -> dict:
        """What a single process with the whole batches comes to."""
        return observe(self, self.new_folder())

    def ranks(self) -> list[dict]:
        """What each of two processes comes to; they run once for all tests of a class."""
        if not self.distributed:
            self.skipTest("The trainer is not declared to be distributed.")
        if sys.platform != "linux" or accelerators():
            self.skipTest("Processes are forked, which is safe on Linux without accelerators.")
        cache = vars(type(self))
        if "ranks_or_error" not in cache:
            type(self).ranks_or_error = run_processes(self, self.new_folder())
        if isinstance(cache["ranks_or_error"], str):
            self.fail(cache["ranks_or_error"])
        return cache["ranks_or_error"]

    def without_noise(self) -> AbstractContextManager:
        """Within it, a loop draws no noise of its own, which differs between the processes."""
        return nullcontext()

    def distributed_trainer(self, noise: bool = False):
        """A trainer by default without noise, which differs between the processes.

        Its optimizer is one that sees the size of gradients, as Adam does not.
        """
        settings = {"make_optimizer": plain_sgd} if self.takes_by_name("make_optimizer") else {}
        data = self.probe_data(SIZE, TEST_SIZE)
        return self.probe_trainer(noise=noise, data=data, batch_size=BATCH_SIZE, **settings)


def at_a_kink(found: Tensor, expected: Tensor, before: Tensor) -> bool:
    """Whether so few of the updates differ that a unit explains it which is 0 but for rounding.

    On another side of the kink of a ReLU, its weights have another gradient. Gradients that are
    added up wrongly are wrong in all weights.
    """
    differ = ~torch.isclose(found, expected, **CLOSE)
    updated = (expected - before).abs() > LEAST_UPDATE
    return int(differ.sum()) <= MOST_AT_A_KINK * int(updated.sum())


def plain_sgd(model) -> SGD:
    return SGD(model.parameters(), LEARNING_RATE)
