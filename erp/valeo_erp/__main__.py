"""`python -m valeo_erp` is `valeo-erp`."""

import sys

from valeo_erp.cli import main

sys.exit(main())
