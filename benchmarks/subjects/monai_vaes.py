"""VAEs of MONAI."""

from monai.networks import nets
from torch import Tensor, nn

from .subject import images, normal, vae

PACKAGE = "monai"
SIZES = {"latent_size": 4, "channels": (8, 16), "strides": (2, 2), "num_res_units": 1}


def var_autoencoder(**settings: object) -> nn.Module:
    return nets.VarAutoEncoder(2, (1, 8, 8), 1, **SIZES, **settings)


def autoencoder_kl() -> nn.Module:
    sizes = {"channels": (8, 16), "num_res_blocks": 1, "norm_num_groups": 4, "latent_channels": 2}
    return nets.AutoencoderKL(2, 1, 1, attention_levels=(False, False), **sizes)


def with_sigma(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    mu, sigma = net.encode(x)
    return mu, sigma.log()


HOOKS = {
    "log_variance": True,
    "call": lambda self, net, x: net(x)[0],
    "encode": lambda self, net, x: net.encode_forward(x),
    "decode": lambda self, net, z: net.decode_forward(z),
}
SIGMA = {
    "call": lambda self, net, x: net(x)[0],
    "encode": with_sigma,
    "sample": lambda self, net, mu, log_sigma: net.sampling(mu, log_sigma.exp()),
}


def fully_connected() -> nn.Module:
    return nets.VarFullyConnectedNet(12, 12, 4, (16,), (16,), use_mean_at_inference=True)


SUBJECTS = [
    vae("VarAutoEncoder", var_autoencoder, images(8, 1), **HOOKS),
    vae(
        "VarAutoEncoder_mean",
        lambda: var_autoencoder(use_mean_at_inference=True),
        images(8, 1),
        **HOOKS,
    ),
    vae("VarFullyConnectedNet", fully_connected, normal(4, 12), **HOOKS),
    vae("AutoencoderKL", autoencoder_kl, images(8, 1), **SIGMA),
]
