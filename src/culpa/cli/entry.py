# SPDX-License-Identifier: MIT
"""The entry: the commands in one application, and what becomes of errors. A user never sees a traceback unasked."""

import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

import culpa
from culpa.cli import blame, check, diagnose, exercise, explain, info, look, predict, verify
from culpa.cli.common import note
from culpa.errors import CulpaError, CulpaWarning
from culpa.reporting.terminal import one_line

__all__ = ["application", "main"]

BAD_USAGE: Any = typer.BadParameter.__mro__[2]
"""Click's ClickException, wherever typer keeps it: newer versions of typer bring a click of their own."""

EPILOG = """\b
Examples:
  culpa blame digits                   train, check and blame on bundled data
  culpa blame digits --save digits.safetensors       ... and keep the network
  culpa blame houses.csv --target price            ... on your own table
  culpa look houses.csv --target price            what is true before training
  culpa verify houses.csv --target price     does it find errors that I plant?
  culpa predict digits.safetensors digits          what a saved network says
  culpa check digits.safetensors digits            is its gradient right?
  culpa diagnose mine.py          what is the mistake in your own backprop?
  culpa explain --sizes 3,3,2         where does each number come from?
  culpa info                                  versions, BLAS and its threads

\b
DATA   digits, breast_cancer, wine, iris, diabetes, a table (CSV, Parquet, …),
       - for standard input, or an .npz with X and y
MODEL  a file written by --save
"""

application = typer.Typer(
    name="culpa",
    help="Where does this gradient come from, is it right, and who is to blame for the loss?",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
application.command(
    "blame", short_help="Train, check the gradient, and say who carries the loss.", epilog=blame.EPILOG
)(blame.command)
application.command("look", short_help="What is true of a table before any training.", epilog=look.EPILOG)(look.command)
application.command("verify", short_help="Plant wrong labels in a copy, and count those found.", epilog=verify.EPILOG)(
    verify.command
)
application.command("predict", short_help="Write what a saved network says of every row.", epilog=predict.EPILOG)(
    predict.command
)
application.command(
    "check", short_help="Check a saved network's gradient, or all of culpa's own.", epilog=check.EPILOG
)(check.command)
application.command("diagnose", short_help="Name the mistake in somebody's gradient.", epilog=diagnose.EPILOG)(
    diagnose.command
)
application.command(
    "explain", short_help="Derive a gradient, in symbols and in your own numbers.", epilog=explain.EPILOG
)(explain.command)
application.command("exercise", short_help="A problem sheet in backpropagation, and its key.", epilog=exercise.EPILOG)(
    exercise.command
)
application.command("info", short_help="Versions, array libraries, BLAS and its threads.", epilog=info.EPILOG)(
    info.command
)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        sys.stdout.write(f"culpa {culpa.__version__}\n")
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Where does this gradient come from, is it right, and who is to blame for the loss?"""
    del version, debug  # the one is done already; `main` reads the other from the words themselves


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        words: The words after `culpa`; those of the process by default.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if words is None else words)
    debug = "--debug" in given
    # --debug belongs to every command, wherever it stands.
    rest = [word for word in given if word != "--debug"]
    for output in (sys.stdout, sys.stderr):
        if hasattr(output, "reconfigure"):
            # A stream of few signs gets a question mark for those that it lacks; that is better than nothing at all.
            output.reconfigure(errors="replace")
    try:
        with warnings_as_notes():
            code = application(rest, prog_name="culpa", standalone_mode=False)
        sys.stdout.flush()
        return interrupted(debug=False, own=words is None) if code == 130 else int(code or 0)
    except CulpaError as error:
        return fail(2, f"culpa: {error}", debug)
    except BAD_USAGE as error:
        error.show()
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return interrupted(debug, own=words is None)
    except (BrokenPipeError, SystemExit):
        # The reader of a pipe went away, as `head` does (typer makes an exit of that). It is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError as error:
        return fail(2, f"culpa: there is not enough memory for this: {error}", debug)
    except OSError as error:
        return fail(2, f"culpa: the output cannot be written: {error.strerror}.", debug)
    except Exception as error:  # noqa: BLE001 # the last line of defence: whatever it was, it was our fault
        hint = "" if debug else "\nRun the same command with --debug for the traceback, and please report it."
        return fail(3, f"culpa: a fault of culpa's own: {type(error).__name__}: {error}{hint}", debug)


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Say our own warnings in a line on stderr, each once; those of others are left as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", CulpaWarning)
        others, said = warnings.showwarning, set[str]()

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if not issubclass(category, CulpaWarning):
                others(message, category, *rest, **more)
            elif str(message) not in said:
                said.add(str(message))
                note(one_line(str(message)))

        warnings.showwarning = show
        yield


def interrupted(debug: bool, *, own: bool) -> int:
    """Say so; a process of our own ends here, with 130 exactly.

    NOTE: where Ctrl-C comes while Polars reads a file, CPython keeps a mark that makes an ordinary exit one by signal.
    """
    code = fail(130, "culpa: interrupted", debug)
    if own:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def fail(code: int, text: str, debug: bool) -> int:
    """Say what went wrong on stderr, with the traceback if it was asked for."""
    if debug:
        traceback.print_exc()
    note(text)
    return code
