"""The files that stand in docs/adopting.md, each in a block that begins with its path."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import suites

from . import loops
from .rendering import TEMPLATE

BLOCK = re.compile(r"```python\n# (\S+\.py)\n(.*?)```", re.DOTALL)
PAGE = TEMPLATE / "docs" / "adopting.md"
# What the tests of these import is not on every machine.
OF_FRAMEWORKS = {
    "tests/test_lightning.py": "lightning",
    "tests/test_hugging_face.py": "transformers",
    "tests/test_ignite.py": "ignite",
}


def files() -> dict[str, str]:
    """The text of each file, by its path."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def write_to(folder: Path, names: list[str]):
    """Pastes files into a project, with packages around them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(files()[name], encoding="utf-8")


def imported(name: str) -> ModuleType:
    """A test file of a framework's, as a module; its project is tests/loops."""
    sys.modules.setdefault("my_project", loops)
    if importlib.util.find_spec("unittest_torch") is None:
        sys.modules["unittest_torch"] = suites
    module = ModuleType(Path(name).stem)
    sys.modules[module.__name__] = module
    exec(compile(files()[name], name, "exec"), vars(module))
    return module
