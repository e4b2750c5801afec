"""`python -m vendome` is the command `vendome`."""

from vendome.config.cli import main

if __name__ == "__main__":
    main()
