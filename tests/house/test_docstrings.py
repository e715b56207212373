# SPDX-License-Identifier: MIT
"""Docstrings and sources keep the house's form: one sentence first, no types, 25 lines, an example at the face.

Sources are read as syntax trees and not imported, so that a room whose framework is missing is held to it too. Each
rule is shown what it must refuse and what it must accept.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest

import culpa

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
SCRIPTS = sorted(
    path
    for folder in ("tests", "bench", "docs", "examples")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
TEXTS = sorted(
    path
    for path in (ROOT / "README.md", *(p for folder in ("src", "docs", "bench") for p in (ROOT / folder).rglob("*")))
    if path.suffix in {".html", ".json", ".md", ".py", ".svg", ".toml", ".txt", ".yml"}
)
SPDX = "# SPDX-License-Identifier: MIT\n"
SECTIONS = ["Args", "Attributes", "Returns", "Yields", "Raises", "Example", "Source"]
MACHINE_PATH = re.compile(r"(?<![\w.])(/(home|root|work|Users|private|mnt)/\w+|/tmp/\w+|[A-Z]:\\\w+)")


def name(path):
    """A file's name in a test's name."""
    return path.relative_to(ROOT).as_posix()


def listed(tree):
    """The names in a module's `__all__`, without importing it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return []


def public(tree):
    """What a source offers: name -> its node, for the functions and classes in `__all__` and their public methods."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in listed(tree):
            found[node.name] = node
            for method in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    found[f"{node.name}.{method.name}"] = method
    return found


def names_given(node):
    """The arguments of a function, or the fields of a class and the arguments of its constructor."""
    if isinstance(node, ast.ClassDef):
        fields = {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)}
        return fields.union(*(names_given(part) for part in node.body if getattr(part, "name", "") == "__init__"))
    return {part.arg for part in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)} | {
        part.arg for part in (node.args.vararg, node.args.kwarg) if part
    }


def described(doc):
    """The lines `name: what it is` of the sections Args and Attributes."""
    sections = re.findall(r"^(?:Args|Attributes):\n((?:(?: {4}.*)?\n)+)", f"{doc}\n", flags=re.MULTILINE)
    return [line.strip() for section in sections for line in section.splitlines() if re.match(r" {4}\S", line)]


def faults(node):
    """What is wrong with the docstring of a function or class."""
    doc = ast.get_docstring(node)
    if not doc:
        return ["no docstring"]
    first, *others = doc.splitlines()
    heads = [head for head in re.findall(r"^(\w+):", doc, flags=re.MULTILINE) if head in SECTIONS]
    entries = described(doc)
    known = names_given(node)
    return [
        *(["the first line is not a sentence"] if not first.endswith((".", "…", "?")) else []),
        *(["the first line is more than a sentence"] if re.search(r"[.?!] +[A-Z]", first) else []),
        *(["no empty line after the first"] if others and others[0] else []),
        *(["more than 25 lines"] if 1 + len(others) > 25 else []),
        *(["the sections are not in order"] if heads != sorted(heads, key=SECTIONS.index) else []),
        *(f"a type in `{entry}`" for entry in entries if re.match(r"[*\w, ]+ \(.*?\):", entry)),
        *(
            f"`{argument}` is no argument"
            for entry in entries
            for argument in re.findall(r"\w+", re.split(r" \(|:", entry)[0])
            if argument not in known
        ),
    ]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_public_docstring_keeps_the_form(path):
    things = public(ast.parse(path.read_text(encoding="utf-8")))
    assert {title: faults(node) for title, node in things.items() if faults(node)} == {}


def test_the_engine_has_public_things_to_look_at():
    found = public(ast.parse((ROOT / "src/culpa/engine/network.py").read_text(encoding="utf-8")))
    assert {"Layer", "Network", "Network.fresh", "Network.sizes", "flatten", "unflatten"} <= set(found)


@pytest.mark.parametrize("title", [title for title in culpa.__all__ if inspect.isfunction(getattr(culpa, title))])
def test_every_function_at_the_face_has_an_example_that_runs(title):
    doc = inspect.getdoc(getattr(culpa, title))
    assert re.search(r"^Example:\n(    .*\n)*?    >>> ", doc, flags=re.MULTILINE)


GOOD = '''def f(a, *, b=1):
    """Compute a + b: one number, as ch. 2 has it.

    Args:
        a: A number (n,); its unit is metres.
        b: Another, which may
            be: long.

    Returns:
        c: their sum.

    Raises:
        ShapeError, DataError: If not.

    Example:
        >>> f(1): 2
    """
'''
PLANTED = {
    "no docstring": "def f(): ...",
    "the first line is not a sentence": GOOD.replace("has it.", "has it"),
    "the first line is more than a sentence": GOOD.replace("has it.", "has it. See there."),
    "no empty line after the first": GOOD.replace("has it.\n", "has it.\n    More"),
    "more than 25 lines": GOOD.replace("\n    Returns", "\n    x\n" * 10 + "\n    Returns"),
    "the sections are not in order": GOOD.replace("Raises", "Args").replace("ShapeError, DataError", "a"),
    "a type in `a (int): A number (n,); its unit is metres.`": GOOD.replace("a: A", "a (int): A"),
    "a type in `a (int, optional): A number (n,); its unit is metres.`": GOOD.replace("a: A", "a (int, optional): A"),
    "`c` is no argument": GOOD.replace("b: Another", "c: Another"),
}


def test_a_docstring_in_form_is_accepted():
    assert faults(ast.parse(GOOD).body[0]) == []
    assert (
        faults(ast.parse('class A:\n    """A thing.\n\n    Args:\n        x: One.\n    """\n    x: int').body[0]) == []
    )


@pytest.mark.parametrize("fault", PLANTED)
def test_a_docstring_out_of_form_is_refused(fault):
    assert faults(ast.parse(PLANTED[fault]).body[0]) == [fault]


def faults_of_source(text):
    """What is wrong with a source as a whole."""
    tree = ast.parse(text)
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        *(["no SPDX line first"] if not text.startswith(SPDX) else []),
        *(["no docstring of the module"] if not ast.get_docstring(tree) else []),
        *(["more than 400 lines"] if len(text.splitlines()) > 400 else []),
        *(["print"] if any(isinstance(call, ast.Name) and call.id == "print" for call in calls) else []),
    ]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_source_keeps_the_form(path):
    allowed = ["print"] if "cli" in path.relative_to(ROOT / "src" / "culpa").parts else []
    assert [fault for fault in faults_of_source(path.read_text(encoding="utf-8")) if fault not in allowed] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_every_test_and_script_has_its_licence_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert [fault for fault in faults_of_source(text) if fault != "print"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{SPDX}"""A file."""\nconsole.print(1)  # print(1)\n', []),
        ('"""A file."""\n', ["no SPDX line first"]),
        (f'"""A file."""\n{SPDX}', ["no SPDX line first"]),
        (f"{SPDX}x = 1\n", ["no docstring of the module"]),
        (f'{SPDX}"""A file."""\n' + "x = 1\n" * 399, ["more than 400 lines"]),
        (f'{SPDX}"""A file."""\ndef f():\n    print(1)\n', ["print"]),
    ],
)
def test_a_source_out_of_form_is_refused(text, expected):
    assert faults_of_source(text) == expected


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_no_path_of_somebodys_machine_is_left_in_a_text(path):
    found = MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="ignore"))
    assert found is None


@pytest.mark.parametrize("text", ["in /home/ada/culpa", "'/work/ada/src'", "C:\\Users", "(/tmp/net.json)", "/root/x"])
def test_a_path_of_somebodys_machine_would_be_noticed(text):
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["src/culpa/engine", "https://a.org/home/x", "docs/work/x", "w/Σs", "./root/x", "/"])
def test_a_path_that_everybody_has_is_accepted(text):
    assert not MACHINE_PATH.search(text)
