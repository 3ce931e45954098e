"""What a run has come to: its curves explained, its figures, its pictures."""

from pathlib import Path

from .drawing import save_picture
from .pictures import pairs
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


def measure(trainer: Trainer) -> dict[str, float]:
    """The figures by which runs compare, under the tags of their curves."""
    return {"test/loss": trainer.eval(), "test/elbo": trainer.elbo()}


def show(trainer: Trainer, metrics: dict[str, float], sample: bool) -> dict[str, str | Path]:
    """Draws the pictures; the lines that say what was reached, by their names."""
    loss, elbo = metrics.values()
    reconstructions = trainer.log_dir / "reconstructions.png"
    prior_samples = trainer.log_dir / "prior_samples.png"
    trained = f"{trainer.epoch} epochs on {len(trainer.data.train_data)} images"
    title = [
        f"Test images, each with its reconstruction on its right, after {trained}.",
        f"Reconstruction loss per image: {loss:.1f}.",
        "Of so few images, expect blurred digits, now and then another one." if sample else "",
    ]
    images = pairs(trainer.generate(NUM_PICTURES))
    save_picture(images, title, reconstructions)
    title = [
        f"Images decoded from the prior, after {trained}.",
        f"ELBO: {elbo:.1f} nats.",
        "Of so few images, expect shapes that are nearly digits." if sample else "",
    ]
    images = (trainer.sample_prior(NUM_PICTURES) + 1) / 2
    save_picture(images, title, prior_samples)
    return {
        "reconstruction loss per test image": f"{loss:.2f}",
        "ELBO per test image, in nats": f"{elbo:.2f}",
        "reconstructions (input, output)": reconstructions,
        "images decoded from the prior": prior_samples,
    }
