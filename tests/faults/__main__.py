"""Entry of `packaging/dev faults`."""

import sys

from tests.bench.rows import main

sys.exit(main("faults", "fault", sys.argv[1:]))
