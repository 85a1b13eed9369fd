"""`python -m longtake.eval.simulated.films`: make a truth film."""

import sys

from .make import main

if __name__ == "__main__":
    sys.exit(main())
