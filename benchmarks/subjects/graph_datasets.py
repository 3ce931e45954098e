"""Graphs of PyTorch Geometric, which the suites do not support."""

from torch_geometric.datasets import FakeDataset
from torch_geometric.loader import DataLoader

from .subject import dataset

PACKAGE = "torch-geometric"


def graphs(train: bool) -> FakeDataset:
    return FakeDataset(num_graphs=8, avg_num_nodes=6, num_channels=3)


def batches(train: bool) -> DataLoader:
    return DataLoader(graphs(train), batch_size=4)


SUBJECTS = [
    dataset("graphs", graphs, (None, 3), refused=True),
    dataset("batches", batches, (None, 3), refused=True),
]
