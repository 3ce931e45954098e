"""How a GAN is doing. Its losses do not say: each is relative to a network that learns too."""

from torch import Tensor, nn

from .evaluation import means_over
from .loading import evaluation_loader
from .loop import Loop
from .pictures import fixed_codes


def figures_of(trainer: Loop) -> dict[str, float]:
    """The figures of an epoch, by their tags, of the test images and as many generated ones.

    accuracy: what the discriminator tells right, of both together; 0.5 where it cannot tell.
    variety: how far generated images are apart, beside real ones; near 0 where all look the same.
    """
    codes = fixed_codes(trainer.model, len(trainer.data.test_data), trainer.device)
    # Batch by batch, and shared out among processes, as the test images are.
    beside = iter(evaluation_loader(codes.cpu(), trainer.batch_size, trainer.device))

    def measured(batch) -> dict[str, Tensor]:
        return qualities(trainer.model, batch[0], next(beside).to(trainer.device))

    what = trainer.test_loader, measured, trainer.weight_of, trainer.model, trainer.device
    means = means_over(*what)
    return {
        "test/accuracy": (means["right_on_real"] + means["right_on_generated"]) / 2,
        "test/accuracy_on_real": means["right_on_real"],
        "test/accuracy_on_generated": means["right_on_generated"],
        # A single image is no distance from any other.
        "test/variety": means["distance_of_generated"] / (means["distance_of_real"] or 1.0),
    }


def qualities(model: nn.Module, images: Tensor, codes: Tensor) -> dict[str, Tensor]:
    """Means over a batch of images (N, C, H, W), and of those generated from codes (N, latent_dim).

    Of both, the share that the discriminator tells right, and the mean squared distance between
    one image and the next.
    """
    generated = model.generator(codes)
    return {
        "right_on_real": (model.discriminator(images) > 0).float().mean(),
        "right_on_generated": (model.discriminator(generated) <= 0).float().mean(),
        "distance_of_real": (images - images.roll(1, dims=0)).square().mean(),
        "distance_of_generated": (generated - generated.roll(1, dims=0)).square().mean(),
    }
