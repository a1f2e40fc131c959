"""Where the program begins: it loads the commands, and carries out the one that is asked for."""

from openrooms.kernel.memory import loading


def main() -> None:
    """The command line."""
    with loading():
        from openrooms.cli import main as command_line  # noqa: PLC0415 - what is loaded
    command_line()


if __name__ == "__main__":
    main()
