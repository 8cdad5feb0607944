"""`python -m devsec`."""

import sys

# Python puts the current folder first: the repository being looked at must not supply the modules devsec imports.
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from devsec.cli import program  # after the path is safe

if __name__ == "__main__":
    program()
