# SPDX-License-Identifier: MIT
"""Properties of weights that have several names: they stay one tensor."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from torch import Tensor, nn

from ..contract import matching
from ..instruments.copies import copy_of, uncompiled
from ..instruments.seeds import seeded
from .premises import MODEL_ERRORS, said_by
from .probing import ModelProbe


class TyingTests(ModelProbe):
    """Tests of tied weights. Part of AbstractTestModel."""

    def test_tied_parameters_are_one(self):
        """Declared names of one parameter are one parameter."""
        if not self.tied_parameters:
            self.skipTest(f"{type(self).__name__}.tied_parameters is empty.")
        net = uncompiled(self.net)
        named = dict(net.named_parameters(remove_duplicate=False))
        for group in self.tied_parameters:
            self.check_one(net, self.named_in(group, named), "in a new net")

    def named_in(self, group: tuple[str, ...], named: Collection[str]) -> list[str]:
        """The names of a declared group, whose patterns may stand for several."""
        if isinstance(group, str):
            self.fail(
                f"tied_parameters has {group!r} where a group of names is expected.\nDeclare each "
                f'group as a tuple: tied_parameters = (("embed.weight", "head.weight"),).'
            )
        found = matching(self, "tied_parameters", named, "parameter", group)
        if len(found) < 2:
            self.fail(
                f"tied_parameters has the group {tuple(group)}, which names {len(found)} "
                f"parameters of {self.net_name()}.\nNothing can differ in it: name all parameters "
                f"that are one."
            )
        return [name for name in named if name in found]

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
        except MODEL_ERRORS as error:
            self.skipTest(f"The state_dict does not load into a new net: {said_by(error)}")
        for names in groups:
            self.check_one(loaded, names, "in a new net that loaded a state_dict")

    def check_one(self, net: nn.Module, names: Sequence[str], where: str):
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
