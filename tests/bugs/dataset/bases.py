"""Correct code that stands in parts, so that a bug can take the place of one."""

from mnist_vae.dataset import MNISTSplit


class Changed(MNISTSplit):
    """Base of bugs that change an image after it was read."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        changed = [self.change(image, i) for (image, _), i in zip(samples, indices, strict=True)]
        return [(image, label) for image, (_, label) in zip(changed, samples, strict=True)]

    def change(self, image, index):
        raise NotImplementedError
