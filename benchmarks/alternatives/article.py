"""The checks of the article "How to Trust Your Deep Learning Code" (2020).

Those of the text and of the code published with it, written anew to do the same, mistakes included.
"""

from unittest import mock

import numpy as np
import scipy.stats
import torch
from suites import AbstractTestVAETrainer
from torch.utils.data import DataLoader

from .subject import declared_shape, single_tensor


class ArticleDatasetTests:
    """Every check runs over both splits."""

    def splits(self):
        return self.data.train_data, self.data.test_data

    def test_scaling(self):
        for split in self.splits():
            for sample, _ in split:
                self.assertLessEqual(sample.max(), 1)
                self.assertGreaterEqual(sample.min(), -1)
                self.assertTrue((sample < 0).any() and (sample > 0).any())

    def test_augmentation(self):
        """Passes where a single sample of the training split varies."""
        train, test = ([self.is_fixed(s, i) for i in range(len(s))] for s in self.splits())
        self.assertFalse(all(train))
        self.assertTrue(all(test))

    def is_fixed(self, split, index: int) -> bool:
        """Differences may cancel in the sum."""
        return bool((split[index][0] - split[index][0]).sum() == 0)

    def test_loading_in_this_process(self):
        self.load(workers=0)

    def test_loading_in_workers(self):
        self.load(workers=2)

    def load(self, workers: int):
        for split in self.splits():
            for _ in DataLoader(split, batch_size=4, num_workers=workers):
                pass


class ArticleModelTests:
    @torch.no_grad()
    def test_shape(self):
        expected = declared_shape(self) or single_tensor(self).shape
        self.assertEqual(self.net(single_tensor(self)).shape, expected)

    @torch.no_grad()
    def test_device_moving(self):
        """The "copy" on the GPU is the net itself, so that it compares the GPU with the CPU's."""
        if not torch.cuda.is_available():
            self.skipTest("There is no GPU.")
        moved = self.net.to("cuda:0")
        torch.manual_seed(42)
        on_cpu = self.net(single_tensor(self))
        torch.manual_seed(42)
        on_gpu = moved(single_tensor(self).to("cuda:0"))
        self.assertAlmostEqual(0.0, (on_cpu - on_gpu.cpu()).sum())

    def test_batch_independence(self):
        """The batch size is read from the first sample: it is the number of channels."""
        inputs = single_tensor(self).clone().requires_grad_()
        self.net.eval()
        outputs = self.net(inputs)
        self.net.train()
        masked = torch.randint(0, inputs[0].shape[0], ())
        mask = torch.ones_like(outputs)
        mask[masked] = 0
        (outputs * mask).mean().backward()
        for index, gradient in enumerate(inputs.grad):
            self.assertEqual(bool((gradient == 0).all()), index == masked)

    def test_all_parameters_updated(self):
        """Looks at the gradients only, of the mean of the outputs."""
        optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        optimizer.zero_grad()
        self.net(single_tensor(self)).mean().backward()
        for parameter in self.net.parameters():
            self.assertIsNotNone(parameter.grad)
            self.assertNotEqual((parameter.grad**2).sum(), 0.0)
        optimizer.zero_grad()


class ArticleTrainerTests:
    @torch.no_grad()
    def test_kl_divergence(self):
        """Against histograms of random samples, which see [-2, 2] only."""
        np.random.seed(42)
        mu, sigma = np.random.randn(10) * 0.25, np.random.randn(10) * 0.1 + 1
        noise = np.random.randn(100_000, 10)
        expected = 0.0
        for own, standard in zip((noise * sigma + mu).T, noise.T, strict=True):
            counts = [np.histogram(values, 1000, (-2, 2))[0] for values in (own, standard)]
            expected += scipy.stats.entropy(*counts)
        kl_divergence = AbstractTestVAETrainer.kl_divergence.__get__(self)
        if "kl_divergence" in vars(self):
            kl_divergence = vars(self)["kl_divergence"]
        found = kl_divergence(torch.tensor(sigma).log(), torch.tensor(mu))
        self.assertAlmostEqual(expected, found.numpy(), delta=0.05)

    def test_overfit_on_one_batch(self):
        self.trainer.train(500)
        self.assertLessEqual(self.trainer.eval(), 30)

    def test_logging(self):
        """Any value will do, and only the first step is looked at."""
        with mock.patch.object(self.trainer.summary, "add_scalar") as add_scalar:
            self.trainer.train(1)
        tags = "train/recon_loss", "train/kl_div_loss", "train/loss", "test/loss"
        # In any order: these trainers log more than that of the article.
        expected = [mock.call(tag, mock.ANY, 0) for tag in tags]
        add_scalar.assert_has_calls(expected, any_order=True)
