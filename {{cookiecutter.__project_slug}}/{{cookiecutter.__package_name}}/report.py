"""What is left and said at the end of a run: pictures, figures, and what can be done next."""

from argparse import Namespace
from pathlib import Path

from torchvision.utils import save_image

from .checkpoint import read_checkpoint
from .distributed import is_main_process
from .folder import CHECKPOINT
from .trainer import Trainer

NUM_PICTURES = 64
IMAGES_PER_ROW = 8


def report(trainer: Trainer, options: dict) -> None:
    """Draws the pictures and says what was reached and where everything is."""
    loss, elbo = trainer.eval(), trainer.elbo()  # of all processes together
    if not is_main_process():
        return
    draw_pictures(trainer)
    given = {name: value for name, value in options.items() if value is not None}
    metrics = {"final/loss": loss, "final/elbo": elbo}
    trainer.summary.add_hparams(given, metrics, run_name=".", global_step=trainer.epoch)
    trainer.summary.close()
    print(f"epochs, optimizer steps             {trainer.epoch}, {trainer.step}")
    print(f"reconstruction loss per test image  {loss:.2f}")
    print(f"ELBO per test image, in nats        {elbo:.2f}")
    print(f"reconstructions (input, output)     {trainer.log_dir / 'reconstructions.png'}")
    print(f"images decoded from the prior       {trainer.log_dir / 'prior_samples.png'}")
    print(f"checkpoint                          {trainer.checkpoint_path}")
    print(f"options, versions, commit           {trainer.log_dir / 'run.json'}")
    print(f'curves                              tensorboard --logdir "{trainer.log_dir}"')


def draw_pictures(trainer: Trainer) -> None:
    pictures = {
        "reconstructions.png": trainer.generate(NUM_PICTURES),
        "prior_samples.png": trainer.sample_prior(NUM_PICTURES),
    }
    for name, images in pictures.items():
        path = trainer.log_dir / name
        save_image(images, path, nrow=IMAGES_PER_ROW, normalize=True, value_range=(-1, 1))


def with_advice(error: Exception, args: Namespace, resume: str) -> str:
    """What has ended a run, and what can be done; resume: the command that goes on with it."""
    saved = last_checkpoint(args.log_dir / CHECKPOINT)
    if isinstance(error, FloatingPointError):
        smaller = f"{resume} --learning-rate {args.learning_rate / 10:g}"
        return f"{error}. {saved} A smaller learning rate may help:  {smaller}"
    found = str(error)
    if isinstance(error, OSError) and error.strerror:  # one of the system's own
        found = f"{error.filename or args.log_dir}: {error.strerror}"
    return f"{found}. {saved} To go on:  {resume}"


def last_checkpoint(path: Path) -> str:
    """What was really saved: a disk may be full, or damaged."""
    try:
        saved = read_checkpoint(path)
        return f"The last checkpoint has {saved['epoch']} epochs and {saved['step']} steps."
    except FileNotFoundError:
        return "There is no checkpoint yet."
    except (KeyError, OSError, ValueError):
        return f"{path} cannot be used."
