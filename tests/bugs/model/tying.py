"""Bugs that the checks of suites/model/tying.py are meant for."""

import torch
from torch import nn

from ...seeding import model_bug
from .bases import TiedLanguageModel

DECLARED = "test_tied_parameters_are_one"
SHARED = "test_shared_weights_stay_shared"
LOST = "huggingface/transformers#42612, #43429, facebookresearch/lingua#75"


def tying_bug(check: str, message: str, source: str = LOST, **attributes):
    names = {"tied_parameters": (("embed.weight", "head.weight"),)} if check == DECLARED else {}
    settings = {"inputs": lambda: torch.arange(12).reshape(4, 3) % 11, "output_shape": None}
    return model_bug(check, message, source=source, **{**settings, **names, **attributes})


@tying_bug(DECLARED, r"embed\.weight and head\.weight are two separate tensors in a new net")
class TyingUndoneByAnInitialisation(TiedLanguageModel):
    """The head gets weights of its own after it was tied."""

    def __init__(self):
        super().__init__()
        self.head.weight = nn.Parameter(torch.randn(11, 6) / 6)


@tying_bug(
    DECLARED, r"embed\.weight and head\.weight are two parameters of one memory in a new net"
)
class TiedByData(TiedLanguageModel):
    """An optimizer updates them twice, and a copy or a move parts them."""

    def __init__(self):
        super().__init__()
        self.head.weight = nn.Parameter(self.embed.weight.data)


@tying_bug(
    DECLARED,
    r"tied_parameters has 'lm_head\.weight', but .* has no such parameter",
    source="common knowledge",
    tied_parameters=(("embed.weight", "lm_head.weight"),),
)
class TiesALayerThatWasRenamed(TiedLanguageModel):
    pass


@tying_bug(
    DECLARED,
    r"tied_parameters has 'decoder\.\*', but .* has no such parameter",
    source="common knowledge",
    tied_parameters=(("embed.weight", "decoder.*"),),
)
class TiesAPatternThatMatchesNothing(TiedLanguageModel):
    pass


@tying_bug(
    DECLARED,
    r"the group \('embed\.\*',\), which names 1 parameters of .*name all",
    source="common knowledge",
    tied_parameters=(("embed.*",),),
)
class TiesOneParameterOnly(TiedLanguageModel):
    pass


@tying_bug(
    DECLARED,
    r"tied_parameters has 'embed\.weight' where a group of names is expected.*as a tuple",
    source="common knowledge",
    tied_parameters=("embed.weight", "head.weight"),
)
class TiesNamesWithoutAGroup(TiedLanguageModel):
    pass


@tying_bug(SHARED, r"embed\.weight and head\.weight are two separate tensors in a copy by copy")
class PartedByACopy(TiedLanguageModel):
    def __init__(self):
        super().__init__()
        self.head.weight = nn.Parameter(self.embed.weight.data)


@tying_bug(SHARED, r"are two separate tensors in a new net that loaded a state_dict")
class PartedByLoading(TiedLanguageModel):
    """It makes room for vocabularies of other sizes, and forgets the head."""

    def load_state_dict(self, state_dict, strict=True, assign=False):
        self.embed = nn.Embedding(*state_dict["embed.weight"].shape)
        return super().load_state_dict(state_dict, strict, assign)
