# SPDX-License-Identifier: MIT
"""`python -m` with the name of this package tries a model or a dataset; --help shows examples."""

from .trial import main

if __name__ == "__main__":
    main()
