"""Packer's HCL functions: the name in HCL and the operation that it means.

Packer's whole list: hcl2template/functions.go (1.16), and ``env``, which only defaults of variables may call. Where
HCL's name is the operation's name, one word says both.
"""

from __future__ import annotations

_SAME = """
    abs ceil floor log max min parseint pow signum sum
    chomp format formatlist indent join lower upper title split strrev substr trim trimprefix trimsuffix trimspace
    replace regex regexall regex_replace startswith endswith strcontains
    alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index keys values
    length lookup merge range reverse setintersection setproduct setunion slice sort zipmap
    base64encode base64decode base64gzip csvdecode jsondecode jsonencode textencodebase64 textdecodebase64 urlencode
    yamldecode yamlencode
    abspath basename dirname file filebase64 fileexists fileset pathexpand templatefile
    timestamp formatdate timeadd rfc3339_parse unix_timestamp_parse
    bcrypt md5 rsadecrypt sha1 sha256 sha512
    uuidv4 uuidv5 cidrhost cidrnetmask cidrsubnet cidrsubnets
    can try convert
    vault consul_key aws_secretsmanager aws_secretsmanager_raw
    env
"""

#: Operation by HCL name. The legacy clock functions are the Go templates' ones: fixed when the process starts.
OPERATIONS: dict[str, str] = {
    **{name: name for name in _SAME.split()},
    "legacy_isotime": "go.isotime",
    "legacy_strftime": "go.strftime",
}

#: HCL name by operation.
NAMES: dict[str, str] = {operation: name for name, operation in OPERATIONS.items()}

#: Binary operators: precedence (higher binds tighter; all associate to the left) and operation.
BINARY: dict[str, tuple[int, str]] = {
    "||": (1, "or"),
    "&&": (2, "and"),
    "==": (3, "equal"),
    "!=": (3, "not_equal"),
    "<": (4, "less"),
    "<=": (4, "less_equal"),
    ">": (4, "greater"),
    ">=": (4, "greater_equal"),
    "+": (5, "add"),
    "-": (5, "subtract"),
    "*": (6, "multiply"),
    "/": (6, "divide"),
    "%": (6, "modulo"),
}
UNARY: dict[str, str] = {"-": "negate", "!": "not"}
