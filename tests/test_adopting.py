"""What docs/adopting.md tells to paste runs in a project that is not of this template."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path

from . import PROJECT, adopting_page


class TestPage(unittest.TestCase):
    def test_its_blocks_run_as_they_stand(self):
        names = [n for n in adopting_page.files() if n not in adopting_page.OF_FRAMEWORKS]
        with tempfile.TemporaryDirectory() as folder:
            adopting_page.write_to(Path(folder), names)
            paths = []
            if find_spec("unittest_torch") is None:
                Path(folder, "unittest_torch.py").write_text("from suites import *\n")
                paths.append(str(PROJECT / "tests"))
            done = subprocess.run(
                [sys.executable, "-m", "unittest"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                capture_output=True,
                text=True,
            )
            left = {path.name for path in Path(folder).iterdir()}
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(int(re.search(r"Ran (\d+) tests", done.stderr)[1]), 200)
        self.assertLessEqual(left, {"my_project", "tests", "unittest_torch.py", "__pycache__"})

    def test_every_block_is_a_file_that_is_run(self):
        page = adopting_page.PAGE.read_text(encoding="utf-8")
        self.assertEqual(page.count("```python"), len(adopting_page.files()))


if __name__ == "__main__":
    unittest.main()
