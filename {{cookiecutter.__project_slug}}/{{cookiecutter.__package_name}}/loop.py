"""The training loop, the same for every task. What a task adds stands in trainer.py: at least

    class Trainer(Loop):
        def losses(self, batch):
            images, labels = batch
            return {"cross_entropy": F.cross_entropy(self.model(images), labels)}

A task with other steps, such as those of a GAN's two optimizers, overrides `train_step`.
"""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from .batches import size_of, to_device
from .distributed import all_reduce_gradients, all_reduce_number, prepare_replica
from .engine import Engine, add_up, compiled, total_of
from .evaluation import mean_over
from .loading import TrainingLoader, evaluation_loader, usual_workers
from .resuming import RandomStates, Resumable
from .tracking import logged_layers, make_writer


class Loop(Resumable):
    """Minimises the sum of `losses` over `data.train_data`, and evaluates on `data.test_data`.

    TensorBoard gets `train/<name>` of every loss, their sum `train/loss` and `train/grad_norm` with
    every step, the layers with every hundredth, and `test/loss` with every epoch. Both count from 0
    and go on where `train` ended. After an epoch a scheduler is stepped, the checkpoint replaced.

    Gradients are scaled down to max_grad_norm, if any. For precision and batch_parts see Engine;
    workers are processes that read samples, by default as many as the device needs.
    """

    compiled_methods: tuple[str, ...] = ("losses",)  # by torch.compile, where that is asked for

    def __init__(
        self,
        model: nn.Module,
        data,
        optimizer: Optimizer | None,
        batch_size: int,
        device: torch.device | str,
        log_dir: str | Path = "./results",
        *,
        scheduler: LRScheduler | None = None,
        max_grad_norm: float | None = None,
        precision: str = "float32",
        batch_parts: int = 1,
        compile: bool = False,
        workers: int | None = None,
        save_checkpoints: bool = True,
        show_progress: bool = False,
    ):
        self.device = torch.device(device)
        self.model, self.data = model.to(self.device), data
        self.optimizer = cast(Optimizer, optimizer)  # None: train_step is overridden, with its own
        self.batch_size, self.log_dir = batch_size, Path(log_dir)
        self.checkpoint_path = self.log_dir / "checkpoint.pt"
        self.scheduler, self.max_grad_norm = scheduler, max_grad_norm
        self.save_checkpoints, self.show_progress = save_checkpoints, show_progress
        self.step = self.epoch = 0  # optimizer steps taken, epochs finished
        self.stop_requested = False  # set it to end `train` after the present step
        prepare_replica(self.model)
        self.engine = Engine(self.device, precision, batch_parts)
        for name in self.compiled_methods if compile else ():
            setattr(self, name, compiled(getattr(self, name), self.device))
        how = batch_size, self.device, usual_workers(self.device) if workers is None else workers
        self.train_loader = TrainingLoader(data.train_data, *how)
        self.test_loader = evaluation_loader(data.test_data, *how)

    def losses(self, batch: Any) -> dict[str, Tensor]:
        """What is minimised: the terms of the loss by name, each a mean over the batch."""
        raise NotImplementedError(f"{type(self).__name__} has no losses(batch).")

    def weight_of(self, batch: Any) -> float:
        """How much a batch counts beside others: its samples; of a language model, its tokens."""
        return size_of(batch)

    def train(self, epochs: int) -> None:
        """Trains for `epochs` more epochs; evaluates and saves after each of them.

        Where `stop_requested` is set meanwhile, it saves after the present step and returns.
        """
        self.stop_requested = False  # whatever an earlier call was asked for
        total = epochs * len(self.train_loader) - self.train_loader.position
        with tqdm(total=total, unit="step", disable=not self.show_progress) as progress:
            for _ in range(epochs):
                self.model.train()  # dropout on, and normalisation by the statistics of a batch
                for batch in self.train_loader:
                    loss = self.train_step(to_device(batch, self.device))
                    self.train_loader.position += 1  # not before: the step may fail
                    progress.set_postfix(epoch=self.epoch + 1, loss=f"{loss:.4g}", refresh=False)
                    progress.update()
                    # A process that was asked to stop stops all: they would wait for it.
                    self.stop_requested = all_reduce_number(self.stop_requested, self.device) > 0
                    if self.stop_requested:
                        return self.save_if_wanted()
                self.end_epoch()

    def train_step(self, batch: Any) -> float:
        """What is done with a batch on the device, an optimizer step; returns the loss before."""
        values = self.take_step(self.optimizer, self.losses, batch)
        self.log_step(values)
        return values["loss"]

    def take_step(self, optimizer: Optimizer, losses_of: Callable, batch: Any) -> dict[str, float]:
        """A step on what is minimised; returns losses, "loss" and "grad_norm" as they were before.

        Raises FloatingPointError, before weights change, where loss or gradient is not finite.
        """
        # Gradients add up until they are cleared: those of the last step must not come in.
        optimizer.zero_grad()
        weight = all_reduce_number(self.weight_of(batch), self.device)  # in all processes
        terms: dict[str, Tensor] = {}
        for part in self.engine.parts(batch):  # one, unless gradients are accumulated
            with self.engine.autocast():
                losses = losses_of(part)
            # Means over parts, each by its share, add up to the mean over the whole batch: what
            # other processes have of it are parts as well.
            share = self.weight_of(part) / weight
            self.engine.backward(total_of(losses) * share)
            add_up(terms, losses, share)
        all_reduce_gradients(optimizer)
        # Only now are the gradients complete; the optimizer must not see them unclipped.
        grad_norm = self.engine.clip_gradients(optimizer, self.max_grad_norm)
        # This waits for the device. Without it, weights would be NaN before anybody knows.
        where = f"epoch {self.epoch}, step {self.step}"
        values = self.engine.finite_values(terms, grad_norm, where)
        with logged_layers(self.model, optimizer, self.summary, self.step):
            self.engine.step(optimizer)
        return values

    def log_step(self, values: dict[str, float]) -> None:
        """Logs what a step has come to, and counts it."""
        for name, value in values.items():
            self.summary.add_scalar(f"train/{name}", value, self.step)
        self.step += 1

    def end_epoch(self) -> None:
        self.log_evaluation()
        for scheduler in self.attributes(LRScheduler).values():
            scheduler.step()
        self.epoch += 1
        self.save_if_wanted()

    def log_evaluation(self) -> None:
        """Logs what is measured after every epoch."""
        self.summary.add_scalar("test/loss", self.eval(), self.epoch)

    def eval(self) -> float:
        """The mean loss on the test split."""
        return self.mean_over_test_data(lambda batch: total_of(self.losses(batch)))

    def mean_over_test_data(self, mean: Callable[[Any], Tensor]) -> float:
        """The mean of a quantity of which `mean` gives the mean over a batch on the device."""
        return mean_over(self.test_loader, mean, self.weight_of, self.model, self.device)

    @cached_property
    def summary(self) -> SummaryWriter:
        """The TensorBoard writer, made when it is first needed: after a checkpoint was loaded."""
        return make_writer(self.log_dir, self.step)

    def parts_with_state(self) -> dict[str, Any]:
        optimizers, schedulers = self.attributes(Optimizer), self.attributes(LRScheduler)
        parts = {"model": self.model, **optimizers, "scaler": self.engine.scaler, **schedulers}
        # The random states come last: what is loaded before may draw numbers.
        return {**parts, "loader": self.train_loader, "random_states": RandomStates(self.device)}

    def save_if_wanted(self) -> None:
        if self.save_checkpoints:
            self.save(self.checkpoint_path)
