"""Bugs that the checks of suites/dataset/numbering.py are meant for."""

from ...made_datasets import Made, digit, made, text
from ...seeding import made_dataset_bug

NUMBERING = "test_splits_number_classes_and_words_alike"


class Listed(Made):
    """Holds the names of its classes, as they came."""

    def __init__(self, *arguments, classes, **others):
        super().__init__(*arguments, **others)
        self.classes = classes


@made_dataset_bug(
    NUMBERING,
    r"'\w+' is number \d in test_data.classes, and \d in train_data.classes: 3 of 3 names",
    source="ImageFolder of a test folder in which a class is missing",
)
def classes_listed_by_each_split():
    attributes = made(digit, (1, 32, 32))
    data = attributes["data"]
    data.train_data = Listed(digit, 120, classes=["ant", "bee", "cat"])
    data.test_data = Listed(digit, 60, start=120, classes=["bee", "cat", "ant"])
    return attributes


class Worded(Made):
    def __init__(self, words: str, *arguments):
        super().__init__(*arguments)
        self.word_to_id = {word: i + 1 for i, word in enumerate(words.split())}


@made_dataset_bug(
    NUMBERING,
    r"'a' is number 2 in test_data.word_to_id, and 1 in train_data.*2 of 2 names.*its own",
)
def a_vocabulary_for_each_split():
    attributes = made(kind, (20,))
    data = attributes["data"]
    data.train_data, data.test_data = Worded("a b c", kind, 120), Worded("b a d", kind, 60, 120)
    return attributes


def kind(index):
    return text(index, 20)
