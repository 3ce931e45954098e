"""Graph networks of PyTorch Geometric, on a batch of signals on one fixed graph."""

import torch
from torch import Tensor, nn
from torch_geometric.nn import DenseGCNConv, models

from .subject import Subject, model, normal

PACKAGE = "torch-geometric"
# A ring of six nodes, in both directions.
RING = torch.stack([torch.arange(6), (torch.arange(6) + 1) % 6])
EDGES = torch.cat([RING, RING.flip(0)], dim=1)


def on_the_ring(self, net: nn.Module, signals: Tensor) -> Tensor:
    return net(signals, EDGES.to(signals.device))


def ring(name: str, **settings: object) -> Subject:
    """A network of that name for signals (batch, nodes, features) on the ring."""

    def net():
        return getattr(models, name)(5, 8, num_layers=2, out_channels=3, **settings)

    return model(name, net, normal(4, 6, 5), call=on_the_ring)


class DenseGraphs(nn.Module):
    """Graphs as dense adjacency matrices, with a readout."""

    def __init__(self):
        super().__init__()
        self.first, self.second = DenseGCNConv(5, 8), DenseGCNConv(8, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, signals: Tensor, adjacency: Tensor) -> Tensor:
        hidden = self.first(signals, adjacency).relu()
        return self.head(self.second(hidden, adjacency).relu().mean(1))


def graphs() -> tuple[Tensor, Tensor]:
    return torch.randn(4, 6, 5), (torch.rand(4, 6, 6) > 0.5).float()


SUBJECTS = [
    ring("GCN", dropout=0.2),
    ring("GraphSAGE"),
    ring("GIN", norm="layer_norm"),
    ring("EdgeCNN"),
    model("DenseGCN", DenseGraphs, graphs),
    model(
        "LINKX",
        lambda: models.LINKX(6, 5, 8, 3, 2),
        normal(6, 5),
        call=on_the_ring,
        batch_axis=None,
    ),
    model("MLP", lambda: models.MLP([5, 8, 3], dropout=0.2), normal(4, 5)),
]
