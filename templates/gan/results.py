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
        "accuracy and variety": ["Multiline", ["test/accuracy", "test/variety"]],
    }
}
READING = """
- `test/samples` are images generated from always the same latent codes: look at them first.
- `train/discriminator_loss` and `train/generator_loss` need not fall, nor come to rest: each is
  relative to a network that learns too. Where the discriminator cannot tell real from generated
  images, they are 2 log 2 = 1.386 and log 2 = 0.693.
- `test/accuracy` is in how many pairs, of a test image and a generated one, the discriminator finds
  the test image more real; 0.5 is chance. If it stays at 1 while the loss of the generator rises,
  the discriminator has won, and the generator learns nothing more. If it falls to 0.5 though the
  discriminator's loss is small, it knows the training images by heart, as it does on the sample.
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
    accuracy, variety = metrics["test/accuracy"], metrics["test/variety"]
    few = "Of so few images, expect strokes that are nearly digits." if sample else ""
    title = [
        f"Images generated from random latent codes, after {trained}.",
        f"Shown one of them and a test image, the discriminator is right in {accuracy:.0%};",
        "50% is chance, and 100% means that it sees through all.",
        few,
    ]
    save_picture((trainer.generate(NUM_PICTURES) + 1) / 2, title, samples)
    title = [
        "Each column is what was generated from one latent code,",
        f"from top to bottom after {numbered(trainer.samples.rows)} epochs.",
        few,
    ]
    save_picture(trainer.samples.images(), title, over_epochs)
    return {
        "accuracy of the discriminator": f"{accuracy:.1%}",
        "variety, beside that of test images": f"{variety:.2f}",
        "generated images": samples,
        "the same codes over the epochs": over_epochs,
    }


def numbered(numbers) -> str:
    """Numbers in words: "1, 2 and 4"."""
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
