"""Says where the new project is and what to do there. The project is complete without it."""

import json
import os

# A list, because a lone JSON string ends in a quote, and four quotes close the literal too early.
NAME, SLUG, PACKAGE = json.loads(
    r"""{{ [
        cookiecutter.__project_name,
        cookiecutter.__project_slug,
        cookiecutter.__package_name,
    ] | tojson }}"""
)

RENAMED = """\
Its name differs from what you typed: it holds a-z, 0-9 and hyphens, and some names are taken.
"""

NEXT_STEPS = f"""\
In that folder:
  Install:        python -m pip install -e ".[test]"
  Test:           python -m unittest
  Train:          python -m {PACKAGE}.run --sample
  Add a variant:  see "Add your own variant" in README.md
"""


def summary(folder: str) -> str:
    """Six lines at most, in ASCII: a console may have any encoding, a folder any name."""
    renamed = "-".join(NAME.lower().split()) != SLUG
    text = f"Your project is in {folder}\n{RENAMED if renamed else ''}{NEXT_STEPS}"
    return text.encode("ascii", "backslashreplace").decode("ascii")


if __name__ == "__main__":
    print(summary(os.getcwd()), end="")
