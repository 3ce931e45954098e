"""What is left and said at the end of a run: pictures, figures, and what can be done next."""

from torchvision.utils import save_image

from .checkpoint import read_checkpoint
from .distributed import is_main_process
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


def advice(error: Exception, trainer: Trainer, resume: str) -> str:
    """What can be done about an error that ended a run; resume: the command that goes on."""
    saved = last_checkpoint(trainer)
    if isinstance(error, FloatingPointError):
        smaller = trainer.optimizer.param_groups[0]["initial_lr"] / 10
        return f"{saved} A smaller learning rate may help:  {resume} --learning-rate {smaller:g}"
    return f"{saved} To go on:  {resume}"


def last_checkpoint(trainer: Trainer) -> str:
    """What was really saved: a disk may be full, or damaged."""
    try:
        saved = read_checkpoint(trainer.checkpoint_path)
        return f"The last checkpoint has {saved['epoch']} epochs and {saved['step']} steps."
    except FileNotFoundError:
        return "There is no checkpoint yet."
    except (OSError, ValueError) as broken:
        return str(broken)
