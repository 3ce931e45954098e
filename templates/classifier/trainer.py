"""What a classifier adds to the training loop: its loss, its accuracy, its pictures.

The model maps images to logits; a sample of the data is an image and a label, a whole number.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .batches import to_device
from .distributed import all_gather_objects, broadcast_buffers
from .evaluation import evaluating
from .loop import Loop
from .pictures import confusion_picture, samples_picture
from .predictions import Predictions, of_processes


class Trainer(Loop):
    """Minimises the cross-entropy of the labels. Settings: see Loop.

    classes: the names of the labels 0, 1 and so on, for pictures. num_pictures: how many of the
    most wrong test images are drawn after each epoch, beside the confusion matrix; 0 for neither.
    """

    predictions: Predictions  # of the last evaluation: a picture needs no other one

    def __init__(
        self,
        model: nn.Module,
        data,
        optimizer: torch.optim.Optimizer,
        batch_size: int,
        device: torch.device | str,
        log_dir: str | Path = "./results",
        *,
        classes: Sequence[str],
        num_pictures: int = 32,
        **settings,
    ):
        super().__init__(model, data, optimizer, batch_size, device, log_dir, **settings)
        self.classes = classes
        self.num_pictures = num_pictures

    def losses(self, batch) -> dict[str, Tensor]:
        """Of images (N, C, H, W) and labels (N,): the mean cross-entropy, in nats."""
        images, labels = batch
        return {"cross_entropy": F.cross_entropy(self.model(images), labels)}

    def predict(self) -> Predictions:
        """The logits for all test images, in evaluation mode. Every process has to call it."""
        broadcast_buffers(self.model)  # in training, each process has followed its own samples
        with evaluating(self.model):
            batches = [
                (self.model(images).cpu(), labels.cpu())
                for images, labels in (to_device(batch, self.device) for batch in self.test_loader)
            ]
        self.predictions = of_processes(all_gather_objects(batches))
        return self.predictions

    def eval(self) -> float:
        """Mean cross-entropy of the test images, in nats."""
        return self.predict().loss()

    def accuracy(self) -> float:
        """The share of test images that are recognised."""
        return self.predict().accuracy()

    def log_evaluation(self) -> None:
        """Logs loss, accuracy and pictures of the test images."""
        found = self.predict()
        self.summary.add_scalar("test/loss", found.loss(), self.epoch)
        self.summary.add_scalar("test/accuracy", found.accuracy(), self.epoch)
        # Once more at the step, where it stands beside that of training.
        self.summary.add_scalar("test/cross_entropy", found.loss(), self.step - 1)
        if self.num_pictures:
            self.summary.add_image("test/confusion", self.draw_confusion(), self.epoch)
            self.summary.add_image("test/most_wrong", self.draw_most_wrong(), self.epoch)

    def draw_confusion(self) -> Tensor:
        """The confusion matrix of the last evaluation, as a picture (3, height, width)."""
        return confusion_picture(self.predictions.confusion(), self.classes)

    def draw_most_wrong(self) -> Tensor:
        """The test images with the largest loss in the last evaluation, as a picture."""
        numbers = self.predictions.most_wrong(self.num_pictures)
        return samples_picture(self.data.test_data, numbers, self.predictions, self.classes)
