"""How a GAN is doing. Its losses do not say: each is relative to a network that learns too."""

from torch import Tensor, nn


def qualities(model: nn.Module, images: Tensor, codes: Tensor) -> dict[str, Tensor]:
    """Means over a batch of images (N, C, H, W) and one generated from codes (N, latent_dim).

    Of both, the share that the discriminator tells right, and the mean squared distance of an
    image from the one before it.
    """
    generated = model.generator(codes)
    return {
        "accuracy_on_real": (model.discriminator(images) > 0).float().mean(),
        "accuracy_on_generated": (model.discriminator(generated) <= 0).float().mean(),
        "distance_of_real": (images - images.roll(1, dims=0)).square().mean(),
        "distance_of_generated": (generated - generated.roll(1, dims=0)).square().mean(),
    }


def figures_from(means: dict[str, float]) -> dict[str, float]:
    """The figures of an epoch, by their tags.

    accuracy: of real and of generated images together; 0.5 where the discriminator cannot tell.
    variety: how far generated images are apart, beside real ones: near 0 where all look the same.
    """
    real, generated = means["accuracy_on_real"], means["accuracy_on_generated"]
    apart = means["distance_of_real"] or 1.0  # a single image has no other
    return {
        "test/accuracy": (real + generated) / 2,
        "test/accuracy_on_real": real,
        "test/accuracy_on_generated": generated,
        "test/variety": means["distance_of_generated"] / apart,
    }
