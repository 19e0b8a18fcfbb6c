"""The operations: a row each. Adding one is a row here and a function in its group.

A row is (implementation, form, signature). ``form`` says what the implementation takes:

``plain``      the arguments as plain data (``to_python``), all known; gives plain data or a Value
``scoped``     as plain, after the scope; for what asks files, clock or environment
``values``     the arguments as known Values without marks, where types matter; gives a Value
``shapes``     the arguments as Values whose elements may be unknown (NotKnownError when it matters); gives a Value
``partial``    as shapes, but the arguments themselves may be unknown too
``lazy``       the frame and the call itself, nothing evaluated; gives a Value, marks and residual included
``symbolic``   nothing: the call is never run, only its arguments are folded

The signature is ``name: type`` for each parameter (``name?`` takes null, ``[name: type]`` may be left out, ``*name`` is
variadic), then the type of the result.
"""

from __future__ import annotations

from bakelift.translator.plan.operations.signature import read_signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.operations.signature import Operation

    Row = tuple[str, str, str]

#: Operations of one language only. What has no row there stays symbolic, for its language knows it.
SYMBOLIC_PREFIXES = ("arm.", "go.")

OPERATORS: dict[str, Row] = {
    "add": ("numbers.add", "plain", "a: number, b: number -> number"),
    "subtract": ("numbers.subtract", "plain", "a: number, b: number -> number"),
    "multiply": ("numbers.multiply", "plain", "a: number, b: number -> number"),
    "divide": ("numbers.divide", "plain", "a: number, b: number -> number"),
    "modulo": ("numbers.modulo", "plain", "a: number, b: number -> number"),
    "negate": ("numbers.negate", "plain", "num: number -> number"),
    "less": ("numbers.less", "plain", "a: number, b: number -> bool"),
    "less_equal": ("numbers.less_equal", "plain", "a: number, b: number -> bool"),
    "greater": ("numbers.greater", "plain", "a: number, b: number -> bool"),
    "greater_equal": ("numbers.greater_equal", "plain", "a: number, b: number -> bool"),
    "equal": ("control.equal", "partial", "a?: any, b?: any -> bool"),
    "not_equal": ("control.not_equal", "partial", "a?: any, b?: any -> bool"),
    "not": ("control.negation", "plain", "val: bool -> bool"),
    "and": ("control.conjunction", "partial", "a: bool, b: bool -> bool"),
    "or": ("control.disjunction", "partial", "a: bool, b: bool -> bool"),
}

#: The functions of Packer's HCL (1.16), under their names; its legacy_ ones are operations of Go templates.
FUNCTIONS: dict[str, Row] = {
    # numbers
    "abs": ("numbers.absolute", "plain", "num: number -> number"),
    "ceil": ("numbers.ceiling", "plain", "num: number -> number"),
    "floor": ("numbers.floor", "plain", "num: number -> number"),
    "log": ("numbers.logarithm", "plain", "num: number, base: number -> number"),
    "max": ("numbers.maximum", "plain", "*numbers: number -> number"),
    "min": ("numbers.minimum", "plain", "*numbers: number -> number"),
    "parseint": ("numbers.parse_int", "values", "number: any, base: number -> number"),
    "pow": ("numbers.power", "plain", "num: number, power: number -> number"),
    "signum": ("numbers.signum", "plain", "num: number -> number"),
    "sum": ("numbers.total", "values", "list: any -> number"),
    # strings
    "chomp": ("strings.chomp", "plain", "str: string -> string"),
    "endswith": ("strings.ends_with", "plain", "str: string, suffix: string -> bool"),
    "format": ("formatting.format_text", "values", "format: string, *args?: any -> string"),
    "formatlist": ("formatting.format_list", "values", "format: string, *args?: any -> list(string)"),
    "indent": ("strings.indent", "plain", "spaces: number, str: string -> string"),
    "join": ("strings.join", "plain", "separator: string, *lists: list(string) -> string"),
    "lower": ("strings.lower", "plain", "str: string -> string"),
    "regex": ("regular.match", "plain", "pattern: string, string: string -> any"),
    "regex_replace": ("regular.replace", "plain", "str: string, pattern: string, replace: string -> string"),
    "regexall": ("regular.match_all", "plain", "pattern: string, string: string -> any"),
    "replace": ("strings.replace", "plain", "str: string, substr: string, replace: string -> string"),
    "split": ("strings.split", "plain", "separator: string, str: string -> list(string)"),
    "startswith": ("strings.starts_with", "plain", "str: string, prefix: string -> bool"),
    "strcontains": ("strings.contains_text", "plain", "str: string, substr: string -> bool"),
    "strrev": ("strings.reverse_text", "plain", "str: string -> string"),
    "substr": ("strings.substring", "plain", "str: string, offset: number, length: number -> string"),
    "title": ("strings.title", "plain", "str: string -> string"),
    "trim": ("strings.trim", "plain", "str: string, cutset: string -> string"),
    "trimprefix": ("strings.trim_prefix", "plain", "str: string, prefix: string -> string"),
    "trimspace": ("strings.trim_space", "plain", "str: string -> string"),
    "trimsuffix": ("strings.trim_suffix", "plain", "str: string, suffix: string -> string"),
    "upper": ("strings.upper", "plain", "str: string -> string"),
    # collections
    "alltrue": ("collections.all_true", "plain", "list: list(bool) -> bool"),
    "anytrue": ("collections.any_true", "plain", "list: list(bool) -> bool"),
    "chunklist": ("collections.chunk_list", "shapes", "list: list(any), size: number -> any"),
    "coalesce": ("collections.coalesce", "partial", "*vals?: any -> any"),
    "coalescelist": ("collections.coalesce_list", "partial", "*vals?: any -> any"),
    "compact": ("collections.compact", "shapes", "list: list(string) -> list(string)"),
    "concat": ("collections.concat", "shapes", "*seqs: any -> any"),
    "contains": ("collections.contains", "partial", "list: any, value?: any -> bool"),
    "distinct": ("collections.distinct", "values", "list: list(any) -> any"),
    "element": ("collections.element", "shapes", "list: any, index: number -> any"),
    "flatten": ("collections.flatten", "shapes", "list: any -> any"),
    "index": ("collections.index", "partial", "list: any, value?: any -> number"),
    "keys": ("maps.keys", "shapes", "inputMap: any -> any"),
    "length": ("collections.length", "shapes", "value: any -> number"),
    "lookup": ("maps.lookup", "partial", "inputMap: any, key: string, default?: any -> any"),
    "merge": ("maps.merge", "partial", "*maps?: any -> any"),
    "range": ("collections.number_range", "plain", "*params: number -> list(number)"),
    "reverse": ("collections.reverse", "shapes", "list: any -> any"),
    "setintersection": ("sets.set_intersection", "values", "first_set: set(any), *other_sets: set(any) -> any"),
    "setproduct": ("sets.set_product", "shapes", "*sets: any -> any"),
    "setunion": ("sets.set_union", "values", "first_set: set(any), *other_sets: set(any) -> any"),
    "slice": ("collections.slice_list", "shapes", "list: any, start_index: number, end_index: number -> any"),
    "sort": ("collections.sort", "plain", "list: list(string) -> list(string)"),
    "values": ("maps.values", "shapes", "mapping: any -> any"),
    "zipmap": ("maps.zip_map", "shapes", "keys: list(string), values: any -> any"),
    # encoding
    "base64decode": ("encoding.base64_decode", "plain", "str: string -> string"),
    "base64encode": ("encoding.base64_encode", "plain", "str: string -> string"),
    "base64gzip": ("encoding.base64_gzip", "plain", "str: string -> string"),
    "csvdecode": ("encoding.csv_decode", "plain", "str: string -> any"),
    "jsondecode": ("encoding.json_decode", "plain", "str: string -> any"),
    "jsonencode": ("encoding.json_encode", "values", "val?: any -> string"),
    "textdecodebase64": ("encoding.text_decode", "plain", "source: string, encoding: string -> string"),
    "textencodebase64": ("encoding.text_encode", "plain", "string: string, encoding: string -> string"),
    "urlencode": ("encoding.url_encode", "plain", "str: string -> string"),
    "yamldecode": ("yaml_text.decode", "plain", "src: string -> any"),
    "yamlencode": ("yaml_text.encode", "values", "value?: any -> string"),
    # files
    "abspath": ("paths.absolute", "scoped", "path: string -> string"),
    "basename": ("paths.base_name", "plain", "path: string -> string"),
    "dirname": ("paths.directory_name", "plain", "path: string -> string"),
    "file": ("reading.file_text", "scoped", "path: string -> string"),
    "filebase64": ("reading.file_base64", "scoped", "path: string -> string"),
    "fileexists": ("reading.file_exists", "scoped", "path: string -> bool"),
    "fileset": ("reading.file_set", "scoped", "path: string, pattern: string -> set(string)"),
    "pathexpand": ("paths.expand", "scoped", "path: string -> string"),
    "templatefile": ("reading.template_file", "lazy", "path: string, vars: any -> string"),
    # time
    "formatdate": ("dates.format_date", "plain", "format: string, time: string -> string"),
    "rfc3339_parse": ("dates.parse_rfc3339", "plain", "timestamp: string -> any"),
    "timeadd": ("dates.add_duration", "plain", "timestamp: string, duration: string -> string"),
    "timestamp": ("dates.now_rfc3339", "scoped", "-> string"),
    "unix_timestamp_parse": ("dates.parse_unix", "plain", "unix_timestamp: number -> any"),
    # hashes
    "bcrypt": ("hashing.bcrypt", "plain", "str: string, *cost: number -> string"),
    "md5": ("hashing.md5", "plain", "str: string -> string"),
    "rsadecrypt": ("hashing.rsa_decrypt", "plain", "ciphertext: string, privatekey: string -> string"),
    "sha1": ("hashing.sha1", "plain", "str: string -> string"),
    "sha256": ("hashing.sha256", "plain", "str: string -> string"),
    "sha512": ("hashing.sha512", "plain", "str: string -> string"),
    # identity and network
    "cidrhost": ("network.cidr_host", "plain", "prefix: string, hostnum: number -> string"),
    "cidrnetmask": ("network.cidr_netmask", "plain", "prefix: string -> string"),
    "cidrsubnet": ("network.cidr_subnet", "plain", "prefix: string, newbits: number, netnum: number -> string"),
    "cidrsubnets": ("network.cidr_subnets", "plain", "prefix: string, *newbits: number -> list(string)"),
    "uuidv4": ("hashing.uuid_random", "scoped", "-> string"),
    "uuidv5": ("hashing.uuid_named", "plain", "namespace: string, name: string -> string"),
    # control
    "can": ("control.can", "lazy", "expression: any -> bool"),
    "convert": ("control.convert_call", "lazy", "value?: any, type: any -> any"),
    "try": ("control.attempt", "lazy", "*expressions: any -> any"),
    # the world outside
    "env": ("control.environment", "scoped", "key: string -> string"),
    "vault": ("", "symbolic", "path: string, key: string -> string"),
    "consul_key": ("", "symbolic", "key: string -> string"),
    "aws_secretsmanager": ("", "symbolic", "name: string, *key: string -> string"),
    "aws_secretsmanager_raw": ("", "symbolic", "name: string -> string"),
}

_read: dict[str, Operation] = {}


def operation(name: str) -> Operation | None:
    """The row of an operation, None when there is none."""
    if name not in _read:
        row = OPERATORS.get(name) or FUNCTIONS.get(name) or _of_a_language(name)
        if row is None:
            return None
        _read[name] = read_signature(name, *row)
    return _read[name]


def _of_a_language(name: str) -> Row | None:
    if name.startswith("go."):
        from bakelift.translator.plan.operations.go_table import OPERATIONS as GO

        return GO.get(name)
    if name.startswith("arm."):
        from bakelift.translator.plan.operations.arm_table import OPERATIONS as ARM

        return ARM.get(name)
    return None


def names() -> list[str]:
    """The functions of HCL by name, for suggestions and completion."""
    return sorted({*FUNCTIONS, "legacy_isotime", "legacy_strftime"})
