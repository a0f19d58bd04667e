"""The cache returns what was stored or nothing, whatever happens to its files."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import Conductor, HikamiFunction, magnetic, magnetoconductivity, potential, spin_orbit
from cooperon.cache import Cache, cache_folder, cached, user_cache
from cooperon.canonical import UnstorableError, canonical
from cooperon.expression_text import decode, encode, parse
from cooperon.kernel_trace import HikamiTrace
from diagrams.symbols import B, B_phi

ROOT = Path(__file__).parents[2]
CLASSES = (HikamiFunction, HikamiTrace)
x, y = sp.Symbol("x", positive=True), sp.Symbol("y", real=True)
z, k = sp.Symbol("z"), sp.Symbol("k", integer=True)
f = sp.Function("f")

VALUES = {
    "numbers": (sp.Integer(-3), sp.Rational(-2, 7), sp.pi, -sp.oo, sp.zoo, sp.nan, sp.I, sp.E),
    "floats": (sp.Float("0.1"), sp.Float("-1e-300"), sp.Float("0.3", 60), sp.Float(2) ** 200),
    "huge": sp.Integer(3) ** 4000,
    "plain": (None, True, 1, "text", (), {}, {"a": 1, ("b", 2): x}),
    "assumptions": (sp.Symbol("x"), x, sp.Symbol("x", real=True), sp.Symbol("x", integer=True)),
    "odd names": (sp.Symbol("a b"), sp.Symbol("\\tau'\""), sp.Symbol("__import__('os')")),
    "noncommuting": sp.Symbol("A", commutative=False) * sp.Symbol("C", commutative=False) * 2,
    "functions": sp.exp(x) + sp.log(x) + sp.Abs(z) + sp.atan2(y, x) + sp.Max(x, 3) + sp.gamma(x),
    "special": sp.polygamma(0, x) + sp.zeta(2, x) + sp.airyai(y) + sp.hyper((x,), (1, y), z),
    "unevaluated polygamma": sp.polygamma(0, sp.Integer(10) ** 4 + sp.S.Half, evaluate=False),
    "unevaluated sum": sp.Add(2, 3, x, evaluate=False) * sp.Mul(2, x + 1, evaluate=False),
    "unevaluated power": sp.Pow(sp.Integer(10), sp.Integer(10) ** 12, evaluate=False),
    "piecewise": sp.Piecewise((x, y > 1), (y, sp.And(y > 0, z < 3)), (0, True)),
    "relation": (sp.Eq(x, x, evaluate=False), sp.Ne(x, y), sp.true, ~(y > 1)),
    "calculus": (sp.Sum(1 / k, (k, 1, sp.oo)), sp.Integral(f(y), (y, 0, x)), f(y, z).diff(y, 2)),
    "lambda": sp.Lambda((y, z), y**2 + z),
    "matrices": (sp.ImmutableDenseMatrix([[x, 1], [sp.I, 0]]), sp.ImmutableDenseMatrix(0, 3, [])),
    "own functions": (HikamiFunction(B, B_phi), HikamiTrace(B, x, y, x), HikamiFunction(1, 2)),
    "derivative of f": sp.Derivative(f(y), y),
}


def same(one, two):
    """Equal in value, in class and in assumptions, all the way down."""
    if isinstance(one, tuple):
        return type(two) is tuple and all(map(same, one, two)) and len(one) == len(two)
    if isinstance(one, dict):
        return same(tuple(one.items()), tuple(two.items()))
    equal = one == two or one is two
    return equal and type(one) is type(two) and canonical(one) == canonical(two)


@pytest.mark.parametrize("name", VALUES)
def test_what_is_stored_comes_back(name, tmp_path):
    cache = Cache(tmp_path, CLASSES)
    key = cache.key(name)
    cache.put(key, VALUES[name])
    assert same(cache.get(key), VALUES[name])


LEAVES = st.sampled_from([x, y, z, sp.pi, sp.I, sp.S.Half]) | st.integers(-9, 9).map(sp.Integer)


def grown(children):
    pairs = st.tuples(children, children)
    return (
        pairs.map(lambda p: p[0] + p[1])
        | pairs.map(lambda p: p[0] * p[1])
        | pairs.map(lambda p: sp.Add(*p, evaluate=False))
        | pairs.map(lambda p: sp.Mul(*p, evaluate=False))
        | pairs.map(lambda p: sp.Pow(p[0], p[1], evaluate=False))
        | pairs.map(lambda p: f(*p))
        | children.map(lambda a: sp.sin(a, evaluate=False))
        | children.map(lambda a: sp.polygamma(1, a, evaluate=False))
        | children.map(lambda a: sp.Lambda((y, z), a))
    )


@settings(max_examples=150)
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_any_expression_comes_back(expression):
    document = json.loads(json.dumps(encode(expression)))
    assert same(decode(document), expression)


def test_a_derived_correction_comes_back(tmp_path):
    conductor = Conductor(2, [potential(), spin_orbit(), magnetic()])
    result = magnetoconductivity(conductor)
    equations = tuple(e for step in result.derivation.steps for e in step.equations)
    value = (result.expression, equations)
    cache = Cache(tmp_path, CLASSES)
    cache.put(cache.key(conductor), value)
    assert same(cache.get(cache.key(conductor)), value)


def test_second_time_nothing_is_computed(tmp_path):
    calls = []
    cache = Cache(tmp_path)
    for _ in range(3):
        assert cache.cached((x, 2), lambda: calls.append(1) or x**2) == x**2
    assert len(calls) == 1


def test_none_is_a_result(tmp_path):
    calls = []
    for _ in range(2):
        assert Cache(tmp_path).cached(("nothing",), lambda: calls.append(1)) is None
    assert len(calls) == 1


def test_equal_inputs_have_equal_keys(tmp_path):
    cache = Cache(tmp_path)
    assert cache.key(x + y, {"a": 1, "b": z}) == cache.key(y + x, {"b": z, "a": 1})
    one, two = sp.Add(x, y, z, evaluate=False), sp.Add(z, y, x, evaluate=False)
    assert cache.key(one) == cache.key(two)


DIFFERENT = {
    "value": (x, y),
    "assumption": (sp.Symbol("x"), sp.Symbol("x", real=True)),
    "kind of number": (1, sp.Integer(1)),
    "truth and number": (True, 1),
    "text and symbol": ("x", sp.Symbol("x")),
    "order of a tuple": ((x, y), (y, x)),
    "nesting": (((x,), y), ((x, y),)),
    "precision": (sp.Float("0.1", 15), sp.Float("0.1", 30)),
    "unevaluated": (sp.Add(2, 3, evaluate=False), sp.Integer(5)),
    "non-commuting order": tuple(
        sp.Mul(*(sp.Symbol(c, commutative=False) for c in word)) for word in ("ab", "ba")
    ),
    "undefined function": (f(x), sp.Function("f", positive=True)(x)),
    "commas in names": ((sp.Symbol("a,b"),), (sp.Symbol("a"), sp.Symbol("b"))),
    "shape": (sp.Matrix([[1, 2]]), sp.Matrix([1, 2])),
    "models": (Conductor(2, [potential()]), Conductor(3, [potential()])),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_inputs_have_different_keys(name, tmp_path):
    one, two = DIFFERENT[name]
    assert Cache(tmp_path).key(one) != Cache(tmp_path).key(two)


def test_another_engine_asks_for_other_keys(tmp_path):
    assert Cache(tmp_path, (), "old engine").key(x) != Cache(tmp_path, (), "new engine").key(x)


def test_fingerprint_is_that_of_the_source_wherever_it_lies(tmp_path):
    first = tmp_path / "first"
    for package in ("diagrams", "cooperon"):
        copytree(ROOT / package, first / package, ignore=ignore_patterns("__pycache__"))
    copies = [copytree(first, tmp_path / name) for name in ("moved", "changed")]
    with (tmp_path / "changed" / "cooperon" / "ladder.py").open("a", newline="") as file:
        file.write("# a comment\n")
    code = "from cooperon.fingerprint import engine_fingerprint as e; print(e())"
    original, moved, changed = (
        python(code, cwd=folder, PYTHONPATH=str(folder)) for folder in (first, *copies)
    )
    assert original == moved != changed


def python(code, cwd=ROOT, **environment):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_keys_do_not_depend_on_the_hash_seed():
    code = """
import sympy as sp
from cooperon import Conductor, magnetic, potential, spin_orbit
from cooperon.cache import Cache
s = sp.symbols("a:h", positive=True)
e = sp.Add(*set(s), evaluate=False) + sp.Max(*set(s)) + sp.sin(sp.Mul(*set(s), evaluate=False))
gas = Conductor(2, [potential(), spin_orbit(), magnetic()])
print(Cache(None).key(e, frozenset(s), {str(a) for a in s}, gas))
"""
    assert len({python(code, PYTHONHASHSEED=seed) for seed in ("0", "1", "77")}) == 1


def write_many(folder):
    """Write and read one key again and again; return everything that was read."""
    cache = Cache(Path(folder), CLASSES, "shared")
    key = cache.key("contended")
    value = (sp.Add(*(x**n for n in range(60))), "end")
    for _ in range(20):
        cache.put(key, value)
        if cache.get(key) != value:
            return "read something else"
    return "fine"


def test_many_processes_may_write_the_same_result(tmp_path):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        assert set(pool.map(write_many, [str(tmp_path)] * 3)) == {"fine"}
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def stored(tmp_path, value=x + 1):
    cache = Cache(tmp_path, CLASSES)
    key = cache.key("damage")
    cache.put(key, value)
    return cache, key, tmp_path / f"{key}.json"


DAMAGES = {
    "empty": lambda text: "",
    "cut": lambda text: text[: len(text) // 2],
    "not text": lambda text: "\x00\xff",
    "a list": lambda text: "[]",
    "a number": lambda text: "7",
    "another key": lambda text: text.replace('"key": "', '"key": "0'),
    "a changed digit": lambda text: text.replace("Integer(1)", "Integer(2)"),
    "no checksum": lambda text: text.replace("sha256", "sha255"),
    "nested too deeply": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_derived_again(name, tmp_path):
    cache, key, path = stored(tmp_path)
    path.write_text(DAMAGES[name](path.read_text()), encoding="latin-1")
    with pytest.warns(RuntimeWarning, match="damaged and is derived again"):
        assert cache.cached(("damage",), lambda: x + 1) == x + 1
    assert cache.get(key) == x + 1


MALICIOUS = [
    "__import__('os').system('touch {path}')",
    "Symbol(__import__('os').system('touch {path}'))",
    'Tuple(\'__import__("os").system("touch {path}")\')',
    'Add(\'__import__("os").system("touch {path}")\')',
    'exp(\'open("{path}", "w")\')',
    "Function('f')('open(\"{path}\", \"w\")')",
    'Function(exp(\'open("{path}", "w")\'))(pi)',
    'ImmutableDenseMatrix([[\'open("{path}", "w")\']])',
    'ImmutableDenseMatrix(\'open("{path}", "w")\', 1, [])',
    'ImmutableDenseMatrix([\'open("{path}", "w")\'])',
    'Integer(\'open("{path}", "w")\')',
    'Rational(\'open("{path}", "w")\', 1)',
    'Float(\'open("{path}", "w")\', precision=53)',
    "Float('1', precision='open(\"{path}\", \"w\")')",
    "Symbol('x', positive='open(\"{path}\", \"w\")')",
    "Symbol('x', **{{'positive': True}})",
    "Sum(pi, *[1])",
    "[open('{path}', 'w')]",
    "(lambda: open('{path}', 'w'))()",
    "Add.__class__.__base__.__subclasses__()",
    'sympify(\'open("{path}", "w")\')',
    'Lambda(pi, \'open("{path}", "w")\')',
    'HikamiFunction(\'open("{path}", "w")\', pi)',
    "pi if open('{path}', 'w') else pi",
    "f'{{open(\"{path}\")}}'",
]


@pytest.mark.parametrize("text", MALICIOUS)
def test_malicious_text_is_refused(text, tmp_path):
    """The attacker may know the checksum, so that the text itself has to be harmless."""
    proof = tmp_path / "executed"
    attack = text.format(path=proof)
    with pytest.raises(ValueError, match=r"\w"):
        parse(attack, CLASSES)
    assert not proof.exists()


def test_refused_content_is_derived_again(tmp_path):
    cache, _, path = stored(tmp_path)
    document = json.loads(path.read_text())
    document["value"] = json.dumps({"srepr": "exec('1')"})
    document["sha256"] = hashlib.sha256(document["value"].encode()).hexdigest()
    path.write_text(json.dumps(document))
    with pytest.warns(RuntimeWarning, match="not a class that may be read"):
        assert cache.cached(("damage",), lambda: x) == x


def test_classes_that_are_not_listed_are_neither_stored_nor_read(tmp_path):
    with pytest.raises(UnstorableError, match="HikamiFunction"):
        encode(HikamiFunction(B, B_phi))
    document = encode(HikamiFunction(B, B_phi), CLASSES)
    with pytest.raises(ValueError, match="list it in `classes`"):
        decode(document)


@pytest.mark.parametrize(
    "value",
    [
        sp.Dummy("x") + 1,
        sp.Matrix([[x]]),
        [x],
        1.5,
        {x},
        object(),
        sp.Function("f", positive=True)(x),
        sp.ImmutableDenseMatrix([[sp.Dummy("x")]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_stored_is_returned_with_a_warning(value, tmp_path):
    cache = Cache(tmp_path)
    with pytest.raises(UnstorableError):
        cache.put(cache.key("value"), value)
    with pytest.warns(RuntimeWarning, match="not stored"):
        assert cache.cached(("value",), lambda: value) is value
    assert list(tmp_path.iterdir()) == []


def test_inputs_without_a_key_are_computed_each_time(tmp_path):
    calls = []
    for _ in range(2):
        Cache(tmp_path).cached((sp.Dummy("x"),), lambda: calls.append(1))
    assert len(calls) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_very_deep_expression_is_computed_without_the_cache(tmp_path):
    deep = x
    for _ in range(400):
        deep = sp.sin(deep, evaluate=False)
    with pytest.raises(UnstorableError):
        encode(deep)


@pytest.mark.parametrize("word", ["off", "OFF", " off "])
def test_off_stores_nothing(word, tmp_path, monkeypatch):
    monkeypatch.setenv("COOPERON_CACHE", word)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = []
    for _ in range(2):
        cached((x,), lambda: calls.append(1))
    assert len(calls) == 2
    assert list(tmp_path.iterdir()) == []


def test_folder_follows_the_environment(tmp_path, monkeypatch):
    assert cache_folder({"COOPERON_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "cooperon"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for environment in ({}, {"COOPERON_CACHE": ""}, {"XDG_CACHE_HOME": "relative"}):
        assert cache_folder(environment) == tmp_path / ".cache" / "cooperon"


def test_cache_of_the_user_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("COOPERON_CACHE", str(tmp_path / "made when needed"))
    assert cached((x,), lambda: HikamiFunction(B, x), CLASSES) == HikamiFunction(B, x)
    assert cached((x,), lambda: sp.nan, CLASSES) == HikamiFunction(B, x)
    assert user_cache().folder == tmp_path / "made when needed"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    with pytest.warns(RuntimeWarning, match="cannot be written") as caught:
        assert cache.cached((x,), lambda: x) == x
    assert len(caught) == 1


def test_import_touches_no_file(tmp_path):
    code = "import cooperon.cache"
    python(code, COOPERON_CACHE=str(tmp_path / "cache"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_a_name_that_is_no_key_is_refused(key, tmp_path):
    with pytest.raises(ValueError, match="is not a key"):
        Cache(tmp_path).get(key)
