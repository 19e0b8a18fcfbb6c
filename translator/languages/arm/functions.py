"""The functions of ARM's template language: which operation each is, and what it gives.

A row exists for every function that the language has. ``operation`` is HCL's name where the meaning is HCL's, else
``arm.NAME``; what needs more than a name and an order of arguments is in ``reading.py`` and ``printing.py``.
Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Gives = Literal["string", "number", "bool", "list", "object", ""]


class Function(Record):
    """``order``: position in the operation of each ARM argument (empty: the same order, any number).

    ``gives``: kind of the result, "" where it depends on the arguments. ``when``: ``default`` for functions that only
    a parameter's default may call, ``runtime`` for those that ask Azure during deployment.
    """

    name: str
    operation: str
    gives: Gives = ""
    order: tuple[int, ...] = ()
    when: Literal["", "default", "runtime"] = ""


def _same(gives: Gives, names: str) -> list[Function]:
    return [Function(name, f"arm.{name}", gives) for name in names.split()]


#: Rows whose meaning HCL has too: the operation is HCL's.
_SHARED = [
    Function("toLower", "lower", "string", (0,)),
    Function("toUpper", "upper", "string", (0,)),
    Function("trim", "trimspace", "string", (0,)),
    Function("replace", "replace", "string", (0, 1, 2)),
    Function("split", "split", "list", (1, 0)),
    Function("join", "join", "string", (1, 0)),
    Function("base64", "base64encode", "string", (0,)),
    Function("base64ToString", "base64decode", "string", (0,)),
    Function("length", "length", "number", (0,)),
    Function("json", "jsondecode", "", (0,)),
    Function("add", "add", "number", (0, 1)),
    Function("sub", "subtract", "number", (0, 1)),
    Function("mul", "multiply", "number", (0, 1)),
    Function("mod", "modulo", "number", (0, 1)),
    Function("equals", "equal", "bool", (0, 1)),
    Function("less", "less", "bool", (0, 1)),
    Function("lessOrEquals", "less_equal", "bool", (0, 1)),
    Function("greater", "greater", "bool", (0, 1)),
    Function("greaterOrEquals", "greater_equal", "bool", (0, 1)),
    Function("not", "not", "bool", (0,)),
    Function("and", "and", "bool"),
    Function("or", "or", "bool"),
    Function("shallowMerge", "arm.shallowMerge", "object", (0,)),
]

_RUNTIME = (
    "reference references listKeys listAccountSas listServiceSas listSecrets list pickZones providers toLogicalZone "
    "toPhysicalZone"
)

#: Rows whose meaning is ARM's own.
_OWN = [
    *_same("string", "base64ToJson dataUri dataUriToString format guid padLeft string substring uniqueString uri"),
    *_same("string", "uriComponent uriComponentToString buildUri dateTimeAdd dateTimeFromEpoch cidrSubnet cidrHost"),
    *_same("string", "resourceId subscriptionResourceId tenantResourceId managementGroupResourceId"),
    *_same("string", "extensionResourceId fail"),
    *_same("number", "indexOf lastIndexOf div int float min max copyIndex dateTimeToEpoch"),
    *_same("bool", "contains empty endsWith startsWith like bool true false"),
    *_same("list", "array createArray flatten range distinct objectKeys items filter map sort"),
    *_same("object", "createObject parseUri parseCidr toObject mapValues groupBy deployment environment deployer"),
    *_same("object", "resourceGroup subscription tenant managementGroup"),
    *_same("", "concat first last skip take union intersection coalesce if null tryGet indexFromEnd tryIndexFromEnd"),
    *_same("", "parameters variables lambdaVariables lambda reduce"),
    Function("utcNow", "arm.utcNow", "string", (), "default"),
    Function("newGuid", "arm.newGuid", "string", (), "default"),
    *(Function(name, f"arm.{name}", "", (), "runtime") for name in _RUNTIME.split()),
]

#: By lower-case name: ARM does not mind the case of a function.
FUNCTIONS = {row.name.lower(): row for row in (*_SHARED, *_OWN)}

#: By operation, of rows that print as they stand.
BY_OPERATION = {row.operation: row for row in (*_SHARED, *_OWN)}

#: What an expression may be long, brackets included, and the range of its integer literals.
LONGEST = 24_576
SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1
