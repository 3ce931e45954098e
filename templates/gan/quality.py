"""How a GAN is doing. Its losses do not say: each is relative to a network that learns too."""

from torch import Tensor, nn

from .evaluation import means_over
from .loading import evaluation_loader
from .loop import Loop
from .pictures import fixed_codes


def figures_of(trainer: Loop) -> dict[str, float]:
    """The figures of an epoch, by their tags, of the test images and as many generated ones.

    accuracy: in how many pairs of a real and a generated image the discriminator finds the real one
    more real; 0.5 is chance. It does not depend on where the logits have their zero, which in
    evaluation the running statistics of BatchNorm shift: they are those of both kinds of images.
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
        "test/accuracy": means["accuracy"],
        # A single image is no distance from any other.
        "test/variety": means["distance_of_generated"] / (means["distance_of_real"] or 1.0),
    }


def qualities(model: nn.Module, images: Tensor, codes: Tensor) -> dict[str, Tensor]:
    """Means over a batch of images (N, C, H, W), and of those generated from codes (N, latent_dim).

    The accuracy, and of both kinds the mean squared distance between one image and the next.
    """
    generated = model.generator(codes)
    ahead = model.discriminator(images) - model.discriminator(generated)  # (N,), of each pair
    return {
        "accuracy": (ahead.sign() + 1).mean() / 2,  # where both have the same logit, half
        "distance_of_real": (images - images.roll(1, dims=0)).square().mean(),
        "distance_of_generated": (generated - generated.roll(1, dims=0)).square().mean(),
    }
