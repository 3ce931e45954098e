"""What the command line builds: a variational autoencoder, its optimizer, its trainer."""

import argparse

import torch

from .dataset import MyMNIST
from .distributed import is_main_process
from .model import CNNVAE, MLPVAE
from .options import Parser, training_parser, whole_number
from .randomness import seed_everything
from .trainer import Trainer

NETWORKS = {"mlp": MLPVAE, "cnn": CNNVAE}


def make_parser() -> Parser:
    """The options of any training run, and those of this task."""
    parser = training_parser("Train a variational autoencoder on MNIST.", NETWORKS)
    parser.add("--bottleneck-dim", "size of a latent code", type=whole_number(1, 4096), default=32)
    return parser


def make_trainer(args: argparse.Namespace, data: MyMNIST, device: torch.device) -> Trainer:
    """The trainer of a new run, with all that the options say."""
    seed_everything(args.seed)
    input_shape = data.test_data[0][0].shape
    model = NETWORKS[args.network_type](input_shape, args.bottleneck_dim).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    return Trainer(
        model,
        data,
        optimizer,
        args.batch_size,
        device,
        args.log_dir,
        scheduler=torch.optim.lr_scheduler.ExponentialLR(optimizer, args.learning_rate_decay),
        max_grad_norm=args.max_grad_norm,
        precision=args.precision,
        batch_parts=args.batch_parts,
        compile=args.compile,
        workers=args.workers,
        show_progress=is_main_process(),
    )
