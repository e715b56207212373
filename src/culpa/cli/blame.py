# SPDX-License-Identifier: MIT
"""`culpa blame DATA`: the main job on the command line. What it prints is made in the files beside this one."""

import sys
from itertools import chain
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray

from culpa.blaming.apart import first_look
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.retraining import Decided, investigate_decided
from culpa.blaming.investigating import Investigation, examine_table, investigate_table, with_findings
from culpa.blaming.labels.outside_files import read_probabilities
from culpa.blaming.labels.suspecting import SCORES
from culpa.blaming.page.thumbnails import shape_of, thumbnails_of
from culpa.blaming.page.writing import report_page
from culpa.cli.blame_document import blame_document
from culpa.cli.blame_showing import TOP, Told, cut_short, exit_code, option_words, searched, show_report, top_words
from culpa.cli.common import Data, Json, emit_json, footer, note, refuse_idle, widths
from culpa.cli.deciding import Files, admit_files, decided_on, deliver_suspects
from culpa.cli.delivering import needs_places
from culpa.cli.look import described, look_words
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import number, whole_number
from culpa.engine.network import Network
from culpa.errors import OptionError, unknown_name
from culpa.reporting.terminal import console
from culpa.storing import load, save, write_whole
from culpa.tables.kinds import KINDS
from culpa.tables.look_terminal import show_head
from culpa.tables.looking import Look, held_places, look_at
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED
from culpa.tables.roles import Roles

__all__ = ["EPILOG", "command"]

EPILOG = f"""\b
Examples:
  culpa blame digits
  culpa blame houses.csv --target price --id house
  culpa blame visits.parquet --target ill --positive yes --group patient
  culpa blame houses.csv --target price --save houses.safetensors
  culpa blame new.csv --model houses.safetensors --json > new.json
  culpa blame digits --html report.html --suspects suspects.csv
  culpa blame houses.csv --target price --decisions suspects.csv
  zcat houses.csv.gz | culpa blame - --target price --kind zip=category

A quarter of the rows is held out. Of the rest 15 % say how many epochs are
best; then all of the rest is learnt from for so many. Columns are known by
their names; what a column holds is judged by its values, unless --kind says
it:
{", ".join(KINDS)}.

\b
DATA is digits, breast_cancer, wine, iris or diabetes; a table as .csv, .tsv,
.parquet, .feather, .arrow or .jsonl, the texts plain, .gz or .zst; - for a
text on standard input; or an .npz with X (rows, columns) of numbers, y
(rows,) of labels or numbers and, maybe, `columns`, the names.

\b
Reading the report:
  ‖∇‖, share     a layer's gradient norm (weights and biases), and its share
                 of the squared norm of the whole gradient
  signal/noise   squared mean over variance of the rows' gradients: how much
                 they agree
  dead           hidden units that no row's error passes through (slope 0)
  saturated      hidden units whose slope is next to 0 for nearly all rows
  all set to     the median of a column, or what is most frequent in it;
                 loss then: the loss with that in all rows
  look wrong     labels that the columns contradict: mistakes, and rows of
                 which nobody could tell what is right
  row            counted from 0, without the header
  rather, p      the label or number that is proposed instead; of a label its
                 probability
  off            how many times its usual distance a number lies from it
  loss           the row's share of the loss, the mean over a training
  because of     what argues most for the proposed one: columns of this row
  says, ‖g‖      without suspects: the network's answer, and the norm of the
                 row's own gradient; a number's loss is in units of the spread
                 of the target


The loop: --suspects writes a list with an empty column `decision`. Fill in
keep, drop or the right label; --decisions FILE then trains on a corrected
copy, compares both on the same held-out rows, and never lists a kept row
again. --apply OUT writes that copy. The table itself is never touched.
"""


class Outputs(NamedTuple):
    """What is written, and how much is shown.

    Attributes:
        as_json: Whether a document is printed instead of the report.
        save: Where the network is kept.
        html: Where the page is written to.
        image: (height, width) of the rows' pictures.
        files: The lists of the loop that people work in.
        top: How many rows are listed, where the reader says it.
    """

    as_json: bool
    save: str | None
    html: str | None
    image: tuple[int, int] | None
    files: Files
    top: int | None

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command line that say this, as far as it shows what was found."""
        paths = option_words({"suspects": self.files.suspects, "html": self.html})
        return (*chain.from_iterable(paths.values()), *top_words(self.top), *(["--json"] if self.as_json else []))


class Job(NamedTuple):
    """What is to be done.

    Attributes:
        said: The entries of the Choice that the reader says.
        model: A saved network's file, instead of a training.
        validation: The file that chooses the epoch.
        tune: Minutes of search.
        score: How labels are ranked.
        probabilities: A file of another model's.
        seed: Of everything random.
    """

    said: dict[str, Any]
    model: str | None
    validation: str | None
    tune: float | None
    score: str
    probabilities: str | None
    seed: int


@takes_tables()
def command(
    data: Data,
    hidden: Annotated[str | None, typer.Option(help="Widths of the hidden layers, or none.")] = None,
    activation: Annotated[str | None, typer.Option(help="Activation of the hidden layers.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs at the most; the best one is kept.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam.")] = None,
    schedule: Annotated[str | None, typer.Option(help="How it changes: constant, cosine, step.")] = None,
    l2: Annotated[float | None, typer.Option("--l2", help="The penalty's factor.")] = None,
    dropout: Annotated[float | None, typer.Option(help="The share of hidden outputs given up.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better one before it stops.")] = None,
    refit: Annotated[bool | None, typer.Option("--refit/--no-refit", help="Then learn from all its rows.")] = None,
    tune: Annotated[float | None, typer.Option(metavar="MINUTES", help="Search for better ones of the above.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    validation: Annotated[str | None, typer.Option(metavar="FILE", help="A table that chooses the epoch.")] = None,
    score: Annotated[str, typer.Option(metavar="SCORE", help=f"How labels are ranked: {', '.join(SCORES)}.")] = "auto",
    probabilities: Annotated[
        str | None, typer.Option(metavar="FILE", help="Another model's, out of sample: a table, or .npy (n, K).")
    ] = None,
    decisions: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Suspects with decisions: correct, train, compare. Repeatable."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(help=f"How many rows to list, by default {TOP}; and how many --suspects has.")
    ] = None,
    suspects: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the suspects, to decide on: .csv, .parquet, …")
    ] = None,
    apply_to: Annotated[
        str | None, typer.Option("--apply", metavar="FILE", help="Write the table as the decisions correct it.")
    ] = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write the whole report as a page.")] = None,
    image: Annotated[str | None, typer.Option(metavar="8x8", help="Rows are pictures: height x width.")] = None,
    save_to: Annotated[str | None, typer.Option("--save", metavar="FILE", help="Keep the trained network.")] = None,
    model: Annotated[str | None, typer.Option(metavar="FILE", help="Blame a saved network; train nothing.")] = None,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Train on DATA, and say what carries the loss and which labels look wrong."""
    said = {"hidden": None if hidden is None else tuple(widths(hidden)), "activation": activation, "epochs": epochs,
            "batch_size": batch_size, "learning_rate": learning_rate, "schedule": schedule, "l2": l2,
            "dropout": dropout, "patience": patience, "refit": refit}  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    files = Files(suspects, tuple(decisions or ()), apply_to)
    job = Job(said, model, validation, tune, score, probabilities, seed)
    outputs = Outputs(as_json, save_to, html, image_size(image), files, top)
    admit(data, job, outputs, asked)
    return blamed(data, job, outputs, asked)


def image_size(text: str | None) -> tuple[int, int] | None:
    """Height and width from "28x28"."""
    if text is None:
        return None
    height, _, width = text.lower().replace("×", "x").partition("x")
    if not (height.isascii() and width.isascii() and height.isdigit() and width.isdigit()):
        raise OptionError(f"--image must be HEIGHTxWIDTH, such as 28x28; got {text!r}.")
    return int(height), int(width)


def admit(data: str, job: Job, outputs: Outputs, asked: Asked) -> None:
    """Refuse, before anything is read, what cannot be done or written."""
    if outputs.top is not None:
        whole_number("top", outputs.top)
    if job.score not in SCORES:
        raise unknown_name("--score", job.score, SCORES)
    if job.tune is not None:
        number("--tune", job.tune, above=0)
    if outputs.image is not None and outputs.html is None:
        raise OptionError("--image is for the page, and none is written.", hint="--html FILE writes one.")
    inputs = (job.model, job.validation, job.probabilities)
    if job.model is not None:
        training = {"--tune": job.tune, "--seed": job.seed or None, "--validation": job.validation,
                    "--save": outputs.save, "--score": None if job.score == "auto" else job.score}  # fmt: skip
        # With probabilities beside the network there is a list, but decisions always need a training.
        loop = {"--decisions": outputs.files.decisions or None, "--apply": outputs.files.apply}
        idle = {**option_words(job.said), **training, "--group": asked.roles.group, **loop}
        refuse_idle(idle, "cannot stand beside --model: nothing is trained then")
    elif outputs.files.suspects and job.score == "none" and job.probabilities is None:
        raise OptionError(
            "--suspects lists what a label report ranks, and --score none makes none.", hint="--score auto"
        )
    listed = job.model is None or (job.probabilities is not None and not outputs.files.decisions)
    admit_files(outputs.files, data, *inputs, training=listed)
    places = {"--save": outputs.save, "--html": outputs.html, "--suspects": outputs.files.suspects}
    needs_places({**places, "--apply": outputs.files.apply}, data, *inputs, *outputs.files.decisions)


def blamed(data: str, job: Job, outputs: Outputs, asked: Asked) -> int:
    """Read, look, train or load, report and write."""
    network = None if job.model is None else load(job.model)
    table = read(data, asked, None if network is None else network.columns)
    thumbnails_of(table, outputs.image)  # refuses a size that does not fit
    unseen = None if job.validation is None else read_apart(job.validation, asked, table)
    outside = None if job.probabilities is None else read_probabilities(job.probabilities, table, id=asked.roles.id)
    decisions = decided_on(outputs.files, data, asked.form, table)
    seen, again = look_before(table, None if job.model else job.seed), look_words(data, asked, table, job.seed)
    if not outputs.as_json:
        show_head(console(), seen, again)
        sys.stdout.flush()
    found, decided = investigated(table, job, network, unseen, decisions, outside)
    if outputs.save is not None:
        save(found.network, outputs.save)
        note(f"saved to {outputs.save}")
    words = words_of(data, job, outputs.files, asked, found)
    pictures = shape_of(table, outputs.image) is not None
    found = with_findings(found, words, pictures=pictures, beside=outputs.words)
    shown = table if decided is None else decided.table
    if outputs.as_json:
        serious = [described(truth, again) for truth in seen.serious]
        end = footer([*words, *top_words(outputs.top)], table.checksum)
        made = blame_document(found, shown, outputs.top or TOP, decided)
        emit_json("blame", {"look": serious, **made, "footer": end})
    else:
        known = {*job.said, *(["task"] if job.model or data in BUNDLED or asked.roles.task is not None else [])}
        told = Told(
            words=tuple(words),
            beside_model=asked.beside_model,
            known=known,
            top=outputs.top,
            saved=outputs.save,
            html=outputs.html,
            files=outputs.files,
            checksum=table.checksum,
        )
        show_report(console(), found, shown, told, decided)
    if outputs.html is not None:
        drawn = [] if outputs.image is None else ["--image", "{}x{}".format(*outputs.image)]
        made_by = footer([*words, "--html", outputs.html, *drawn], table.checksum)
        page = report_page(found, shown, words=words, footer=made_by, image=outputs.image, decided=decided)
        write_whole(outputs.html, page.encode())
        note(f"{outputs.html}: the whole report as a page")
    deliver_suspects(outputs.files, found.labels, table, top=outputs.top, interrupted=cut_short(found))
    return exit_code(found, trained=job.model is None)


def investigated(
    table: RawTable,
    job: Job,
    network: Network | None,
    unseen: RawTable | None,
    decisions: Decisions | None,
    outside: NDArray[np.float64] | None,
) -> tuple[Investigation, Decided | None]:
    """The main job on a table, or on a saved network and a table; once more on the corrected one after decisions."""
    if network is not None:
        return examine_table(network, table, probabilities=outside), None
    how: dict[str, Any] = {"said": job.said, "validation": unseen, "tune": job.tune, "score": job.score,
                           "seed": job.seed, "tell": note}  # fmt: skip
    if decisions is None:
        return investigate_table(table, **how, probabilities=outside), None
    decided = investigate_decided(table, decisions, **how, probabilities=outside)
    return decided.after, decided


def words_of(data: str, job: Job, files: Files, asked: Asked, found: Investigation) -> list[str]:
    """The command behind `culpa` that finds the same; what it writes and how much it shows is not said."""
    recipe: dict[str, object] = {**job.said, **searched(found), "validation": job.validation}
    recipe["score"] = None if job.score == "auto" else job.score
    recipe["probabilities"] = job.probabilities
    recipe["seed"] = None if job.model else job.seed
    beside = [] if job.model is None else ["--model", job.model]
    return ["blame", data, *asked.words, *chain.from_iterable(option_words(recipe).values()), *files.words, *beside]


def read_apart(source: str, asked: Asked, table: RawTable) -> RawTable:
    """The table that chooses the epoch: what its columns hold is known by then; what is no input may lack there."""
    roles = Roles(target=asked.roles.target, sample_weight=asked.roles.sample_weight)
    try:
        return read(source, asked._replace(roles=roles), first_look(table))
    except OptionError as error:
        raise OptionError(f"{source}: {error.message}", hint=error.hint) from error


def look_before(table: RawTable, seed: int | None) -> Look:
    """What is true of a table that is split with this seed, or, without one, not at all."""
    held = None if seed is None else held_places(table, seed)
    return look_at(table, held, show_progress="auto")
