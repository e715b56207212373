# SPDX-License-Identifier: MIT
"""No check is idle: a small reading of the syntax tree refuses what looks like a check but cannot fail.

    a verdict that nobody reads      `a == b`, `np.allclose(a, b)`, `(a > 0).all()` as a statement
    an assertion that always holds   of a tuple, a generator, a lambda, a string
    an assertion that never runs     inside `pytest.raises`, where the error comes first
    a test that never runs           two of one name in one module or class; the second replaces the first
    a dropped update                 `g.take(rows)`, `replace(network, l2=0)` as a statement: the result is lost

Inside `pytest.raises` and `pytest.warns` a statement may be there for what it raises. Each rule is shown what it must
refuse and what it must accept.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for pattern in ("tests/**/*.py", "src/**/*.py", "bench/**/*.py", "docs/**/*.py", "examples/**/*.py", "*.py")
    for path in ROOT.glob(pattern)
)

PREDICATES = {
    "all", "allclose", "any", "array_equal", "array_equiv", "callable", "endswith", "equal", "equals", "exists",
    "hasattr", "is_dir", "is_file", "isclose", "isdisjoint", "isfinite", "isinf", "isinstance", "isnan", "issubclass",
    "issubset", "issuperset", "may_share_memory", "shares_memory", "startswith",
}  # fmt: skip
UPDATE_METHODS = {"_replace", "astype", "clipped", "reweighted", "take"}
UPDATE_FUNCTIONS = {"replace", "sorted", "unflatten"}  # bare, or as `dataclasses.replace`: `path.replace` moves a file
MODULES_OF_UPDATES = {"copy", "culpa", "dataclasses"}
EXPECTING = {"raises", "warns", "deprecated_call"}


def name_of(function: ast.expr) -> str:
    """The last name of what is called: `allclose` for `np.allclose`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def writes(node: ast.expr) -> bool:
    """Whether a call puts its answer into an array of the caller's."""
    return isinstance(node, ast.Call) and any(keyword.arg == "out" for keyword in node.keywords)


def is_verdict(node: ast.expr) -> bool:
    """Whether an expression answers yes or no, as a check does."""
    match node:
        case ast.Compare():
            return True
        case ast.BoolOp(values=parts):
            return any(is_verdict(part) for part in parts)
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=part):
            return is_verdict(part)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.BitXor(), left=left, right=right):
            return is_verdict(left) or is_verdict(right)
        case ast.Call(func=function):
            return name_of(function) in PREDICATES and not writes(node)
        case _:
            return False


def is_update(node: ast.expr) -> bool:
    """Whether an expression makes a changed copy, and does nothing else."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in UPDATE_FUNCTIONS
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if module in MODULES_OF_UPDATES:
            return name in UPDATE_FUNCTIONS
        case ast.Call(func=ast.Attribute(value=ast.Subscript(value=ast.Attribute(attr="at")), attr="set" | "add")):
            return True  # JAX: x.at[i].set(v)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in UPDATE_METHODS and not writes(node)
        case _:
            return False


def always_holds(test: ast.expr) -> bool:
    """Whether an assertion of this cannot fail, because the thing itself counts as true."""
    match test:
        case ast.Tuple(elts=parts):
            return bool(parts)
        case ast.Constant(value=str() as text):
            return bool(text)
        case _:
            return isinstance(test, ast.GeneratorExp | ast.Lambda | ast.JoinedStr)


def expected_by(node: ast.AST) -> str:
    """What a `with` statement expects of its body: "raises", "warns", … or nothing."""
    items = node.items if isinstance(node, ast.With) else []
    calls = [item.context_expr for item in items if isinstance(item.context_expr, ast.Call)]
    for call in calls:
        if name_of(call.func) == "raises" and any("AssertionError" in ast.dump(error) for error in call.args):
            return "assertion"
        if name_of(call.func) in EXPECTING:
            return name_of(call.func)
    return ""


def idle_statements(node: ast.AST, expecting: str = "") -> Iterator[tuple[int, str]]:
    """The lines of what is idle below a node; where an error or a warning is expected, a statement's answer is that."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Expr(value=value) if not expecting and is_verdict(value):
                yield child.lineno, "nobody reads the answer of this comparison"
            case ast.Expr(value=value) if not expecting and is_update(value):
                yield child.lineno, "the changed copy is dropped"
            case ast.Assert(test=test) if always_holds(test):
                yield child.lineno, "this assertion always holds"
            case ast.Assert() if expecting == "raises":
                yield child.lineno, "this assertion never runs: the error comes first"
        yield from idle_statements(child, expected_by(child) or expecting)


def replaced_tests(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines of tests whose name was taken by an earlier one in the same module or class."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.ClassDef):
            seen: set[str] = set()
            for child in scope.body:
                name = getattr(child, "name", "")
                if name.lower().startswith("test"):
                    if name in seen:
                        yield child.lineno, f"`{name}` replaces an earlier one, which never runs"
                    seen.add(name)


def idle(source: str) -> list[tuple[int, str]]:
    """Everything idle in a source."""
    tree = ast.parse(source)
    return sorted([*idle_statements(tree), *replaced_tests(tree)])


def test_there_are_files_to_read():
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert {"tests/house/test_idle_checks.py", "src/culpa/engine/gradient.py"} <= names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_check_is_idle(path):
    assert [f"{path}:{line}: {reason}" for line, reason in idle(path.read_text(encoding="utf-8"))] == []


REFUSED = [
    "a == b",
    "a < b < c",
    "not a == b",
    "a == b and c == d",
    "ready and a == b",
    "~(a == b)",
    "(a == b) & (c == d)",
    "np.allclose(a, b)",
    "jnp.allclose(a, b, atol=1e-5)",
    "np.array_equal(a, b)",
    "torch.equal(a, b)",
    "left.equals(right)",
    "np.isclose(a, b).all()",
    "(a > 0).any()",
    "all(x > 0 for x in a)",
    "math.isfinite(a)",
    "isinstance(a, int)",
    "not isinstance(a, int)",
    "if a:\n    for b in a:\n        b == 1",
    "def test_f():\n    with open(a) as file:\n        file.read() == a",
    "class TestA:\n    def test_f(self):\n        self.a == 1",
    "try:\n    pass\nfinally:\n    a == b",
    "async def test_f():\n    async with a:\n        a == b",
    "match a:\n    case 1:\n        a == b",
    "lambda: 0\na == b",
    "assert (a == b, 'message')",
    "assert (x == 1 for x in a)",
    "assert lambda: a == b",
    "assert f'{a == b}'",
    "assert 'a == b'",
    "with pytest.raises(ValueError):\n    f()\n    assert a == b",
    "replace(network, l2=0.0)",
    "dataclasses.replace(network, l2=0.0)",
    "culpa.unflatten(network, theta)",
    "sorted(rows)",
    "a.astype('float32')",
    "g.reweighted(w)",
    "g.take([0])",
    "g.layers[0].take([0])",
    "g.clipped(1.0)",
    "step._replace(a=a)",
    "x.at[0].set(1)",
    "with a:\n    g.take([0])",
    "with raises(ValueError):\n    f()\na == b",
    "def test_a(): ...\ndef test_a(): ...",
    "def test_a(): ...\nasync def test_a(): ...",
    "class TestA: ...\nclass TestA: ...",
    "class TestA:\n    def test_a(self): ...\n    def test_a(self): ...",
    "@decorated\ndef test_a(): ...\n@decorated\ndef test_a(): ...",
]
ACCEPTED = [
    "assert a == b",
    "assert np.allclose(a, b)",
    "right = a == b",
    "f(a == b)",
    "return_ = [a == b for a in c]",
    "np.testing.assert_allclose(a, b)",
    "assert_array_equal(a, b)",
    "if a == b:\n    f()",
    "while not isinstance(a, int):\n    f()",
    "'a == b'",
    "...",
    "def f():\n    return a == b",
    "def f():\n    yield a == b",
    "with pytest.raises(TypeError):\n    a < b",
    "with pytest.raises(ValueError):\n    g.take([9])",
    "with pytest.warns(CulpaWarning), a:\n    g.clipped(1.0)",
    "path.replace(target)",
    "os.replace(path, target)",
    "network = replace(network, l2=0.0)",
    "g.take([0]).flat()",
    "f(g.take([0]))",
    "print(a.astype('int'))",
    "rows.sort()",
    "X.take(index, 0, out=rows)",
    "np.equal(a, b, out=c)",
    "assert ()",
    "with pytest.raises(AssertionError):\n    assert a == b",
    "with pytest.raises(ValueError) as caught:\n    f()\nassert caught.value.hint",
    "with pytest.warns(CulpaWarning):\n    assert f() == b",
    "assert (a == b), 'message'",
    "def test_a(): ...\ndef test_b(): ...",
    "def helper(): ...\ndef helper(): ...",
    "class TestA:\n    def test_a(self): ...\nclass TestB:\n    def test_a(self): ...",
    "def test_a(): ...\nclass TestB:\n    def test_a(self): ...",
]


@pytest.mark.parametrize("source", REFUSED)
def test_an_idle_check_is_refused(source):
    assert len(idle(source)) == 1


@pytest.mark.parametrize("source", ACCEPTED)
def test_a_check_that_can_fail_is_accepted(source):
    assert idle(source) == []


def test_the_line_and_the_reason_are_named():
    assert idle("x = 1\nx == 1") == [(2, "nobody reads the answer of this comparison")]
