"""The rotation that augments the training images."""

import unittest

import torch
import torch.nn.functional as F
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST, rotate


class TestRotation(unittest.TestCase):
    def setUp(self):
        test_data = MyMNIST(SAMPLE_ROOT).test_data
        self.images = torch.stack([(test_data[i][0] + 1) / 2 for i in range(5)])

    def test_quarter_turns(self):
        for turns in (-1, 0, 1, 2):
            with self.subTest(turns=turns):
                rotated = rotate(self.images, torch.full((5,), 90.0 * turns))
                expected = self.images.rot90(turns, dims=(2, 3))
                torch.testing.assert_close(rotated, expected, atol=1e-4, rtol=0)

    def test_every_image_is_turned_by_its_own_angle(self):
        degrees = torch.tensor([-5.0, -1.0, 0.0, 2.0, 5.0])
        angle = degrees.deg2rad()
        cos, sin, zero = angle.cos(), angle.sin(), torch.zeros(5)
        matrices = torch.stack([cos, -sin, zero, sin, cos, zero], dim=1).view(5, 2, 3)
        grid = F.affine_grid(matrices, list(self.images.shape), align_corners=False)
        expected = F.grid_sample(self.images, grid, align_corners=False)
        torch.testing.assert_close(rotate(self.images, degrees), expected, atol=1e-4, rtol=0)

    def test_angles_reach_from_minus_five_to_five_degrees(self):
        data = MyMNIST(SAMPLE_ROOT)
        self.assertEqual(data.train_data.max_rotation, 5.0)
        self.assertEqual(data.test_data.max_rotation, 0.0)
        plain = type(data.train_data)(data.train_data.images, data.train_data.labels, 0.0)
        image = (plain[0][0] + 1) / 2
        # The angle of a read is that of the nearest image turned by a known angle.
        angles = torch.arange(-8.0, 8.5, 0.5)
        turned = rotate(image.expand(len(angles), 1, 32, 32), angles).flatten(1)
        torch.manual_seed(0)
        reads = torch.stack([(data.train_data[0][0] + 1).flatten() / 2 for _ in range(200)])
        found = angles[torch.cdist(reads, turned).argmin(dim=1)]
        self.assertTrue((found.abs() <= 5).all(), found)
        self.assertTrue(found.min() < -4 and found.max() > 4, found)
