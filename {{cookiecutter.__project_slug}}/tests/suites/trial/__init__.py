# SPDX-License-Identifier: MIT
"""Runs a suite on a model or a dataset without a test file, and writes one on demand."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from ..dataset import AbstractTestDataset
from ..model import AbstractTestModel
from ..vae import AbstractTestVAE
from .case_file import PACKAGE, CaseFile, check_new
from .datasets import dataset_case
from .declared import bounds, declared
from .models import model_case
from .report import run
from .subject import Refusal, parsed

EXAMPLES = f"""examples:
  python -m {PACKAGE} torchvision.models:resnet18 --inputs 4,3,64,64
  python -m {PACKAGE} "mypackage.model:Net(10, depth=3)" --inputs 4,20 --outputs 4,10
  python -m {PACKAGE} mypackage.model:Words --inputs 4,16:1000      integers from 0 to 999
  python -m {PACKAGE} mypackage.model:Pair --inputs 4,20 4,30       two inputs
  python -m {PACKAGE} mypackage.model:Pair --inputs x=4,20 y=4,30   the same, by name
  python -m {PACKAGE} mypackage.model:VAE --vae --inputs 4,1,32,32 --range -1 1
  python -m {PACKAGE} timm:resnet10t --inputs 4,3,64,64             timm.create_model("resnet10t")
  python -m {PACKAGE} mypackage.data:Images --dataset --range 0 1
Where a shell reads brackets or quotes itself, put the argument in quotes.
"""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message.rstrip('.')}. --help shows examples.\n")


def make_parser() -> Parser:
    parser = Parser(
        prog=f"python -m {PACKAGE}",
        usage=f"python -m {PACKAGE} MODULE:NAME --inputs SHAPE [SHAPE ...] [other options]",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("subject", metavar="MODULE:NAME", nargs="?", help="a class or function is called")
    many: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
    add("--inputs", metavar="SHAPE", help="shape of each input, with the batch first", **many)
    add("--outputs", metavar="SHAPE", help="shape of each output (default: as found)", **many)
    add("--range", nargs=2, type=float, metavar=("LOW", "HIGH"), help="of outputs, or of data")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--vae", action="store_true", help="it has encode, bottleneck and decode")
    kind.add_argument("--dataset", action="store_true", help="or has train_data and test_data")
    add("--declare", metavar="NAME=VALUE", help="an attribute, as pretrained=True", **many)
    add("--write", type=Path, metavar="FILE", help="keep the test case, as tests/test_net.py")
    return parser


def case_of(options: argparse.Namespace) -> CaseFile:
    if options.subject is None:
        raise Refusal("MODULE:NAME is missing; it comes first, as torchvision.models:resnet18")
    subject = parsed(options.subject)
    if options.dataset:
        if options.inputs or options.outputs:
            raise Refusal("--inputs and --outputs are those of a model, --dataset has none")
        attributes = declared(AbstractTestDataset, options.declare)
        if options.range:
            attributes["data_range"] = bounds(*options.range)
        return dataset_case(subject, attributes)
    suite = AbstractTestVAE if options.vae else AbstractTestModel
    attributes = declared(suite, options.declare)
    if options.range:
        attributes["output_range"] = bounds(*options.range)
    return model_case(subject, suite, attributes, options.inputs, options.outputs)


def main(arguments: list[str] | None = None):
    """Ends with 0 where all checks pass, 1 where one fails, 2 for what cannot be tried."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        if options.write:
            check_new(options.write)
        case = case_of(options)
    except Refusal as refusal:
        parser.error(str(refusal))
    with tempfile.TemporaryDirectory() as folder:
        path = options.write or Path(folder) / f"test_{case.name.lower()}.py"
        path.write_text(case.text(), encoding="utf-8")
        passed = run(path)
    print(how_to_go_on(path, options.write is not None))
    sys.exit(0 if passed else 1)


def how_to_go_on(path: Path, is_kept: bool) -> str:
    if not is_kept:
        return f"To keep this test case: --write tests/{path.name}"
    if path.resolve().is_relative_to(Path.cwd()):  # unittest knows no file outside
        return f"Written: {path}. It runs with `python -m unittest {path}`."
    return f"Written: {path}."
