"""What the command line builds: the two networks, their optimizers, their trainer."""

import argparse
from functools import partial

import torch
from torch.optim.lr_scheduler import ExponentialLR

from .dataset import MyMNIST
from .distributed import is_main_process
from .model import CNNGAN, MLPGAN
from .options import Parser, training_parser, whole_number
from .randomness import seed_everything
from .trainer import Trainer

NETWORKS = {"mlp": MLPGAN, "cnn": CNNGAN}
# As in DCGAN. With the usual 0.9, a step follows what the other network was like many steps ago.
BETAS = (0.5, 0.999)


def make_parser() -> Parser:
    """The options of any training run, and those of this task."""
    parser = training_parser("Train a generative adversarial network on MNIST.", NETWORKS)
    parser.add("--latent-dim", "size of a latent code", type=whole_number(1, 4096), default=64)
    # At the usual 1e-3 the fully connected networks collapse, and even so they take ten times as
    # many steps as the convolutional ones to draw digits. Small batches mean more steps.
    parser.set_defaults(network_type="cnn", learning_rate=5e-4, batch_size=64)
    return parser


def make_trainer(args: argparse.Namespace, data: MyMNIST, device: torch.device) -> Trainer:
    """The trainer of a new run, with all that the options say."""
    seed_everything(args.seed)
    image_shape = data.test_data[0][0].shape
    model = NETWORKS[args.network_type](image_shape, args.latent_dim).to(device)
    adam = partial(torch.optim.Adam, lr=args.learning_rate, betas=BETAS)
    generator_optimizer = adam(model.generator.parameters())
    discriminator_optimizer = adam(model.discriminator.parameters())
    decaying = partial(ExponentialLR, gamma=args.learning_rate_decay)
    return Trainer(
        model,
        data,
        generator_optimizer,
        discriminator_optimizer,
        args.batch_size,
        device,
        args.log_dir,
        schedulers=(decaying(generator_optimizer), decaying(discriminator_optimizer)),
        max_grad_norm=args.max_grad_norm,
        precision=args.precision,
        batch_parts=args.batch_parts,
        compile=args.compile,
        workers=args.workers,
        show_progress=is_main_process(),
    )
