"""Bugs in datasets."""

import functools
import random

import numpy as np
import torch
from mnist_vae.dataset import MNISTSplit
from torch.utils.data import get_worker_info
from torchvision.transforms.functional import rotate

from . import SAMPLE, dataset_bug

SHAPE = "test_samples_have_the_declared_shape"
RANGE = "test_values_fill_the_declared_range"
AUGMENTATION = "test_only_augmented_splits_vary"
MAIN_PROCESS = "test_loads_in_the_main_process"
WORKERS = "test_loads_in_worker_processes"
PICKLING = "test_pickles"
LABELS = "test_labels_are_class_indices"
FOLLOWING = "test_labels_follow_the_images"
FRESH = "test_augmentation_is_fresh_in_every_worker_and_epoch"
DRIFT = "test_augmentation_does_not_accumulate"
END = "test_index_ends_at_the_length"
NEGATIVE = "test_negative_index"
INDEX = "test_index_decides_the_sample"
MEMORY = "test_samples_own_their_memory"
GENERATOR = "test_reading_leaves_the_random_generator_alone"
SLIGHT = "test_slight_augmentation_keeps_samples_apart"
LEAKAGE = "test_splits_share_no_samples"
PROCESSES = "test_splits_are_the_same_in_every_process"


class Changed(MNISTSplit):
    """Base of bugs that change an image after it was read."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        changed = [self.change(image, i) for (image, _), i in zip(samples, indices, strict=True)]
        return [(image, label) for image, (_, label) in zip(changed, samples, strict=True)]

    def change(self, image, index):
        raise NotImplementedError


@dataset_bug(SHAPE, r"train_data\[0\] has shape \(32, 32\).*channel axis")
class ChannelAxisMissing(Changed):
    def change(self, image, index):
        return image[0]


@dataset_bug(SHAPE, r"test_data\[37\] has shape \(1, 28, 28\)", "test_data")
class OneSampleUnpadded(Changed):
    def change(self, image, index):
        return image[:, 2:-2, 2:-2] if index == 37 else image


@dataset_bug(SHAPE, r"is torch\.float64, but the models compute in torch\.float32")
class DoublePrecision(Changed):
    def change(self, image, index):
        return image.double()


@dataset_bug(SHAPE, r"train_data\[11\] has values that are not finite", "train_data")
class DividedByZeroSpread(Changed):
    def change(self, image, index):
        image = torch.zeros_like(image) if index == 11 else image
        return (image - image.mean()) / image.std()


@dataset_bug(RANGE, r"train_data has values from 0 to 1, which is one half.*\[0, 1\] in place of")
class ScaledToZeroOne(Changed):
    def change(self, image, index):
        return (image + 1) / 2


@dataset_bug(RANGE, r"test_data has values from 0 to 1", "test_data")
class TestSplitNotRescaled(Changed):
    def change(self, image, index):
        return (image + 1) / 2


@dataset_bug(RANGE, r"values from -1 to -0\.99.*scaled twice")
class DividedBy255Twice(Changed):
    def change(self, image, index):
        return (image + 1) / 255 - 1


@dataset_bug(RANGE, r"values from 0 to 255, but data_range is \[-1, 1\].*not at all")
class NotScaled(Changed):
    def change(self, image, index):
        return (image + 1) / 2 * 255


@dataset_bug(RANGE, r"from -2 to 0, but data_range is \[-1, 1\].*wrong constants")
class AffineSlip(Changed):
    """2 * (x - 1) for 2 * x - 1."""

    def change(self, image, index):
        return image - 1


@dataset_bug(RANGE, r"from -0\.42\d* to 2\.8")
class ClassificationStatistics(Changed):
    def change(self, image, index):
        return ((image + 1) / 2 - 0.1307) / 0.3081


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100 samples changed.*switched off", "train_data")
class AugmentationOff(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 0.0)


@dataset_bug(AUGMENTATION, r"test_data: 50 of 50 samples changed.*applied here too", "test_data")
class TestSplitAugmented(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 5.0)


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100.*drawn once", "train_data")
class RotationDrawnOnce(MNISTSplit):
    def __getitems__(self, indices):
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            return super().__getitems__(indices)


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100.*seeded by the index", "train_data")
class RotationSeededByIndex(MNISTSplit):
    def __getitems__(self, indices):
        samples = []
        for index in indices:
            with torch.random.fork_rng([]):
                torch.manual_seed(index)
                samples += super().__getitems__([index])
        return samples


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100.*cached", "train_data")
class Cached(MNISTSplit):
    @functools.cache  # noqa: B019  the bug
    def __getitem__(self, index):
        return super().__getitem__(index)


@dataset_bug(AUGMENTATION, r"train_data: 1 of 100 samples changed", "train_data")
class OnlyFirstSampleAugmented(MNISTSplit):
    def __getitem__(self, index):
        self.max_rotation = 5.0 if index == 0 else 0.0
        return super().__getitem__(index)


@dataset_bug(MAIN_PROCESS, r"test_data: a DataLoader with 0 workers raised IndexError", "test_data")
class OneSampleTooMany(MNISTSplit):
    def __len__(self):
        return super().__len__() + 1


@dataset_bug(MAIN_PROCESS, r"sample 0 of a DataLoader with 0 workers differs.*shared buffer")
class SharedBuffer(MNISTSplit):
    """Every image is written into one buffer: a batch holds the last image many times."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.buffer = torch.zeros(1, 32, 32)

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(self.buffer.copy_(image), label) for image, label in samples]


@dataset_bug(MAIN_PROCESS, r"test_data: .* raised RuntimeError.*same shape", "test_data")
class RaggedBatch(Changed):
    def change(self, image, index):
        return image[:, : 32 - index % 2]


@dataset_bug(MAIN_PROCESS, r"delivers \d+ batches of \d+ samples; expected \d+ of")
class BatchDropsBlankImages(MNISTSplit):
    def __getitems__(self, indices):
        return [sample for sample in super().__getitems__(indices) if sample[0].mean() > -0.8]


@dataset_bug(WORKERS, r"test_data.*with 2 workers differs from that of test_data\[", "test_data")
class ShardedTwice(MNISTSplit):
    """Takes its share of the samples in a worker, although the DataLoader shares them already."""

    def __getitems__(self, indices):
        worker = get_worker_info()
        if worker is not None:
            indices = [(i * worker.num_workers + worker.id) % len(self) for i in indices]
        return super().__getitems__(indices)


@dataset_bug(WORKERS, r"with 2 workers raised RuntimeError.*works? in another process")
class LockedToItsProcess(MNISTSplit):
    def __getitems__(self, indices):
        if get_worker_info() is not None:
            raise RuntimeError("the connection belongs to another process")
        return super().__getitems__(indices)


@dataset_bug(PICKLING, r"train_data cannot be pickled.*lambda", "train_data")
class HoldsLambda(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.transform = lambda image: 2 * image - 1


@dataset_bug(PICKLING, r"test_data\[0\] is another image once test_data was pickled", "test_data")
class PermutationNotPickled(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.order = list(range(len(self)))
        random.Random(0).shuffle(self.order)

    def __getitems__(self, indices):
        return super().__getitems__([self.order[i] for i in indices])

    def __getstate__(self):
        return {**vars(self), "order": list(range(len(self)))}


@dataset_bug(LABELS, r"test_data has no sample of the classes \[0\].*off by one", "test_data")
class LabelsOffByOne(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(SAMPLE.test_data.images, labels + 1, max_rotation)


@dataset_bug(LABELS, r"test_data has no sample of the classes \[3, 4, .*sorted data", "test_data")
class CutFromSortedData(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels.sort().values % 3, max_rotation)


@dataset_bug(LABELS, r"train_data\[0\] has the label .*expected an integer from 0", "train_data")
class FloatingLabels(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels / 9, max_rotation)


class OwnGenerator(MNISTSplit):
    """Draws the angles from a generator that the dataset owns."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rng = np.random.default_rng(0)

    def __getitems__(self, indices):
        with torch.random.fork_rng([]):
            torch.manual_seed(int(self.rng.integers(2**31)))
            return super().__getitems__(indices)


@dataset_bug(FRESH, r"64 times in one batch, and got one and the same image", "train_data")
class OneAngleForTheBatch(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 0.0)

    def __getitems__(self, indices):
        angle = torch.empty(()).uniform_(-5, 5).item()
        samples = super().__getitems__(indices)
        return [(rotate(image + 1, angle) - 1, label) for image, label in samples]


@dataset_bug(
    FRESH, r"two workers read train_data\[\d+\] 64 times each.*every worker copies", "train_data"
)
class GeneratorCopiedToWorkers(OwnGenerator):
    pass


@dataset_bug(FRESH, r"two epochs read train_data\[\d+\] 64 times", "train_data")
class GeneratorSeededByWorker(OwnGenerator):
    """Different in every worker, but the same again in every epoch."""

    def __getitems__(self, indices):
        worker = get_worker_info()
        if worker is not None and not hasattr(self, "seeded"):
            self.seeded = True
            self.rng = np.random.default_rng(worker.id)
        return super().__getitems__(indices)


@dataset_bug(DRIFT, r"train_data: images drift away.*written back", "train_data")
class RotationsAccumulate(MNISTSplit):
    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        self.images = self.images.clone()
        for index, (image, _) in zip(indices, samples, strict=True):
            self.images[index] = ((image[0, 2:-2, 2:-2] + 1) * 127.5).byte()
        return samples


@dataset_bug(
    END, r"train_data\[100\] returns a sample, but the length is 100.*wrapped", "train_data"
)
class WrapsAround(MNISTSplit):
    def __getitems__(self, indices):
        return super().__getitems__([i % len(self) for i in indices])


@dataset_bug(END, r"test_data\[50\] raises KeyError where the length is 50", "test_data")
class WrongError(MNISTSplit):
    def __getitems__(self, indices):
        try:
            return super().__getitems__(indices)
        except IndexError:
            raise KeyError(indices[0]) from None


@dataset_bug(END, r"returns a sample, but the length is 49", "test_data")
class OneSampleTooFew(MNISTSplit):
    def __len__(self):
        return super().__len__() - 1


@dataset_bug(NEGATIVE, r"test_data\[-1\] is not the last sample", "test_data")
class OffsetAdded(MNISTSplit):
    """The first samples belong to another split."""

    def __len__(self):
        return super().__len__() - 10

    def __getitems__(self, indices):
        if max(indices) >= len(self):
            raise IndexError
        return super().__getitems__([i + 10 for i in indices])


@dataset_bug(
    INDEX, r"test_data returns other samples when it is read backwards.*cursor", "test_data"
)
class Cursor(MNISTSplit):
    position = 0

    def __getitems__(self, indices):
        start = self.position
        self.position += len(indices)
        return super().__getitems__([(start + i) % len(self) for i in range(len(indices))])


@dataset_bug(INDEX, r"test_data has 1 different images at 50 indices.*index ignored", "test_data")
class IndexIgnored(MNISTSplit):
    def __getitems__(self, indices):
        return super().__getitems__([0] * len(indices))


@dataset_bug(INDEX, r"test_data has 10 different images at 50 indices.*index", "test_data")
class NamesCollide(MNISTSplit):
    """Images are kept by the names of their files, which every folder begins at 0.png again."""

    def __init__(self, images, labels, max_rotation):
        by_name = {f"{index % 10}.png": image for index, image in enumerate(images)}
        images = torch.stack([by_name[f"{index % 10}.png"] for index in range(len(images))])
        super().__init__(images, labels, max_rotation)


@dataset_bug(MAIN_PROCESS, r"the image of sample \d+ of a DataLoader.*mix up", "test_data")
class BatchInTheOrderOfTheFile(MNISTSplit):
    """Read in one go from the first to the last; the labels come as they were asked for."""

    def __getitems__(self, indices):
        samples = super().__getitems__(sorted(indices))
        labels = self.labels[indices].tolist()
        return [(image, label) for (image, _), label in zip(samples, labels, strict=True)]


@dataset_bug(MAIN_PROCESS, r"train_data: the label of sample \d+ of a DataLoader", "train_data")
class LabelOfTheFirst(MNISTSplit):
    def __getitems__(self, indices):
        first = int(self.labels[indices[0]])
        return [(image, first) for image, _ in super().__getitems__(indices)]


@dataset_bug(
    FOLLOWING,
    r"test_data: \d+ of 50 images have the label of the image .*shuffled, sorted or shifted",
    "test_data",
    labels_follow_images=True,
)
class LabelsShifted(MNISTSplit):
    """By one, as where a header was taken for a label."""

    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels.roll(1), max_rotation)


@dataset_bug(MEMORY, r"test_data\[0\] is a view of the dataset.*\.clone\(\)", "test_data")
class ViewOfTheStorage(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        plain = MNISTSplit(*arguments)
        self.stored = [plain[i] for i in range(len(plain))]

    def __getitems__(self, indices):
        return [self.stored[i] for i in indices]


@dataset_bug(
    GENERATOR,
    r"Reading train_data\[0\] sets the global random generator.*manual_seed",
    "train_data",
)
class SeedsInGetItem(MNISTSplit):
    def __getitems__(self, indices):
        torch.manual_seed(0)
        return super().__getitems__(indices)


@dataset_bug(
    GENERATOR, r"test_data\[0\] sets the global random generator.*repeat themselves", "test_data"
)
class SeedsForTheTest(MNISTSplit):
    """Every epoch after an evaluation has the same order, noise and augmentation."""

    def __getitems__(self, indices):
        torch.manual_seed(0)
        return super().__getitems__(indices)


@dataset_bug(
    LEAKAGE,
    r"[345]\d of 50 samples of test_data are in train_data too.*taken for the other",
    "test_data",
)
class TestIsTrain(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(SAMPLE.train_data.images[:50], SAMPLE.train_data.labels[:50], max_rotation)


@dataset_bug(
    LEAKAGE, r"\d of 50 samples of test_data are in train_data too.*slices overlap", "test_data"
)
class SlicesOverlap(MNISTSplit):
    """Six of fifty, one in eight, and train is augmented."""

    def __init__(self, images, labels, max_rotation):
        images = images.clone()
        images[:6] = SAMPLE.train_data.images[94:100]
        super().__init__(images, labels, max_rotation)


@dataset_bug(LEAKAGE, r"[34]\d of 50 samples of test_data are in train_data too", "train_data")
class TrainContainsTest(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        images = torch.cat([images, SAMPLE.test_data.images[:50]])
        super().__init__(images, labels, max_rotation)


@dataset_bug(RANGE, r"train_data has values from -1\.\d+ to 1\.\d+", "train_data")
class NoiseBeyondTheRange(Changed):
    def change(self, image, index):
        return image + 0.1 * torch.randn_like(image)


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100 samples changed", "train_data")
class AlwaysTheSameAngle(MNISTSplit):
    """A range of zero width: every image is turned by five degrees."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        plain = MNISTSplit(self.images, self.labels, 0).__getitems__(indices)
        turned = [rotate(image, 5.0) for image, _ in plain]
        return [(image, label) for image, (_, label) in zip(turned, samples, strict=True)]


@dataset_bug(SLIGHT, r"nearer to another one.*stronger than meant", slight_augmentation=True)
class DegreesTakenForRadians(MNISTSplit):
    """Any angle at all."""

    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 180 if max_rotation else 0)


@dataset_bug(SLIGHT, r"nearer to another one.*left and a right", slight_augmentation=True)
class DigitsMirrored(Changed):
    def change(self, image, index):
        return image.flip(-1) if self.max_rotation and torch.rand(()) < 0.5 else image


@dataset_bug(PROCESSES, r"test_data has \d\d samples, and \d\d .*as it is in every new process")
class SplitBySaltedHash(MNISTSplit):
    """What a run trains with is another part in every process, and tests with the rest."""

    def __init__(self, images, labels, max_rotation):
        kept = [i for i in range(len(images)) if hash(f"image {i}") % 10]
        super().__init__(images[kept], labels[kept], max_rotation)
