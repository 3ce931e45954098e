"""Architectures of segmentation-models-pytorch, on small encoders of timm."""

import segmentation_models_pytorch as smp

from .subject import Subject, images, model

PACKAGE = "segmentation-models-pytorch"


def segmentation(name: str, encoder: str = "tu-lcnet_035", **settings: object) -> Subject:
    """A model of that name for five classes, on images of 64 x 64 pixels."""

    def net():
        return getattr(smp, name)(encoder, encoder_weights=None, classes=5, **settings)

    return model(name, net, images(64))


NARROW = {"decoder_channels": (32, 16, 8, 8, 8)}

SUBJECTS = [
    segmentation("Unet", decoder_channels=(64, 32, 16, 16, 16)),
    segmentation("UnetPlusPlus", **NARROW),
    segmentation("Linknet"),
    segmentation("FPN", decoder_pyramid_channels=32, decoder_segmentation_channels=32),
    segmentation("PSPNet", encoder_depth=5, psp_out_channels=16),
    segmentation("DeepLabV3Plus", decoder_channels=16),
    segmentation("UPerNet", decoder_channels=16),
    segmentation("Segformer", decoder_segmentation_channels=16),
]
