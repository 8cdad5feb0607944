"""`python -m devsec`."""

from devsec.cli import main

if __name__ == "__main__":
    main()
