"""Entry of `packaging/dev bench`."""

import sys

from tests.bench.rows import main

sys.exit(main("bench", "bench", sys.argv[1:]))
