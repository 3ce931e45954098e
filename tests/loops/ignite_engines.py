"""A classifier that Ignite's engines train and evaluate."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import TerminateOnNan
from ignite.metrics import Accuracy, Loss
from torch import nn

CLASSES = 3


def network():
    return nn.Sequential(
        nn.Linear(6, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, CLASSES)
    )


def constant_rate(optimizer):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0)


def engines(model, optimizer, scheduler, device="cpu"):
    """An engine that trains a model, and one that evaluates it."""
    trainer = create_supervised_trainer(model, optimizer, F.cross_entropy, device)
    metrics = {"loss": Loss(F.cross_entropy), "accuracy": Accuracy()}
    evaluator = create_supervised_evaluator(model, metrics, device)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda _: scheduler.step())
    return trainer, evaluator


def clusters(size=9):
    """Points (6,) around one of three centres each, with its number as the label."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(size, 6, generator=generator)
    labels = torch.arange(size) % CLASSES
    points[torch.arange(size), 2 * labels] += 3
    samples = list(zip(points, labels, strict=True))
    return SimpleNamespace(train_data=samples, test_data=samples)
