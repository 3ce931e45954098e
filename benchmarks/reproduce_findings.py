"""Shows every finding in subjects/findings.yaml without the suites.

python benchmarks/reproduce_findings.py [PATTERN]

runs the few lines that reproduce each finding, in a process of its own, and says which of them no
longer stand: their packages may have mended what was found. Needs
benchmarks/real_models_requirements.txt, and no Windows.
"""

import fnmatch
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import yaml
from judging import in_a_process

FINDINGS = Path(__file__).parent / "subjects" / "findings.yaml"
MOST_LINES = 5


def reproductions(pattern: str) -> Iterator[tuple[str, str]]:
    """Name and code of each finding; a code that several tests share comes once."""
    findings = yaml.safe_load(FINDINGS.read_text(encoding="utf-8"))
    seen = set()
    for subject, tests in findings.items():
        for test, finding in tests.items():
            if finding["reproduced"] not in seen and fnmatch.fnmatch(subject, f"*{pattern}*"):
                seen.add(finding["reproduced"])
                yield f"{subject}, {test}", finding["reproduced"]


def stands(code: str) -> bool:
    """Whether the last line of a code is true, after those before it."""
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    *lines, last = code.strip().splitlines()
    if len(lines) >= MOST_LINES + code.count("import "):
        raise ValueError(f"It has more than {MOST_LINES} lines beside its imports.")
    names = {"raises": raises}
    exec("\n".join(lines), names)
    return bool(eval(last, names))


def raises(error: type[Exception], function: Callable, *arguments: object) -> bool:
    try:
        function(*arguments)
    except error:
        return True
    return False


def main() -> None:
    wrong = 0
    for name, code in reproductions(sys.argv[1] if len(sys.argv) > 1 else ""):
        found = in_a_process(stands, code, seconds=120)
        wrong += found is not True
        print(f"{'stands' if found is True else found}  {name}", flush=True)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
