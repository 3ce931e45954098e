"""What a run leaves for its reader: pictures, figures, and what can be done next."""

from argparse import Namespace
from pathlib import Path
from typing import Any, cast

from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from .checkpoint import read_checkpoint
from .distributed import is_main_process
from .folder import CHECKPOINT
from .pictures import pairs, save_picture
from .trainer import Trainer

NUM_PICTURES = 64

# In one chart each, under "Custom scalars" of TensorBoard.
CHARTS = {
    "training and test, both from drawn codes": {
        name: ["Multiline", [f"train/{tag}", f"test/{tag}"]]
        for name, tag in (("reconstruction loss", "recon_loss"), ("KL divergence", "kl_div_loss"))
    }
}
READING = """
- `train/*` are the losses of every step, with latent codes that are drawn; `test/recon_loss` and
  `test/kl_div_loss` are the same quantities on the test images, over the same steps. "Custom
  scalars" has both in one chart each.
- `test/loss` is another quantity, over epochs: the reconstruction loss from the *means* of the
  codes. It may rise for some epochs early on, up to twice the loss of training. The means are then
  all close to 0, and there the decoder has seen hardly a drawn code. It is no overfitting: the same
  loss of training images rises too, and `test/recon_loss` falls.
- `weights/gradient/*` and `weights/update/*` are the sizes of every layer's gradient and update,
  relative to its weights. An update is usually about a thousandth of the weights.
"""


def explain_curves(summary: SummaryWriter) -> None:
    """Adds charts that compare, and a text that says how to read the curves, to TensorBoard."""
    summary.add_custom_scalars(CHARTS)
    summary.add_text("how to read the curves", READING)


def report(trainer: Trainer, options: dict) -> None:
    """Draws the pictures and says what was reached and where everything is."""
    loss, elbo = trainer.eval(), trainer.elbo()  # of all processes together
    if not is_main_process():
        return
    draw_pictures(trainer, loss, elbo, options["sample"])
    given = {name: value for name, value in options.items() if value is not None}
    # The metrics are curves already: SummaryWriter.add_hparams would draw them once more.
    for summary in hparams(given, {"test/loss": loss, "test/elbo": elbo}):
        cast(Any, trainer.summary.file_writer).add_summary(summary)
    trainer.summary.close()
    print(f"epochs, optimizer steps             {trainer.epoch}, {trainer.step}")
    print(f"reconstruction loss per test image  {loss:.2f}")
    print(f"ELBO per test image, in nats        {elbo:.2f}")
    print(f"reconstructions (input, output)     {trainer.log_dir / 'reconstructions.png'}")
    print(f"images decoded from the prior       {trainer.log_dir / 'prior_samples.png'}")
    print(f"checkpoint                          {trainer.checkpoint_path}")
    print(f"options, versions, commit           {trainer.log_dir / 'run.json'}")
    print(f'curves                              tensorboard --logdir "{trainer.log_dir}"')


def draw_pictures(trainer: Trainer, loss: float, elbo: float, sample: bool) -> None:
    trained = f"{trainer.epoch} epochs on {len(trainer.data.train_data)} images"
    title = [
        f"Test images, each with its reconstruction on its right, after {trained}.",
        f"Reconstruction loss per image: {loss:.1f}.",
        "Of so few images, expect blurred digits, now and then another one." if sample else "",
    ]
    images = pairs(trainer.generate(NUM_PICTURES))
    save_picture(images, title, trainer.log_dir / "reconstructions.png")
    title = [
        f"Images decoded from the prior, after {trained}.",
        f"ELBO: {elbo:.1f} nats.",
        "Of so few images, expect shapes that are nearly digits." if sample else "",
    ]
    images = (trainer.sample_prior(NUM_PICTURES) + 1) / 2
    save_picture(images, title, trainer.log_dir / "prior_samples.png")


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
