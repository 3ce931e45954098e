"""The tails of statistical laws are those of SciPy, which takes longer to import than to use."""

import math
import sys
import unittest
from statistics import NormalDist
from unittest import mock

from scipy import special
from suites.dataset.chance import at_least, at_most
from suites.instruments.laws import kolmogorov, student_quantile
from suites.instruments.optional import scipy_special


class TestLaws(unittest.TestCase):
    def test_tails_of_the_binomial_law(self):
        for count, probability in ((10, 0.0), (10, 1.0), (3, 0.5), (500, 0.103), (60_000, 0.1)):
            for hits in (0, 1, count // 10, count // 8, count):
                with self.subTest(count=count, probability=probability, hits=hits):
                    above = special.bdtrc(hits - 1, count, probability) if hits else 1.0
                    below = special.bdtr(hits, count, probability)
                    self.assert_near(at_least(hits, count, probability), above)
                    self.assert_near(at_most(hits, count, probability), below)

    def test_tail_of_the_law_of_kolmogorov(self):
        for x in (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0):
            with self.subTest(x=x):
                self.assert_near(kolmogorov(x), special.kolmogorov(x))

    def test_quantiles_of_the_law_of_student(self):
        for freedom in (498, 3998, 100_000):
            for tail in (1e-3, 1e-7, 1e-12):
                with self.subTest(freedom=freedom, tail=tail):
                    normal = -NormalDist().inv_cdf(tail)
                    expected = -special.stdtrit(freedom, tail)
                    self.assertAlmostEqual(student_quantile(normal, freedom), expected, 5)

    def test_without_scipy_a_check_of_other_laws_skips_and_names_it(self):
        message = (
            "^This check needs SciPy, for the exact quantiles .*: python -m pip install scipy$"
        )
        with (
            mock.patch.dict(sys.modules, {"scipy.special": None}),
            self.assertRaisesRegex(unittest.SkipTest, message),
        ):
            scipy_special()

    def assert_near(self, found: float, expected: float):
        self.assertTrue(math.isclose(found, expected, rel_tol=1e-8, abs_tol=1e-300), found)


if __name__ == "__main__":
    unittest.main()
