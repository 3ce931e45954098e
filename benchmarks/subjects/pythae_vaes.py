"""Formulations of pythae, with its own small networks."""

import pythae.models as zoo
from torch import Tensor, nn

from .subject import Subject, images, vae

PACKAGE = "pythae"
SIZES = {"input_dim": (1, 6, 6), "latent_dim": 3}


def encoded(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    posterior = net.encoder(x)
    return posterior.embedding, posterior.log_covariance


HOOKS = {
    "log_variance": True,
    "call": lambda self, net, x: net({"data": x}).recon_x,
    "encode": encoded,
    "sample": lambda self, net, mu, log_variance: net._sample_gauss(mu, (log_variance / 2).exp())[
        0
    ],
    "decode": lambda self, net, z: net.decoder(z).reconstruction,
}


def formulation(
    name: str,
    declared: dict | None = None,
    config: str = "",
    refused: bool = False,
    **settings: object,
) -> Subject:
    """A model of that name, built from its configuration."""

    def net():
        kind = getattr(zoo, name)
        return kind(getattr(zoo, config or f"{name}Config")(**SIZES, **settings))

    return vae(name, net, images(6, 1), refused, **{**HOOKS, **(declared or {})})


def through_flows(self, net: nn.Module, z: Tensor) -> Tensor:
    for flow in net.net:
        z = flow(z).out
    return net.decoder(z).reconstruction


def through_inverse_flow(self, net: nn.Module, z: Tensor) -> Tensor:
    return net.decoder(net.iaf_flow.inverse(z).out).reconstruction


# Where forward() does something else, as splitting the batch or drawing several codes.
PARTS = {"call": lambda self, net, x: self.decode(net, self.sample(net, *self.encode(net, x)))}
FIXED = {"frozen_parameters": ("eps_lf", "beta_zero_sqrt")}
# One latent code, and no law that it is drawn from.
CODE = {"encode": lambda self, net, x: net.encoder(x).embedding, "log_variance": False}

SUBJECTS = [
    formulation("VAE"),
    formulation("BetaVAE", beta=4.0),
    formulation("DisentangledBetaVAE", C=5.0, warmup_epoch=10),
    formulation("BetaTCVAE"),
    formulation("INFOVAE_MMD", config="INFOVAE_MMD_Config"),
    formulation("FactorVAE", {"unused_modules": ("discriminator",), **PARTS}),
    formulation("VAMP", {"unused_modules": ("pseudo_inputs",)}, number_components=5),
    formulation("IWAE", PARTS, number_samples=3),
    formulation("MIWAE", PARTS, number_gradient_estimates=2, number_samples=3),
    formulation("CIWAE", PARTS, number_samples=3),
    formulation("MSSSIM_VAE", window_size=3),
    formulation(
        "VAE_LinNF", {"decode": through_flows}, "VAE_LinNF_Config", flows=["Planar", "Radial"]
    ),
    formulation("VAE_IAF", {"decode": through_inverse_flow}, "VAE_IAF_Config", n_made_blocks=1),
    formulation("HVAE", {**PARTS, **FIXED}, n_lf=1),
    formulation("VAEGAN", {"unused_modules": ("discriminator",)}),
    formulation("WAE_MMD", CODE, "WAE_MMD_Config", refused=True),
]
