"""Run the command as ``python -m consult``."""

from consult.cli import main

main()
