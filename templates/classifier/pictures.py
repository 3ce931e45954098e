"""What is drawn: which classes are taken for which, and single images with what is said of them."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from .predictions import Predictions

FONT = ImageFont.load_default()
LINE, MARGIN = 16, 6  # pixels: the height of a line of text, and what is left free around it
SIDE = 96  # pixels: the least width of an image with text below it
IMAGES_PER_ROW = 8
MAX_CLASSES = 25  # of more, the matrix would be a wall
LONGEST_NAME = 12  # letters
RIGHT, WRONG = "darkgreen", "firebrick"


def confusion_picture(counts: Tensor, classes: Sequence[str]) -> Tensor:
    """The counts of a confusion matrix in a table of shaded cells, (3, height, width) in [0, 1].

    Of more than MAX_CLASSES classes, those that are confused most often. Raises ValueError where
    there is not a name for each class.
    """
    if len(counts) != len(classes):
        raise ValueError(f"the model has {len(counts)} outputs for {len(classes)} classes.")
    shown = most_confused(counts)
    names = [short(classes[i]) for i in shown]
    counts = counts.cpu()
    # The root, because a hundredth of a class is no rare error, and has to be seen.
    shades = (counts / counts.sum(dim=1, keepdim=True).clamp(min=1)).sqrt()
    rows = [[("", 0.0), *((name, 0.0) for name in names)]]
    for name, i in zip(names, shown, strict=True):
        cells = [(str(counts[i, j].item()) if counts[i, j] else "", shades[i, j]) for j in shown]
        rows.append([(name, 0.0), *((text, shade.item()) for text, shade in cells)])
    return table(rows)


def table(rows: list[list[tuple[str, float]]]) -> Tensor:
    """Cells with a text and a shade from 0 to 1, all of the same size, as a picture."""
    width = max(width_of(text) for row in rows for text, _ in row) + 2 * MARGIN
    height = LINE + 2 * MARGIN
    picture = Image.new("RGB", (width * len(rows[0]), height * len(rows)), "white")
    draw = ImageDraw.Draw(picture)
    for y, row in enumerate(rows):
        for x, (text, shade) in enumerate(row):
            left, top = x * width, y * height
            draw.rectangle((left, top, left + width - 2, top + height - 2), blue(shade))
            color = "white" if shade > 0.6 else "black"
            draw.text((left + MARGIN, top + MARGIN), text, color, FONT)
    return as_tensor(picture)


def most_confused(counts: Tensor) -> list[int]:
    """The classes that a picture has room for: those with the most errors, in their order."""
    right = counts.diag()
    errors = counts.sum(dim=0) + counts.sum(dim=1) - 2 * right
    return sorted(errors.argsort(descending=True, stable=True)[:MAX_CLASSES].tolist())


def samples_picture(
    dataset, numbers: Sequence[int], predictions: Predictions, classes: Sequence[str]
) -> Tensor:
    """Images of a dataset in rows, (3, height, width) in [0, 1].

    Below each stand its label, and the class that it is taken for, with its probability.
    """
    pictures, probabilities = [], predictions.probabilities
    for number in numbers:
        label, answer = int(predictions.labels[number]), int(predictions.classes[number])
        percent = f"{100 * probabilities[number, answer].item():.0f} %"
        lines = [f"label {short(classes[label])}", f"answer {short(classes[answer])}, {percent}"]
        pictures.append(with_text(dataset[number][0], lines, RIGHT if label == answer else WRONG))
    return in_rows(pictures)


def with_text(image: Tensor, lines: list[str], color: str) -> Image.Image:
    """An image (C, H, W) with lines of text below it."""
    shown = to_pil_image(visible(image)).convert("RGB")
    factor = -(-SIDE // shown.width)  # rounded up: pixels stay squares
    shown = shown.resize((shown.width * factor, shown.height * factor), Image.Resampling.NEAREST)
    width = max(shown.width, *map(width_of, lines))
    picture = Image.new("RGB", (width, shown.height + LINE * len(lines) + MARGIN), "white")
    picture.paste(shown, (0, 0))
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        draw.text((0, shown.height + LINE * row), line, color, FONT)
    return picture


def visible(image: Tensor) -> Tensor:
    """An image (C, H, W) in grey or colours, from black for its least value to white.

    So it does not matter to which range, or by which statistics, the dataset scales its images.
    """
    image = image.detach().cpu().float()
    image = image[:3] if len(image) >= 3 else image[:1]
    low, high = image.min(), image.max()
    return (image - low) / (high - low).clamp(min=1e-8)


def in_rows(pictures: list[Image.Image]) -> Tensor:
    """Pictures of about the same size in rows of a common one."""
    width = max(picture.width for picture in pictures) + 2 * MARGIN
    height = max(picture.height for picture in pictures) + 2 * MARGIN
    rows = -(-len(pictures) // IMAGES_PER_ROW)
    whole = Image.new("RGB", (width * min(len(pictures), IMAGES_PER_ROW), height * rows), "white")
    for number, picture in enumerate(pictures):
        row, column = divmod(number, IMAGES_PER_ROW)
        whole.paste(picture, (column * width + MARGIN, row * height + MARGIN))
    return as_tensor(whole)


def blue(shade: float) -> tuple[int, int, int]:
    """From white for 0 to dark blue for 1."""
    return round(255 - 225 * shade), round(255 - 175 * shade), round(255 - 95 * shade)


def short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "."


def width_of(text: str) -> int:
    return round(FONT.getlength(text))


def as_tensor(picture: Image.Image) -> Tensor:
    """(3, height, width) in [0, 1], as TensorBoard takes it."""
    return pil_to_tensor(picture) / 255
