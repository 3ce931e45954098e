"""Tests of the pictures: that what they show is where it belongs, and can be read."""

import unittest

import torch
from torch import Tensor

from {{ cookiecutter.__package_name }} import pictures
from {{ cookiecutter.__package_name }}.predictions import Predictions

HIGH = pictures.LINE + 2 * pictures.MARGIN  # of a cell


def cells(picture: Tensor, size: int) -> Tensor:
    """The cells of a confusion matrix, without the names: (size, size, 3, height, width)."""
    width = picture.shape[2] // (size + 1)
    table = picture[:, HIGH:, width:]
    return table.unfold(1, HIGH, HIGH).unfold(2, width, width).permute(1, 2, 0, 3, 4)


class TestConfusionPicture(unittest.TestCase):
    counts = torch.tensor([[8, 2, 0], [0, 0, 0], [0, 90, 10]])

    def test_shades_are_those_of_the_rows(self):
        """The background of a cell is darker, the larger its share of the images of its class."""
        found = cells(pictures.confusion_picture(self.counts, ["cat", "dog", "emu"]), 3)
        red = found[:, :, 0, 1, 1]  # of a pixel that no text reaches: 1 is white
        self.assertEqual(sorted(red.flatten().tolist())[-5:], [1.0] * 5)  # nothing there
        shades = {name: red[i, j] for name, (i, j) in CELLS.items()}
        self.assertLess(shades["90 of 100"], shades["8 of 10"])
        self.assertLess(shades["8 of 10"], shades["2 of 10"])
        self.assertLess(shades["2 of 10"], shades["10 of 100"])
        self.assertLess(shades["10 of 100"], 0.8, "An error of a tenth of a class is hardly seen.")

    def test_only_counts_are_written(self):
        """A cell has text where there are images: black on light cells, white on dark ones."""
        found = cells(pictures.confusion_picture(self.counts, ["cat", "dog", "emu"]), 3)
        for i, row in enumerate(self.counts.tolist()):
            for j, count in enumerate(row):
                inner = found[i, j, :, 2:-3, 2:-3]
                contrast = (inner.max() - inner.min()).item()
                with self.subTest(row=i, column=j):
                    self.assertEqual(inner.flatten(1).std(dim=1).max().item() > 0.01, count > 0)
                    self.assertTrue(count == 0 or contrast > 0.5, f"a contrast of {contrast:.2f}")

    def test_names_have_room(self):
        """A cell is as wide as the longest name, of at most so many letters."""
        size = [
            pictures.confusion_picture(self.counts, [name, "a", "b"]).shape
            for name in ("a", "hippopotami", "hippopotamus amphibius", "hippopotamus a")
        ]
        self.assertLess(size[0][2], size[1][2])
        self.assertEqual(size[2], size[3])

    def test_every_class_has_a_name(self):
        """Otherwise the number of outputs is not that of the classes."""
        message = "^the model has 3 outputs for 2 classes.$"
        with self.assertRaisesRegex(ValueError, message):
            pictures.confusion_picture(self.counts, ["cat", "dog"])

    def test_of_many_classes_the_most_confused_are_shown(self):
        """Of 200 classes, those that are taken for others, or others for them, in their order."""
        counts = 50 * torch.eye(200, dtype=torch.int64)
        counts[7, 150] = counts[199, 3] = 2
        shown = pictures.most_confused(counts)
        self.assertEqual(len(shown), pictures.MAX_CLASSES)
        self.assertLessEqual({3, 7, 150, 199}, set(shown))
        self.assertEqual(shown, sorted(shown))
        picture = pictures.confusion_picture(counts, [str(i) for i in range(200)])
        self.assertEqual(picture.shape[1], HIGH * (pictures.MAX_CLASSES + 1))


CELLS = {"8 of 10": (0, 0), "2 of 10": (0, 1), "90 of 100": (2, 1), "10 of 100": (2, 2)}


class TestSamplesPicture(unittest.TestCase):
    def picture_of(self, images: list[Tensor], numbers: list[int], answer: int = 1) -> Tensor:
        """Images of class 1, all of which are taken for a class."""
        dataset = [(image, 1) for image in images]
        logits = torch.zeros(len(images), 2)
        logits[:, answer] = 3.0
        predictions = Predictions(logits, torch.ones(len(images), dtype=torch.int64))
        return pictures.samples_picture(dataset, numbers, predictions, ["cat", "dog"])

    def test_images_are_in_the_order_of_their_numbers(self):
        """Enlarged threefold, with the margin around each; a gradient shows where it belongs."""
        up = torch.linspace(-1, 1, 32).expand(1, 32, 32)
        picture = self.picture_of([up, up.flip(2)], [1, 0])
        self.assertEqual(picture.shape[2], 2 * (96 + 2 * pictures.MARGIN))
        first, second = (part[:, pictures.MARGIN :][:, :96] for part in picture.chunk(2, dim=2))
        first, second = (part[..., pictures.MARGIN :][..., :96] for part in (first, second))
        enlarged = pictures.visible(up).repeat_interleave(3, 1).repeat_interleave(3, 2)
        expected = enlarged.expand(3, 96, 96)
        torch.testing.assert_close(second, expected, rtol=0, atol=1 / 255)
        torch.testing.assert_close(first, expected.flip(2), rtol=0, atol=1 / 255)

    def test_text_is_green_where_the_answer_is_right(self):
        """Otherwise it is red."""
        for answer, channel in ((1, 1), (0, 0)):
            picture = self.picture_of([torch.zeros(1, 32, 32)], [0], answer)
            text = picture[:, 96 + 2 * pictures.MARGIN :].flatten(1)
            darkest = text[:, text.sum(dim=0).argmin()]
            with self.subTest(answer=answer):
                self.assertEqual(darkest.argmax().item(), channel)

    def test_images_of_any_kind_are_visible(self):
        """Whatever their range, size and number of channels, from black to white."""
        for name, image in {
            "[-1, 1]": torch.linspace(-1, 1, 75).view(3, 5, 5),
            "standardised": 0.2 + torch.randn(1, 40, 30),
            "large": torch.rand(3, 120, 200),
            "five channels": torch.rand(5, 8, 8),
            "two channels": torch.rand(2, 8, 8),
            "bytes": torch.arange(64, dtype=torch.uint8).view(1, 8, 8),
            "of one colour": torch.full((1, 8, 8), 3.0),
        }.items():
            with self.subTest(image=name):
                shown = pictures.visible(image)
                self.assertEqual(shown.shape[1:], image.shape[1:])
                self.assertEqual(shown.min().item(), 0)
                self.assertIn(shown.max().item(), (0, 1))
                self.assertEqual(self.picture_of([image], [0]).shape[0], 3)

    def test_rows_of_eight(self):
        """Nine images take two rows."""
        images = [torch.rand(1, 32, 32)] * 9
        heights = [self.picture_of(images, list(range(n))).shape[1] for n in (1, 8, 9)]
        self.assertEqual(heights[0], heights[1])
        self.assertEqual(2 * heights[0], heights[2])
