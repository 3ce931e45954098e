# SPDX-License-Identifier: MIT
"""What the tests of the suites measure with. There are no tests in here."""
