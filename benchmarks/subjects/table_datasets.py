"""Tables of pandas."""

import tempfile
from pathlib import Path

import numpy as np
import pandas
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .subject import dataset

PACKAGE = "pandas"
PLAIN = {"augmented_splits": (), "data_range": None}


def table(train: bool) -> pandas.DataFrame:
    """Houses: two numbers, a category and a price."""
    random = np.random.default_rng(int(train))
    area, age = random.uniform(20, 200, 60), random.uniform(0, 90, 60)
    town = pandas.Categorical.from_codes(random.integers(0, 3, 60), ["a", "b", "c"])
    price = 5 * area - age + 20 * town.codes
    return pandas.DataFrame({"area": area, "age": age, "town": town, "price": price})


class Rows(Dataset):
    """The numbers of a row as one tensor."""

    def __init__(self, train: bool):
        rows = table(train)
        self.inputs = rows[["area", "age"]].to_numpy(dtype="float32")
        self.prices = rows["price"].to_numpy(dtype="float32")

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return torch.tensor(self.inputs[index]), torch.tensor(self.prices[index])


class MixedRows(Dataset):
    """Numbers and the code of a category as two inputs, with a target, by name."""

    def __init__(self, train: bool):
        self.rows = table(train)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        row = self.rows.iloc[index]
        return {
            "numbers": torch.tensor([row["area"], row["age"]], dtype=torch.float32),
            "town": torch.tensor(self.rows["town"].cat.codes.iloc[index], dtype=torch.int64),
            "target": torch.tensor(row["price"], dtype=torch.float32),
        }


class CSVFile(Dataset):
    """Read from a file; the target is one of three classes."""

    def __init__(self, path: Path):
        rows = pandas.read_csv(path)
        self.inputs = torch.tensor(rows[["area", "age"]].values, dtype=torch.float32)
        self.towns = torch.tensor(rows["town"].map({"a": 0, "b": 1, "c": 2}).values)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.inputs[index].clone(), self.towns[index].clone()


def csv_file(train: bool) -> CSVFile:
    path = Path(tempfile.gettempdir()) / f"houses{train}.csv"
    table(train).to_csv(path)
    return CSVFile(path)


FLOATS = {**PLAIN, "target_dtype": torch.float32}

SUBJECTS = [
    dataset("rows", Rows, (2,), **FLOATS),
    dataset(
        "mixed_rows",
        MixedRows,
        [(2,), ()],
        input_key=("numbers", "town"),
        data_dtype=[torch.float32, torch.int64],
        **FLOATS,
    ),
    dataset("csv_file", csv_file, (2,), **PLAIN),
]
