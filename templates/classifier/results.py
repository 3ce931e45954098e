"""What a run has come to: its curves explained, its figures, its pictures."""

from pathlib import Path

from .drawing import save_picture
from .trainer import Trainer

# In one chart, under "Custom scalars" of TensorBoard.
CHARTS = {
    "training and test": {
        "cross-entropy": ["Multiline", ["train/cross_entropy", "test/cross_entropy"]]
    }
}
READING = """
- `train/cross_entropy` is the loss of every step, on images that are rotated a little and before
  the step; `test/cross_entropy` is that of all test images after an epoch, over the same steps.
  "Custom scalars" has both in one chart. A model that guesses has ln 10 = 2.3.
- While both fall, the model learns. Where the test loss rises and that of training falls, it learns
  the training images by heart: more data, more augmentation or fewer epochs help.
- `test/accuracy`, over epochs as `test/loss` is, may still grow then. It counts answers only; the
  loss also tells how sure the model is of those that are wrong.
- `test/confusion` counts the test images: the row is the label, the column the answer. Two classes
  that are often confused are worth a look at their images. `test/most_wrong` has the images with
  the largest loss: wrong labels in a dataset of your own show there first.
- `weights/gradient/*` and `weights/update/*` are the sizes of every layer's gradient and update,
  relative to its weights. An update is usually about a thousandth of the weights.
"""


def measure(trainer: Trainer) -> dict[str, float]:
    """The figures by which runs compare, under the tags of their curves."""
    found = trainer.predict()
    return {"test/loss": found.loss(), "test/accuracy": found.accuracy()}


def show(trainer: Trainer, metrics: dict[str, float], sample: bool) -> dict[str, str | Path]:
    """Draws the pictures; the lines that say what was reached, by their names."""
    loss, accuracy = metrics.values()
    confusion = trainer.log_dir / "confusion.png"
    most_wrong = trainer.log_dir / "most_wrong.png"
    trained = f"{trainer.epoch} epochs on {len(trainer.data.train_data)} images"
    share = f"{100 * accuracy:.2f} % of {len(trainer.data.test_data)} test images"
    title = [
        f"{share} are recognised, after {trained}.",
        "Rows: the label of an image. Columns: the answer.",
        "Of so few images to learn from, expect about one error in nine." if sample else "",
    ]
    save_picture(trainer.draw_confusion()[None], title, confusion, scale=1)
    title = [
        f"The test images with the largest loss, after {trained}.",
        "Below each: its label, the answer and the probability of that. Green where it is right.",
    ]
    save_picture(trainer.draw_most_wrong()[None], title, most_wrong, scale=1)
    return {
        "loss per test image, in nats": f"{loss:.4f}",
        "accuracy on test images": f"{100 * accuracy:.2f} %",
        "confusion matrix": confusion,
        "most wrong test images": most_wrong,
    }
