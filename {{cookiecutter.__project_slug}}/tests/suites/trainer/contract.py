"""What a test case of a trainer sets, and how the suite builds further trainers like it."""

import copy
import inspect
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..contract import Required
from ..instruments.seeds import seeded
from .probe import ProbeVAE, Recorder, probe_data

# The arguments of a trainer that the suite gives; its other plain settings are carried over.
GIVEN = {
    "self",
    "model",
    "data",
    "optimizer",
    "batch_size",
    "device",
    "log_dir",
    "num_generated_images",
}
# Of the data that the suite trains on: the last batch is not full.
BATCH_SIZE = 4
SIZE = 11
TEST_SIZE = 10


class TrainerContract:
    """Attributes and hooks of AbstractTestTrainer."""

    trainer = Required("a trainer on one batch that is both its train_data and its test_data")
    # Tags of the scalars that are logged with every step and with every epoch.
    recon_tag = "train/recon_loss"
    kl_tag = "train/kl_div_loss"
    loss_tag = "train/loss"
    test_tag = "test/loss"
    # Tags of the images of an epoch; None for test/0, test/1, ... up to num_generated_images.
    image_tags: tuple[str, ...] | None = None
    steps_between_logs = 1
    # The loss is the reconstruction loss plus this much KL divergence; None where it changes, and
    # the logged KL divergence may then be weighted as well.
    kl_weight: float | None = 1.0
    # How far a loss may be from what it should be, relatively: more for a lower precision.
    loss_tolerance = 1e-4
    # The attribute of the trainer that eval() and generate(n) use: another one where averaged
    # weights are a model of their own.
    evaluated_model = "model"
    # Names of parameters, or their beginnings, that this trainer leaves as they are on purpose.
    frozen_parameters: tuple[str, ...] = ()
    # Whether every epoch has all training samples, as it has not with a weighted sampler, and
    # whether a last batch that is not full is left out.
    samples_without_replacement = True
    drops_last_batch = False
    # Whether train() ends after a step where stop_requested is set, to be resumed from there.
    stops_within_epochs = True
    # Whether the trainer works in several processes, with a batch size for all of them together.
    distributed = False
    # Whether a scheduler is stepped after every "epoch" or every "step".
    scheduler_interval = "epoch"
    # Epochs of one step each within which the trainer must overfit the batch, and how far: to
    # this part of the way from a perfect answer to the best constant image, which a model reaches
    # that has learned nothing about the single images.
    overfit_epochs = 150
    overfit_factor = 0.5

    def kl_divergence(self, log_sigma: Tensor, mu: Tensor) -> Tensor:
        """The KL divergence that the trainer uses: the function in the module of its class."""
        for cls in type(self.trainer).__mro__:
            function = getattr(sys.modules[cls.__module__], "kl_divergence", None)
            if function is not None:
                return function(log_sigma, mu)
        self.skipTest(
            f"No function kl_divergence beside {type(self.trainer).__name__}. "
            f"Override {type(self).__name__}.kl_divergence(log_sigma, mu)."
        )

    def save_checkpoint(self, trainer, path):
        """How a trainer writes a checkpoint."""
        if not hasattr(trainer, "save"):
            self.skipTest("The trainer has no save(path). Override save_checkpoint(trainer, path).")
        trainer.save(path)

    def load_checkpoint(self, trainer, path):
        """How a trainer goes on from a checkpoint."""
        if not hasattr(trainer, "load"):
            self.skipTest("The trainer has no load(path). Override load_checkpoint(trainer, path).")
        trainer.load(path)

    def new_trainer(
        self,
        model: nn.Module,
        data,
        batch_size: int,
        device="cpu",
        make_optimizer: Callable | None = None,
        make_scheduler: Callable | None = None,
        **settings,
    ):
        """Another trainer of the same kind, with another model and other data.

        Unless make_optimizer(model) is given, its optimizer has the settings of that of
        `self.trainer`. What it logs is recorded in its `summary`. Override this where your trainer
        is built in another way.
        """
        cls = type(self.trainer)
        optimizer = (make_optimizer or partial(like, self.trainer.optimizer))(model)
        if make_scheduler is not None:
            settings["scheduler"] = make_scheduler(optimizer)
        try:
            trainer = cls(
                model,
                data,
                optimizer,
                batch_size=batch_size,
                device=device,
                log_dir=self.new_folder(),
                num_generated_images=min(2, len(data.test_data)),
                **{**plain_settings(self.trainer), **settings},
            )
        except TypeError as error:
            self.skipTest(
                f"{cls.__name__} cannot be built for this check ({error}). "
                f"Override {type(self).__name__}.new_trainer."
            )
        self.record(trainer)
        return trainer

    def probe_trainer(self, noise: bool = True, **settings):
        """A trainer of a small model that notes its calls, on data that tell which they are.

        By default 11 training samples in batches of 4, 4 and 3, and 10 test samples.
        """
        data = settings.pop("data", None) or self.probe_data()
        settings.setdefault("batch_size", BATCH_SIZE)
        seed = settings.pop("seed", 0)
        with seeded(seed):
            model = ProbeVAE(data.shape, noise)
        # The trainer may seed a generator of its own. Of several processes, each goes on with the
        # numbers that the trainer gives it.
        with nullcontext() if dist.is_initialized() else seeded(seed):
            return self.new_trainer(model, data, **settings)

    def probe_data(self, size: int = SIZE, augmented: bool = False):
        return probe_data(self.trainer.data, size, TEST_SIZE, augmented)

    def takes(self, argument: str) -> bool:
        return argument in arguments_of(type(self.trainer))

    def new_folder(self) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def record(self, trainer) -> Recorder:
        """Puts a recorder in the place of the TensorBoard writer, until the test ends."""
        if dist.is_initialized():  # of several processes, the files tell what is logged
            return trainer.summary
        writer = vars(trainer).get("summary")
        trainer.summary = Recorder()
        if writer is not None:
            self.addCleanup(setattr, trainer, "summary", writer)
        return trainer.summary


def like(optimizer: torch.optim.Optimizer, model: nn.Module) -> torch.optim.Optimizer:
    """An optimizer of the same kind, with the same settings, for another model."""
    names = inspect.signature(type(optimizer)).parameters.keys() & optimizer.defaults.keys()
    # Copies: a learning rate may be a tensor, which a schedule changes in place.
    settings = {name: copy.deepcopy(optimizer.param_groups[0][name]) for name in names}
    return type(optimizer)(model.parameters(), **settings)


def arguments_of(cls: type) -> set[str]:
    """The arguments that a class takes, also those that it passes on to its bases as **named."""
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" in vars(base):
            parameters = inspect.signature(vars(base)["__init__"]).parameters
            names |= parameters.keys()
            if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
                break
    return names


def plain_settings(trainer) -> dict:
    """The arguments of a trainer that are numbers, texts or switches, as it keeps them."""
    names = arguments_of(type(trainer)) - GIVEN
    kept = {name: getattr(trainer, name, None) for name in names}
    return {name: value for name, value in kept.items() if isinstance(value, int | float | str)}
