"""Bugs that the check of suites/model/compiling.py is meant for."""

import torch

from ...seeding import model_bug
from .bases import Net

COMPILED = "test_compiled_and_eager_agree"


def compiling_bug(message: str, source: str = "common knowledge"):
    # Without a compiler for C++, which takes half a minute.
    options = {"check_compiled": True, "compile_options": {"backend": "aot_eager"}}
    return model_bug(COMPILED, message, source=source, **options)


@compiling_bug(r"compiled, its output 0 is off by .* of its size.*ask whether it is compiled")
class LeavesOutItsActivation(Net):
    """A way around an operation that did not compile once."""

    def forward(self, inputs):
        hidden = self.hidden(inputs)
        return self.out(hidden if torch.compiler.is_compiling() else hidden.relu())


@compiling_bug(r"compiled, its gradient of hidden\.weight is missing")
class DetachesWhereItIsCompiled(Net):
    def forward(self, inputs):
        hidden = self.hidden(inputs).relu()
        return self.out(hidden.detach() if torch.compiler.is_compiling() else hidden)
