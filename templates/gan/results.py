"""What a run has come to: its curves explained, its figures, its pictures."""

from pathlib import Path

from .drawing import save_picture
from .quality import figures_of
from .trainer import Trainer

NUM_PICTURES = 64

# In one chart each, under "Custom scalars" of TensorBoard.
CHARTS = {
    "the two networks": {
        "losses": ["Multiline", ["train/discriminator_loss", "train/generator_loss"]],
        "accuracy of the discriminator": [
            "Multiline",
            ["test/accuracy_on_real", "test/accuracy_on_generated"],
        ],
    }
}
READING = """
- `test/samples` are images generated from always the same latent codes: look at them first.
- `train/discriminator_loss` and `train/generator_loss` need not fall, nor come to rest: each is
  relative to a network that learns too. Where the discriminator cannot tell real from generated
  images, they are 2 log 2 = 1.386 and log 2 = 0.693.
- `test/accuracy_on_real` and `test/accuracy_on_generated` are the shares of the test images, and of
  as many generated ones, that the discriminator tells right. If both stay at 1 while the loss of
  the generator rises, the discriminator has won, and the generator learns nothing more. If the
  accuracy on real images falls far below that in training, it knows the training images by heart.
- `test/variety` is how far two generated images are apart, beside two test images. Near 0, all
  generated images look alike, whatever the code: the generator has collapsed.
- `weights/gradient/*` and `weights/update/*` are the sizes of every layer's gradient and update,
  relative to its weights. An update is usually about a thousandth of the weights.
"""


def measure(trainer: Trainer) -> dict[str, float]:
    """The figures by which runs compare, under the tags of their curves."""
    return figures_of(trainer)


def show(trainer: Trainer, metrics: dict[str, float], sample: bool) -> dict[str, str | Path]:
    """Draws the pictures; the lines that say what was reached, by their names."""
    samples = trainer.log_dir / "samples.png"
    over_epochs = trainer.log_dir / "samples_over_epochs.png"
    trained = f"{trainer.epoch} epochs on {len(trainer.data.train_data)} images"
    of_real, of_generated = metrics["test/accuracy_on_real"], metrics["test/accuracy_on_generated"]
    few = "Of so few images, expect strokes that are nearly digits." if sample else ""
    title = [
        f"Images generated from random latent codes, after {trained}.",
        f"Of such images, the discriminator takes {1 - of_generated:.0%} for real ones,",
        f"of the test images {of_real:.0%}.",
        few,
    ]
    save_picture((trainer.generate(NUM_PICTURES) + 1) / 2, title, samples)
    title = [
        "A column is a latent code, a row what became of it,",
        f"from top to bottom after {numbered(trainer.samples.rows)} epochs.",
        few,
    ]
    save_picture(trainer.samples.images(), title, over_epochs)
    return {
        "discriminator right, test images": f"{of_real:.1%}",
        "discriminator right, generated": f"{of_generated:.1%}",
        "variety, beside test images": f"{metrics['test/variety']:.2f}",
        "generated images": samples,
        "the same codes over the epochs": over_epochs,
    }


def numbered(numbers) -> str:
    """Numbers in words: "1, 2 and 4"."""
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
