"""Puts what the benchmarks wrote into the README and docs/measurements.md.

python benchmarks/embed.py

replaces every block there that stands under a comment with the name of a file in docs, such as
`<!-- docs/suite_time.txt -->`, by the content of that file.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- (docs/\w+\.txt) -->\n```\n)(.*?)(?=```)", re.DOTALL)


PAGES = ("README.md", "docs/measurements.md")


def embedded(page: str) -> str:
    return BLOCK.sub(lambda block: block[1] + (ROOT / block[2]).read_text("utf-8"), page)


def main() -> None:
    for path in (ROOT / page for page in PAGES):
        path.write_text(embedded(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
