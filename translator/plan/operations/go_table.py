"""Operations that only Packer's Go templates have (rows as in :mod:`.table`)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.operations.table import Row

OPERATIONS: dict[str, Row] = {
    # Packer's
    "go.timestamp": ("dates.now_unix", "scoped", "-> string"),
    "go.isotime": ("dates.start_in_go_layout", "scoped", "*format: string -> string"),
    "go.strftime": ("dates.start_in_strftime", "scoped", "*format: string -> string"),
    "go.uuid": ("hashing.uuid_random", "scoped", "-> string"),
    "go.replace": ("go_text.replace", "plain", "old: string, new: string, n: number, s: string -> string"),
    "go.replace_all": ("go_text.replace_all", "plain", "old: string, new: string, s: string -> string"),
    "go.split": ("go_text.split", "plain", "s: string, sep: string, index: number -> string"),
    "go.clean_resource_name": ("go_text.clean_resource_name", "plain", "s: string -> string"),
    # text/template's own
    "go.print": ("go_text.print_text", "values", "*args?: any -> string"),
    "go.printf": ("go_text.printf", "values", "format: string, *args?: any -> string"),
    "go.println": ("go_text.print_line", "values", "*args?: any -> string"),
    "go.html": ("go_text.html", "values", "*args?: any -> string"),
    "go.js": ("go_text.js", "values", "*args?: any -> string"),
    "go.len": ("go_logic.length", "values", "item: any -> number"),
    "go.index": ("go_logic.index", "values", "item: any, *keys: any -> any"),
    "go.slice": ("go_logic.slice_item", "values", "item: any, *bounds: number -> any"),
    "go.eq": ("go_logic.equal", "values", "a?: any, b?: any, *others?: any -> bool"),
    "go.ne": ("go_logic.not_equal", "values", "a?: any, b?: any -> bool"),
    "go.lt": ("go_logic.less", "values", "a: any, b: any -> bool"),
    "go.le": ("go_logic.less_equal", "values", "a: any, b: any -> bool"),
    "go.gt": ("go_logic.greater", "values", "a: any, b: any -> bool"),
    "go.ge": ("go_logic.greater_equal", "values", "a: any, b: any -> bool"),
    "go.and": ("go_logic.conjunction", "partial", "*args?: any -> any"),
    "go.or": ("go_logic.disjunction", "partial", "*args?: any -> any"),
    "go.truth": ("go_logic.condition", "values", "arg?: any -> bool"),
    "go.not": ("go_logic.negation", "values", "arg?: any -> bool"),
}
