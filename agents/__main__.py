"""`python -m agents`: the command line, for whoever has no console script at hand."""

from agents.cli import main

if __name__ == "__main__":
    main()
