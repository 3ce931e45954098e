"""Bugs that the checks of suites/trainer/vae/pictures.py are meant for."""

import torch
from mnist_vae.trainer import Trainer

from ....seeding import trainer_bug

GENERATES = "test_generates_images"
PAIRS = "test_generated_pairs_belong_together"
IMAGES = "test_logs_images"


@trainer_bug(GENERATES, r"gives the same image twice.*index")
class OneIndexForAll(Trainer):
    def generate(self, n):
        return super().generate(1).repeat(n, 1, 1, 1)


@trainer_bug(GENERATES, r"returns a tensor with a graph")
class GeneratesWithGraph(Trainer):
    def generate(self, n):
        images = torch.stack([self.data.test_data[i][0] for i in range(n)])
        return torch.cat([images, self.reconstruct(images)], dim=3)


@trainer_bug(GENERATES, r"generate\(2\) gives 3 images")
class OneImageTooMany(Trainer):
    def generate(self, n):
        return super().generate(min(n + 1, len(self.data.test_data)))


@trainer_bug(PAIRS, r"the right halves of generate\(2\) are not .* / 2.*another order")
class PairsMisaligned(Trainer):
    def generate(self, n):
        left, right = super().generate(n).chunk(2, dim=3)
        return torch.cat([left, right.roll(1, dims=0)], dim=3)


@trainer_bug(PAIRS, r"the left halves .*interchanged")
class HalvesInterchanged(Trainer):
    def generate(self, n):
        left, right = super().generate(n).chunk(2, dim=3)
        return torch.cat([right, left], dim=3)


@trainer_bug(PAIRS, r"the right halves .*clipped")
class DarkHalfClipped(Trainer):
    def generate(self, n):
        return super().generate(n).clamp(min=0.5)


@trainer_bug(PAIRS, r"the left halves .*another split")
class TrainingImagesShown(Trainer):
    def generate(self, n):
        self.data.test_data, test_data = self.data.train_data, self.data.test_data
        images = super().generate(n)
        self.data.test_data = test_data
        return images


@trainer_bug(IMAGES, r"Image test/1 is logged 0 times in one epoch")
class OneImageTooFew(Trainer):
    def log_evaluation(self):
        self.num_generated_images -= 1
        super().log_evaluation()
        self.num_generated_images += 1


@trainer_bug(IMAGES, r"test/0 has values from -1.*expects \[0, 1\]")
class ImagesNotScaledBack(Trainer):
    def log_evaluation(self):
        for i, image in enumerate(self.generate(self.num_generated_images)):
            self.summary.add_image(f"test/{i}", image, self.epoch)


@trainer_bug(IMAGES, r"Image test/1 is logged 0 times")
class OneTagForAllImages(Trainer):
    def log_evaluation(self):
        for image in self.generate(self.num_generated_images):
            self.summary.add_image("test/0", (image + 1) / 2, self.epoch)
