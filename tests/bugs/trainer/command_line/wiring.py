"""Bugs that the checks of suites/trainer/command_line/wiring.py are meant for."""

from functools import partial

from suites import AbstractTestCommandLine

from ....loops.gan import ScheduledGANTrainer, set_up_gan_program
from ....programs import program_bug
from ....seeding import seed

REACHES = "test_options_reach_the_trainer"
GIVEN = "test_every_option_is_given"
WHOLE = "test_an_epoch_has_all_samples"
SCHEDULE = "test_schedule_ends_with_the_run"
SEED = "test_seed_decides_the_weights"
BUILT = "    now = describe_run("  # the line behind the trainer
EXPONENTIAL = "torch.optim.lr_scheduler.ExponentialLR(optimizer, args.learning_rate_decay)"
reaching_bug = partial(program_bug, REACHES)


@reaching_bug(
    r"--max-grad-norm is 7\.0 on the command line, and None in what is built\.\nIs it passed on",
    ("        max_grad_norm=args.max_grad_norm,\n", ""),
)
class GradientNormNotPassedOn:
    """An option that reaches nothing."""


@reaching_bug(
    r"--precision is 'bfloat16' on the command line, and 'None'",
    ("precision=args.", "precision='float32' or args."),
)
class PrecisionFixed:
    """Left over from a comparison."""


@reaching_bug(
    r"--learning-rate is 0\.004 on the command line, and 0\.001", (", lr=args.learning_rate)", ")")
)
class LearningRateOfTheOptimizersOwn:
    """Its default is the same as that of the option."""


@reaching_bug(
    r"--learning-rate-decay is 0\.5 on the command line, and 0\.004",
    ("args.learning_rate_decay)", "args.learning_rate)"),
)
class DecayIsTheLearningRate:
    """Two options of nearly the same name."""


@reaching_bug(
    r"--batch-size is 250 on the command line, and 2 in",
    ("        args.batch_size,\n", "        args.batch_parts,\n"),
)
class BatchSizeInterchanged:
    """With the number of parts."""


@reaching_bug(
    r"--network-type is 'cnn' on the command line, and 'mlp'", ('"cnn": CNNVAE', '"cnn": MLPVAE')
)
class TwoNamesOfOneNetwork:
    """A line copied, and not changed."""


@reaching_bug(
    r"--epochs is 3 on the command line, and 1 in",
    ("trainer.train(args.epochs - trainer.epoch)", "trainer.train(1)"),
)
class OneEpochOnly:
    """Left over from debugging."""


@reaching_bug(
    r"--epochs is 3 on the command line, and 100 in",
    ("args.epochs = args.epochs or (100", "args.epochs = (100"),
)
class EpochsOverwritten:
    """By the default for the sample."""


@program_bug(
    GIVEN,
    r"--dropout is not among the options of Test\S+, so that it may reach nothing.*not_shown",
    ("    epochs = ", '    add("--dropout", "a share", type=float, default=0.1)\n    epochs = '),
)
class NewOptionThatReachesNothing:
    """It is parsed, and that is all."""


@program_bug(
    GIVEN,
    r"--batch-size is given its default, 250: it would not be seen.*another value",
    ("type=whole_number(1, 60_000), default=128", "type=whole_number(1, 60_000), default=250"),
)
class DefaultIsWhatTheTestGives:
    """Whether the option arrives is not seen any more."""


@program_bug(
    WHOLE,
    r"train_data has 128 samples; declared are 500\.\nIs a limit left over from debugging",
    (
        "    seed_everything(args.seed)\n",
        "    seed_everything(args.seed)\n"
        "    data.train_data = torch.utils.data.Subset(data.train_data, range(128))\n",
    ),
)
class FewSamplesOnly:
    """A debugging limit on the data."""


@program_bug(
    WHOLE,
    r"An epoch of 2 batches has 250 of 500 training samples.*limit to the batches left",
    (
        BUILT,
        "    batches = trainer.train_loader.batches\n"
        "    batches.split = lambda order, split=batches.split: split(order)[:1]\n" + BUILT,
    ),
)
class FirstBatchOnly:
    """A debugging limit on the loader."""


@program_bug(
    SCHEDULE,
    r"rates of the run are 0\.004, 0\.003902, 0\.003618; declared are 0\.004, .*horizon",
    (EXPONENTIAL, "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)"),
)
class HorizonOfAnotherRun:
    """The default number of epochs, where another one was given."""


@program_bug(
    SCHEDULE,
    r"rates of the run are 0\.004, 0\.004, 0\.004; .*a schedule of this optimizer",
    (
        BUILT,
        "    optimizer = torch.optim.Adam(trainer.model.parameters(), lr=args.learning_rate)\n"
        "    trainer.optimizer = optimizer\n" + BUILT,
    ),
)
class ScheduleOfTheOptimizerBefore:
    """The optimizer was made anew."""


@program_bug(
    SCHEDULE,
    r"rates of the run are 0\.004, 0\.004, 0\.004; ",
    (f"        scheduler={EXPONENTIAL},\n", ""),
)
class ScheduleNotPassedOn:
    """The option is still there."""


@program_bug(
    SEED,
    r"--seed=1, two runs begin with different weights\.\nIs the model built before",
    ("    seed_everything(args.seed)\n", ""),
    ("    optimizer = torch", "    seed_everything(args.seed)\n    optimizer = torch"),
)
class SeededAfterTheModel:
    """Only the order of the samples follows the seed."""


@program_bug(
    SEED,
    r"--seed=1 and --seed=2, runs begin with the same weights",
    ("seed_everything(args.seed)", "seed_everything(0)"),
)
class SeedFixed:
    """All runs of a series are one and the same."""


def gan_program_bug(check: str, message: str):
    """For a trainer of a GAN, as a small program builds it."""

    def decorate(cls):
        def set_up(case):
            set_up_gan_program(case, cls)

        return seed(cls, AbstractTestCommandLine, check, message, set_up, "common knowledge")

    return decorate


@gan_program_bug(
    SCHEDULE,
    r"learning rates of d_optimizer are 0\.001, 0\.001, 0\.001; declared are 0\.001, 0\.0005, ",
)
class OneOfTwoOptimizersIsScheduled(ScheduledGANTrainer):
    """The other one keeps its learning rate to the end."""

    scheduled = ("g_optimizer",)


@gan_program_bug(WHOLE, r"An epoch of 1 batches has 6 of 16 training samples")
class FirstBatchOfAGANOnly(ScheduledGANTrainer):
    """Left over from debugging."""

    def train(self, epochs):
        for _ in range(epochs):
            self.train_step(next(iter(self.loader))[0])
