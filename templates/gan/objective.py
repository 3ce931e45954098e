"""What the two networks minimise, each against the other: Goodfellow et al. (2014), section 3."""

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))), of the logits (N,) of real and of generated images.

    D is the sigmoid of a logit. log(1 + exp(-logit)), the softplus of -logit, is -log D without
    the rounding of a sigmoid close to 0 or 1. Where D cannot tell, the loss is 2 log 2 = 1.386.
    """
    return F.softplus(-real).mean() + F.softplus(generated).mean()


def generator_loss(generated: Tensor) -> Tensor:
    """-log D(G(z)), of the logits (N,) of generated images; log 2 = 0.693 where D cannot tell.

    It is not the opposite of the loss above, log(1 - D(G(z))): that one has no slope where D
    rejects all, which is where the generator begins.
    """
    return F.softplus(-generated).mean()
