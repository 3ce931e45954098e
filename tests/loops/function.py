"""A plain function as a training loop: its optimizer exists only within it."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch.utils.data import DataLoader

from .regression import net, table


def fit(model, dataset, epochs, batch_size, device):
    """Returns the loss of every step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model.train()
    losses = []
    for _ in range(epochs):
        for inputs, targets in DataLoader(dataset, batch_size, shuffle=True):
            loss = F.mse_loss(model(inputs.to(device)).flatten(), targets.to(device))
            if not loss.isfinite():
                raise ValueError("the loss is not finite")
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    return losses


@torch.no_grad()
def mean_error(model, dataset, device):
    """Of all samples at once."""
    model.eval()
    inputs, targets = next(iter(DataLoader(dataset, len(dataset))))
    return F.mse_loss(model(inputs.to(device)).flatten(), targets.to(device)).item()


class AdoptedFunction(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = ("loss",), "loss", None
    leaves_eval_mode = True  # fit() switches back

    def new_trainer(self, model, data, *, batch_size, device="cpu"):
        return SimpleNamespace(
            model=model.to(device), data=data, losses=[], device=device, batch_size=batch_size,
            eval=lambda: mean_error(model, data.test_data, device),
        )  # fmt: skip

    def train(self, trainer, epochs):
        data, size = trainer.data.train_data, trainer.batch_size
        trainer.losses += fit(trainer.model, data, epochs, size, trainer.device)

    def logged(self, trainer):
        return {"loss": list(enumerate(trainer.losses))}

    def setUp(self):
        self.trainer = self.new_trainer(net(), table(), batch_size=8)
