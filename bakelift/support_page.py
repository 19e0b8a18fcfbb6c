"""The page ``docs/support.md``: what becomes of everything, made from the tables (``make schemas``)."""

from __future__ import annotations

import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.imagebuilder.properties import Property
    from bakelift.translator.imagebuilder.table import Row

_HEAD = """# What is supported

This page is made from the tables that the translation itself works with (`make schemas`).

Classes: *exact*, the same in the output; *adapted*, the same effect by other means, or the service does it by itself;
*approximated*, the effect can differ; *dropped*, no effect on the image; *unsupported*, matters, and is not there.
`bakelift explain CODE` says more of each, with an example and the way out.

- [Settings of azure-arm](#settings-of-azure-arm)
- [Provisioners](#provisioners)
- [Post-processors](#post-processors)
- [Image Builder's API versions](#image-builders-api-versions)
"""

#: Provisioners with a lowering of their own; the others are in tables.
_LOWERED = ("shell", "file", "powershell", "windows-restart", "windows-shell", "windows-update")


def text() -> str:
    parts = (_HEAD, _builder(), _provisioners(), _post_processors(), _versions())
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _builder() -> str:
    from bakelift.translator.imagebuilder.table import rows

    return f"## Settings of azure-arm\n\n{_grouped(rows().values(), evidence=True)}"


def _provisioners() -> str:
    from bakelift.translator.imagebuilder.lowering.others import STEPS
    from bakelift.translator.imagebuilder.lowering.tools import TYPES
    from bakelift.translator.imagebuilder.table_steps import provisioner_rows

    made = "## Provisioners\n"
    for type in (*_LOWERED, *sorted(TYPES)):
        made += f"\n### {type}\n\n{_grouped(_own_names(provisioner_rows(type)))}"
    made += "\n### Others\n\n| provisioner | class | code | what becomes of it |\n|---|---|---|---|\n"
    for type, (kind, code, meaning, way_out) in sorted(STEPS.items()):
        made += f"| {type} | {kind} | `{code}` | {_cell(f'{meaning}. {way_out}' if way_out else meaning)} |\n"
    return made


def _post_processors() -> str:
    from bakelift.translator.imagebuilder.table_steps import POST_PROCESSORS

    made = "## Post-processors\n\n| post-processor | class | code | what becomes of it |\n|---|---|---|---|\n"
    for type, (kind, code, meaning) in sorted(POST_PROCESSORS.items()):
        made += f"| {type} | {kind} | `{code}` | {_cell(meaning)} |\n"
    return made


def _versions() -> str:
    from bakelift.translator.imagebuilder.properties import PROPERTIES, VERSIONS
    from bakelift.translator.imagebuilder.versions import DEFAULT

    made = "## Image Builder's API versions\n\n"
    made += f"Written are the versions from {VERSIONS[0]} on; without `-api-version`, {DEFAULT}. "
    made += "Properties that are not in all of them:\n\n"
    made += f"| property | {' | '.join(VERSIONS)} |\n|---|{'---|' * len(VERSIONS)}\n"
    for item in PROPERTIES:
        if item.since or item.required_until or item.values_since:
            made += f"| `{item.path}` | {' | '.join(_sign(item, version) for version in VERSIONS)} |\n"
    schemas = ", ".join(f"[{version}](../schemas/imagebuilder/{version}.schema.json)" for version in VERSIONS)
    return f"{made}\nJSON Schemas: {schemas}.\n"


def _sign(item: Property, version: str) -> str:
    if not item.known(version):
        return ""
    if item.values_since:
        return "yes" if item.choices(version) == item.values else ", ".join(item.choices(version))
    return "required" if item.demanded(version) else "yes"


def _own_names(rows: dict[str, Row]) -> list[Row]:
    return [row.but(path=name) for name, row in rows.items()]


def _grouped(rows: Iterable[Row], evidence: bool = False) -> str:
    """A table with a line for all settings of which the same is said."""
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for row in rows:
        said = (row.kind, row.code, row.advice, row.since, row.evidence if evidence else "")
        groups.setdefault(said, []).append(row.path)
    head = ["settings", "class", "code", "what becomes of them", *(["since", "evidence"] if evidence else [])]
    lines = [head, ["---"] * len(head)]
    for (kind, code, advice, since, proof), names in groups.items():
        line = [", ".join(f"`{name}`" for name in names), kind, f"`{code}`", _cell(advice) or "the same value"]
        lines.append([*line, *([since, proof] if evidence else [])])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> int:
    """Writes the page that is named."""
    path = Path(sys.argv[1])
    path.write_text(text())
    print(f"{path}: {text().count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
