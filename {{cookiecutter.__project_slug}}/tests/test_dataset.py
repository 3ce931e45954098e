"""Tests of the datasets, on the sample of MNIST that ships with the project."""

import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
import torch.nn.functional as F
import torchvision
from torch.utils.data import default_collate

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST, rotate
from {{ cookiecutter.__package_name }}.idx import FILES

from tests.suites import AbstractTestDataset


class TestMyMNIST(unittest.TestCase, AbstractTestDataset):
    slight_augmentation = True
    labels_follow_images = True
    strict_indices = True
    samples_are_copies = True

    def setUp(self):
        self.data = MyMNIST(SAMPLE_ROOT)
        self.data_shape = (1, 32, 32)

    def test_has_the_samples_that_torchvision_reads(self):
        """Images and labels are those of torchvision's own dataset, padded and scaled."""
        for name, train in (("train_data", True), ("test_data", False)):
            split = getattr(self.data, name)
            plain = type(split)(split.images, split.labels, 0.0)  # without augmentation
            images, labels = default_collate(plain.__getitems__(list(range(len(plain)))))
            expected = torchvision.datasets.MNIST(SAMPLE_ROOT, train=train)
            padded = F.pad(expected.data.unsqueeze(1) / 255, (2, 2, 2, 2)) * 2 - 1
            torch.testing.assert_close(images, padded, msg=f"{name} has other images.")
            torch.testing.assert_close(labels, expected.targets, msg=f"{name} has other labels.")


class TestRotation(unittest.TestCase):
    def setUp(self):
        test_data = MyMNIST(SAMPLE_ROOT).test_data
        self.images = torch.stack([(test_data[i][0] + 1) / 2 for i in range(5)])

    def test_quarter_turns(self):
        """A turn by 90 degrees interchanges pixels."""
        for turns in (-1, 0, 1, 2):
            with self.subTest(turns=turns):
                rotated = rotate(self.images, torch.full((5,), 90.0 * turns))
                expected = self.images.rot90(turns, dims=(2, 3))
                torch.testing.assert_close(rotated, expected, atol=1e-4, rtol=0)

    def test_every_image_is_turned_by_its_own_angle(self):
        """Rotations are those of the affine grid with the same matrices."""
        degrees = torch.tensor([-5.0, -1.0, 0.0, 2.0, 5.0])
        angle = degrees.deg2rad()
        cos, sin, zero = angle.cos(), angle.sin(), torch.zeros(5)
        matrices = torch.stack([cos, -sin, zero, sin, cos, zero], dim=1).view(5, 2, 3)
        grid = F.affine_grid(matrices, list(self.images.shape), align_corners=False)
        expected = F.grid_sample(self.images, grid, align_corners=False)
        torch.testing.assert_close(rotate(self.images, degrees), expected, atol=1e-4, rtol=0)

    def test_angles_reach_from_minus_five_to_five_degrees(self):
        """Training images are turned by up to five degrees to either side, test images are not."""
        data = MyMNIST(SAMPLE_ROOT)
        plain = type(data.train_data)(data.train_data.images, data.train_data.labels, 0.0)
        image = (plain[0][0] + 1) / 2
        # The angle of a read is that of the nearest image turned by a known angle.
        angles = torch.arange(-8.0, 8.5, 0.5)
        turned = rotate(image.expand(len(angles), 1, 32, 32), angles).flatten(1)
        torch.manual_seed(0)
        reads = torch.stack([(data.train_data[0][0] + 1).flatten() / 2 for _ in range(200)])
        found = angles[torch.cdist(reads, turned).argmin(dim=1)]
        reach = f"200 reads are turned by {found.min()} to {found.max()} degrees"
        self.assertTrue((found.abs() <= 5).all(), reach)
        self.assertTrue(found.min() < -4 and found.max() > 4, reach)
        self.assertEqual(data.test_data.max_rotation, 0.0)

    def test_white_stays_white(self):
        """The brightest pixel of the files, 255, becomes 1, and the darkest -1."""
        test_data = MyMNIST(SAMPLE_ROOT).test_data
        brightest = test_data.images.flatten(1).amax(1).tolist().index(255)
        self.assertEqual(test_data[brightest][0].max(), 1)
        self.assertEqual(test_data[brightest][0].min(), -1)

    def test_corners_stay_black(self):
        """What a turn brings in from outside is background, like the padding."""
        train_data = MyMNIST(SAMPLE_ROOT).train_data
        for image, _ in (train_data[i] for i in range(20)):
            self.assertTrue((image[:, [0, 0, -1, -1], [0, -1, 0, -1]] == -1).all())


class TestFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.raw = self.root / "MNIST" / "raw"
        shutil.copytree(SAMPLE_ROOT / "MNIST" / "raw", self.raw)

    def refusal(self, error: type[Exception] = ValueError, download: bool = False) -> str:
        with self.assertRaises(error) as raised:
            MyMNIST(self.root, download=download)
        return str(raised.exception)

    def change(self, number: int, start: int, content: bytes):
        """Writes into one of the files."""
        path = self.raw / FILES[number]
        old = path.read_bytes()
        path.write_bytes(old[:start] + content + old[start + len(content) :])

    def test_broken_files_are_named_with_what_is_expected(self):
        """An error names the file, what it holds and what to do."""
        for number, start, content, message in (
            (0, 0, b"\0\0\x08\1", "has the magic number 2049, expected 2051"),
            (0, 8, b"\0\0\0\x1d", "has images of size [29, 28], expected [28, 28]"),
            (0, 4, b"\0\0\1\xf5", "has 392016 bytes, expected 392800 for 501 samples"),
            (3, 8, b"\x0a", "has the label 10, expected 0 to 9"),
        ):
            with self.subTest(message=message):
                content_before = (self.raw / FILES[number]).read_bytes()
                self.change(number, start, content)
                self.assertEqual(
                    self.refusal(),
                    f"{self.raw / FILES[number]} {message}: delete it and download it again.",
                )
                (self.raw / FILES[number]).write_bytes(content_before)

    def test_short_and_mixed_up_files_are_named(self):
        """A file that was cut short, or that belongs to the other split, is not taken."""
        labels = self.raw / FILES[3]
        labels.write_bytes((self.raw / FILES[1]).read_bytes())
        self.assertRegex(self.refusal(), r"t10k-labels\S+ has 500 labels, expected \d+, one per im")
        labels.write_bytes(b"\0" * 8)
        self.assertRegex(self.refusal(), r"t10k-labels\S+ has 8 bytes, expected more than 8")

    def test_missing_files_are_named(self):
        """Without a download, the error names the file and the way to get it."""
        (self.raw / FILES[2]).unlink()
        self.assertEqual(
            self.refusal(FileNotFoundError),
            f"MNIST is incomplete: {FILES[2]} not found in {self.raw}; download=True fetches it.",
        )

    def test_only_missing_files_are_downloaded(self):
        """torchvision is asked for them, and what it says is passed on."""
        offline = OSError("no\nnetwork")
        with mock.patch.object(torchvision.datasets, "MNIST", side_effect=offline) as get:
            MyMNIST(self.root, download=True)
            get.assert_not_called()
            (self.raw / FILES[1]).unlink()
            (self.raw / FILES[2]).unlink()
            self.assertEqual(
                self.refusal(FileNotFoundError, download=True),
                f"MNIST is incomplete: {FILES[1]}, {FILES[2]} not found in {self.raw}, "
                f"and the download failed (no network).",
            )
            get.assert_called_once_with(str(self.root), download=True)
