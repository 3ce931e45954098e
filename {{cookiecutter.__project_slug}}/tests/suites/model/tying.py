# SPDX-License-Identifier: MIT
"""Properties of weights that have several names: they stay one tensor."""

from collections import defaultdict

from torch import Tensor, nn

from ..instruments.copies import copy_of, uncompiled
from ..instruments.seeds import seeded
from .premises import said_by
from .probing import ModelProbe


class TyingTests(ModelProbe):
    """Tests of tied weights. Part of AbstractTestModel."""

    def test_tied_parameters_are_one(self):
        """Declared names of one parameter are one parameter."""
        if not self.tied_parameters:
            self.skipTest(f"{type(self).__name__}.tied_parameters is empty.")
        net = uncompiled(self.net)
        named = dict(net.named_parameters(remove_duplicate=False))
        for names in self.tied_parameters:
            missing = [name for name in names if name not in named]
            if missing:
                self.fail(
                    f"tied_parameters has {missing[0]!r}, but {self.net_name()} has no such "
                    f"parameter.\nThe first names are {list(named)[:4]}."
                )
            self.check_one(net, names, "in a new net")

    def test_shared_weights_stay_shared(self):
        """Weights that have several names are still one after copying, and after loading."""
        self.require_running()
        net = uncompiled(self.net)
        groups = shared_names(net)
        if not groups:
            self.skipTest(f"{self.net_name()} shares no weights.")
        copied = copy_of(net)
        for names in groups:
            self.check_one(copied, names, "in a copy by copy.deepcopy")
        with seeded(2):
            loaded = self.newly_built_net()
        try:
            loaded.load_state_dict(copied.state_dict())
        except RuntimeError as error:
            self.skipTest(f"The state_dict does not load into a new net: {said_by(error)}")
        for names in groups:
            self.check_one(loaded, names, "in a new net that loaded a state_dict")

    def check_one(self, net: nn.Module, names: tuple[str, ...], where: str):
        named = dict(net.named_parameters(remove_duplicate=False))
        first, *others = names
        for other in others:
            if named[other] is named[first]:
                continue
            shares = named[other].data_ptr() == named[first].data_ptr()
            found = "two parameters of one memory" if shares else "two separate tensors"
            self.fail(
                f"{self.net_name()}: {first} and {other} are {found} {where}; expected one.\nTie "
                f"them in __init__ by assigning the parameter itself, not its .data or a copy: "
                f"an optimizer, a copy and a checkpoint otherwise part them."
            )


def shared_names(net: nn.Module) -> list[tuple[str, ...]]:
    """Names of parameters that lie in the same memory from its start, in groups."""
    groups: dict[tuple, list[str]] = defaultdict(list)
    for name, parameter in net.named_parameters(remove_duplicate=False):
        groups[place_of(parameter)].append(name)
    return [tuple(names) for place, names in groups.items() if len(names) > 1 and place[0]]


def place_of(parameter: Tensor) -> tuple:
    return parameter.data_ptr(), tuple(parameter.shape), parameter.stride()
