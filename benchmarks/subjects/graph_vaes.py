"""The variational graph autoencoder of PyTorch Geometric: nodes of one graph, and its edges."""

import torch
from torch import Tensor, nn
from torch_geometric.nn import VGAE, GCNConv

from .graph_models import EDGES
from .subject import normal, vae

PACKAGE = "torch-geometric"


class NodeEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.mu, self.log_sigma = GCNConv(5, 16), GCNConv(16, 4), GCNConv(16, 4)

    def forward(self, signals: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(signals, edges).relu()
        return self.mu(hidden, edges), self.log_sigma(hidden, edges)


def adjacency(self, net: nn.Module, z: Tensor) -> Tensor:
    return torch.sigmoid(z @ z.transpose(-1, -2))


HOOKS = {
    "call": lambda self, net, signals: adjacency(
        self, net, net.encode(signals, EDGES.to(signals.device))
    ),
    "encode": lambda self, net, signals: net.encoder(signals, EDGES.to(signals.device)),
    "decode": adjacency,
    "output_shape": (4, 6, 6),
}

SUBJECTS = [vae("VGAE", lambda: VGAE(NodeEncoder()), normal(4, 6, 5), **HOOKS)]
