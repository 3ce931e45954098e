"""A loop in several precisions, correct, in parts of which a bug can take the place of one."""

import torch
from torch.amp import GradScaler

from .classifier import ClassifierTrainer

DTYPES = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class MixedPrecision(ClassifierTrainer):
    def __init__(self, *arguments, precision="float32", **settings):
        super().__init__(*arguments, **settings)
        self.dtype = DTYPES[precision]
        self.scaler = GradScaler(self.device.type, enabled=precision == "float16")

    def autocast(self):
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not None)

    def train_step(self, inputs, labels):
        with self.autocast():
            logits = self.model(inputs)
        loss = self.loss(self.full(logits), labels)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss.item()} in step {self.step}.")
        self.take_step(loss)
        self.log("train/loss", self.step, loss.item())
        self.step += 1

    def full(self, logits):
        return logits.float()

    def take_step(self, loss):
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        self.clip()
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def state(self):
        return {**super().state(), "scaler": self.scaler.state_dict()}

    def load(self, path):
        super().load(path)
        state = torch.load(path, weights_only=True)["scaler"]
        if state:
            self.scaler.load_state_dict(state)


DECLARED = {"precisions": ("float32", "bfloat16", "float16"), "loss_tolerance": 2e-2}
