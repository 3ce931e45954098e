"""What the command line builds: a classifier, its optimizer, its trainer."""

import argparse

import torch

from .dataset import MyMNIST
from .distributed import is_main_process
from .model import CNNClassifier, MLPClassifier
from .options import Parser, training_parser
from .randomness import seed_everything
from .trainer import Trainer

NETWORKS = {"mlp": MLPClassifier, "cnn": CNNClassifier}
CLASSES = [str(digit) for digit in range(10)]  # the names of the labels 0, 1 and so on


def make_parser() -> Parser:
    """The options of any training run. One of your own: parser.add("--name", "its help", ...)."""
    return training_parser("Train a classifier on MNIST.", NETWORKS)


def make_trainer(args: argparse.Namespace, data: MyMNIST, device: torch.device) -> Trainer:
    """The trainer of a new run, with all that the options say."""
    seed_everything(args.seed)
    input_shape = data.test_data[0][0].shape
    model = NETWORKS[args.network_type](input_shape, len(CLASSES)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    return Trainer(
        model,
        data,
        optimizer,
        args.batch_size,
        device,
        args.log_dir,
        classes=CLASSES,
        scheduler=torch.optim.lr_scheduler.ExponentialLR(optimizer, args.learning_rate_decay),
        max_grad_norm=args.max_grad_norm,
        precision=args.precision,
        batch_parts=args.batch_parts,
        compile=args.compile,
        workers=args.workers,
        show_progress=is_main_process(),
    )
