"""`python -m valeo_operator` is `valeo-operator`."""

import sys

from valeo_operator.cli import main

if __name__ == "__main__":
    sys.exit(main())
