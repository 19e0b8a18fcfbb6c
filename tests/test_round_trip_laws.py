"""Law: what is written in a format reads back as the same Plan, for Plans that are made up."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import Diagnostics, SourceFile
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.bicep_reader import read_bicep
from bakelift.translator.imagebuilder.raising.plain import generalizing_step
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.hcl_writer import write_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.json_writer import write_json
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref, template
from bakelift.translator.plan.model import BuildGroup, Input, NamedValue, Plan, Setting, Source, SourceUse, Step
from bakelift.translator.plan.normal import normal
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, ListType, MapType

FAST = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

#: Text as templates hold it: quotes of all kinds, what looks like the languages' own signs, more than ASCII.
SIGNS = "abz019 -_./:='\"\\$%&|;<>()[]*?!#@,~^`\n\tÄ→😀"
BRACES = SIGNS + "{}"


def texts(alphabet: str, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(alphabet), min_size=least, max_size=24)


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=4, max_size=4, unique=True)
WORDS = st.from_regex(r"[a-z][a-z0-9]{2,12}", fullmatch=True)


def values(symbols: list[Expr], alphabet: str) -> st.SearchStrategy[Expr]:
    """Text, a symbol, or text around symbols."""
    piece = (
        st.one_of(texts(alphabet, 1).map(Literal), st.sampled_from(symbols))
        if symbols
        else texts(alphabet, 1).map(Literal)
    )
    joined = st.lists(piece, min_size=2, max_size=4).map(template)
    return st.one_of(texts(alphabet, 1).map(Literal), joined)


@st.composite
def defaults(draw: st.DrawFn, name: str, alphabet: str, typed: bool) -> Input:
    """An input of each type, with a default or required."""
    text = texts(alphabet).map(Literal)
    if not typed:
        return Input(name, STRING, draw(text), sensitive=draw(st.booleans()))
    kinds = {
        STRING: text,
        NUMBER: st.integers(-1000, 1000).map(Literal),
        BOOL: st.booleans().map(Literal),
        ListType(STRING): st.lists(text, max_size=3).map(lambda items: ListExpr(tuple(items))),
        MapType(STRING): st.dictionaries(WORDS, text, max_size=3).map(
            lambda found: ObjectExpr(tuple((Literal(k), found[k]) for k in sorted(found)))
        ),
    }
    type = draw(st.sampled_from(list(kinds)))
    default = draw(st.none() | kinds[type])
    return Input(name, type, default, draw(st.none() | texts(alphabet, 1)), draw(st.booleans()))


@st.composite
def steps(draw: st.DrawFn, symbols: list[Expr], alphabet: str) -> Step:
    value = values(symbols, alphabet)
    lines = st.lists(value, min_size=1, max_size=3).map(lambda items: ListExpr(tuple(items)))
    kind = draw(st.sampled_from(("shell", "file", "powershell")))
    found: dict[str, Expr] = {}
    if kind == "file":
        found = {"source": draw(WORDS.map(Literal)), "destination": draw(value)}
    else:
        found["inline"] = draw(lines)
        variable = st.tuples(WORDS, value).map(lambda pair: template([Literal(f"{pair[0].upper()}="), pair[1]]))
        found["environment_vars"] = ListExpr(tuple(draw(st.lists(variable, min_size=1, max_size=2))))
        if draw(st.booleans()):
            found["valid_exit_codes"] = ListExpr(
                tuple(Literal(n) for n in draw(st.lists(st.integers(0, 255), min_size=1, max_size=3)))
            )
    if draw(st.booleans()):
        found["max_retries"] = Literal(draw(st.integers(0, 9)))
        found["pause_before"] = Literal(f"{draw(st.integers(0, 90))}s")
    only = Setting(ListExpr((Literal("azure-arm.one"),))) if draw(st.booleans()) else None
    return Step(kind, {key: Setting(value) for key, value in found.items()}, only=only)


@st.composite
def plans(draw: st.DrawFn, alphabet: str, typed: bool = True, local: bool = True) -> Plan:
    """Inputs, named values, an azure-arm source, steps. ``typed``, ``local``: what the format has."""
    one, two, three, four = draw(NAMES)
    inputs = tuple(draw(defaults(name, alphabet, typed)) for name in (one, two))
    symbols: list[Expr] = [Ref("input", item.name) for item in inputs if item.type == STRING]
    named: tuple[NamedValue, ...] = ()
    if local:
        named = (NamedValue(three, draw(values(symbols, alphabet))), NamedValue(four, draw(values(symbols, alphabet))))
        symbols += [Ref("named", item.name) for item in named]
    value = values(symbols, alphabet)
    settings_: dict[str, Expr] = {
        "os_type": Literal("Linux"),
        "image_publisher": draw(value),
        "image_sku": draw(value),
        "vm_size": draw(WORDS.map(Literal)),
        "os_disk_size_gb": Literal(draw(st.integers(30, 2048))),
        "async_resourcegroup_delete": Literal(draw(st.booleans())),
        "plan_info.plan_name": draw(value),
        "shared_image_gallery_destination.replication_regions": ListExpr(tuple(draw(st.lists(value, max_size=3)))),
        "azure_tags": ObjectExpr(
            tuple((Literal(key), draw(value)) for key in sorted(draw(st.sets(WORDS, max_size=3))))
        ),
    }
    source = Source("azure-arm", "one", {key: Setting(value) for key, value in settings_.items()})
    listed = tuple(draw(st.lists(steps(symbols, alphabet), max_size=4)))
    return Plan(inputs, named, (source,), (BuildGroup(None, (SourceUse("azure-arm", "one"),), listed),))


@FAST
@given(plans(BRACES))
def test_hcl(plan: Plan) -> None:
    text = write_hcl(plan)
    assert text.isascii()
    assert normal(read_hcl([SourceFile("x.pkr.hcl", text)], "x.pkr.hcl", ".")) == normal(plan)
    assert write_hcl(plan) == text


@FAST
@given(plans(SIGNS, typed=False, local=False))
def test_legacy_json(plan: Plan) -> None:
    text = write_json(plan)
    assert text.isascii()
    assert normal(read_json(SourceFile("x.json", text), "x.json", ".")) == normal(plan)


@st.composite
def image_builder_plans(draw: st.DrawFn) -> Plan:
    """Plans of what a deployment template says: every input and named value is used, and the image is generalized."""
    one, two, three, four = draw(NAMES)
    words = texts(SIGNS.replace("\t", ""), 1)
    inputs = (
        Input(one, STRING, draw(st.none() | words.map(Literal)), draw(st.none() | words)),
        Input(two, STRING, None, sensitive=False),
        Input("number", NUMBER, draw(st.none() | st.integers(1, 99).map(Literal))),
    )
    symbols: list[Expr] = [Ref("input", one), Ref("input", two)]
    named = (NamedValue(three, template([Literal(draw(words)), symbols[0], Literal(draw(words))])),)
    value = values([*symbols, Ref("named", three)], SIGNS.replace("\t", ""))
    tags = {"all": template([*symbols, Ref("input", "number"), Ref("named", three)]), four: draw(value)}
    found: dict[str, Expr] = {
        "os_type": Literal("Linux"),
        "image_publisher": draw(WORDS.map(Literal)),
        "image_offer": Ref("input", two),
        "image_sku": draw(WORDS.map(Literal)),
        "location": Literal("westeurope"),
        "vm_size": Literal("Standard_D2s_v5"),
        "os_disk_size_gb": Literal(draw(st.integers(30, 2048))),
        "managed_image_name": template([Literal(draw(WORDS)), symbols[1]]),
        "managed_image_resource_group_name": Literal(draw(WORDS)),
        "azure_tags": ObjectExpr(tuple((Literal(key), tags[key]) for key in sorted(tags))),
    }
    source = Source("azure-arm", "one", {key: Setting(item) for key, item in found.items()})
    line = st.lists(values([], SIGNS.replace("\n", "").replace("\t", "")), min_size=1, max_size=3)
    shells = draw(
        st.lists(line.map(lambda items: Step("shell", {"inline": Setting(ListExpr(tuple(items)))})), max_size=3)
    )
    group = BuildGroup(None, (SourceUse("azure-arm", "one"),), (*shells, generalizing_step(False)))
    return Plan(inputs, named, (source,), (group,))


@FAST
@given(image_builder_plans())
def test_bicep(plan: Plan) -> None:
    options = TranslateOptions(shape="bicep")
    (made,) = translate(plan, bind_inputs(plan), DictFiles({}), options, Diagnostics()).outputs
    assert made.bicep is not None and made.bicep.isascii()
    read = read_bicep(SourceFile("x.bicep", made.bicep), "x.bicep", Diagnostics(), DictFiles({}))
    assert normal(read.plan) == normal(plan)


@FAST
@given(image_builder_plans())
def test_image_builder(plan: Plan) -> None:
    made = translate(plan, bind_inputs(plan), DictFiles({}), TranslateOptions(), Diagnostics())
    text = made.outputs[0].text()
    assert text.isascii()
    read = read_template(SourceFile("x.json", text), "x.json", Diagnostics())
    assert normal(read.plan) == normal(plan)
