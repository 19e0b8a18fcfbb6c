r"""Secrets that the build VM fetches from Key Vault itself, in the text of the customizer that needs them.

The VM's own identity gets a token from the instance metadata service, and with it the secret's newest version
(learn.microsoft.com: "How to use managed identities on a virtual machine to acquire an access token"; Key Vault REST,
Get Secret). Neither stands in the template, in a file or among a process's arguments: the token goes to curl by its
standard input. Linux needs curl, sed and awk, which Azure's images have.

Part of an environment value is ``Ref("vault", NAME)``: the secret of that name.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.plan.expressions import Expr, Literal, Ref, Template, template
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader

#: Names of vaults: 3 to 24 letters, digits and single dashes, a letter first.
NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|-(?!-)){1,22}[A-Za-z0-9]")

_TOKEN = (
    "http://169.254.169.254/metadata/identity/oauth2/token"
    "?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
)
_VERSION = "api-version=7.4"


class Vault(Record):
    """``name``: of the vault. ``identity``: resource id of the VM's identity, where it has more than one."""

    name: str
    identity: str | None = None


def secret_name(variable: str) -> str:
    """What a variable's secret is called in a vault, where names are letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]", "-", variable)


def secrets_of(*values: object) -> list[str]:
    """The names of the secrets in values, in the order of their first use."""
    nodes = (node for value in values if isinstance(value, Expr) for node in value.walk())
    return list(dict.fromkeys(node.name for node in nodes if isinstance(node, Ref) and node.kind == "vault"))


def from_vault(value: Expr, reader: StepReader) -> Expr | None:
    """A value with its sensitive inputs made secrets of the vault; None when they are not said as they are."""
    context = reader.context
    sensitive = context.options.sensitive
    value = context.binder.fold(inline_named(value, context.named))
    parts = value.parts if isinstance(value, Template) else (value,)
    found: list[Expr] = []
    for part in parts:
        if isinstance(part, Ref) and part.kind == "input" and (part.kind, part.name) in sensitive:
            context.vaulted.setdefault(secret_name(part.name), part.name)
            found.append(Ref("vault", secret_name(part.name)))
        elif any(isinstance(node, Ref) and (node.kind, node.name) in sensitive for node in part.walk()):
            return None
        else:
            found.append(part)
    return template(found)


# -- Linux -----------------------------------------------------------------------------------------------------------

#: The value of a secret in Key Vault's answer, with what JSON escapes in it. LC_ALL=C: printf %c is a byte.
_AWK = r"""
function byte(n) { printf "%c", n }
function hex(s,  i, n) {
  for (i = 1; i <= 4; i++) n = n * 16 + index("0123456789abcdef", tolower(substr(s, i, 1))) - 1
  return n
}
{ all = all $0 }
END {
  if (!match(all, /"value" *: *"(\\.|[^"\\])*"/)) exit 1
  s = substr(all, RSTART, RLENGTH - 1)
  sub(/^"value" *: *"/, "", s)
  plain["n"] = "\n"; plain["t"] = "\t"; plain["r"] = "\r"; plain["b"] = "\b"; plain["f"] = "\f"
  while (match(s, /\\./)) {
    printf "%s", substr(s, 1, RSTART - 1)
    c = substr(s, RSTART + 1, 1)
    s = substr(s, RSTART + 2)
    if (c != "u") { printf "%s", (c in plain) ? plain[c] : c; continue }
    n = hex(s)
    s = substr(s, 5)
    if (n >= 55296 && n < 56320) { n = (n - 55296) * 1024 + hex(substr(s, 3)) + 9216; s = substr(s, 7) }
    if (n < 128) { byte(n); continue }
    if (n < 2048) byte(192 + int(n / 64))
    else if (n < 65536) { byte(224 + int(n / 4096)); byte(128 + int(n / 64) % 64) }
    else { byte(240 + int(n / 262144)); byte(128 + int(n / 4096) % 64); byte(128 + int(n / 64) % 64) }
    byte(128 + n % 64)
  }
  printf "%s", s
}
""".strip("\n")


def shell_fetch(vault: Vault, secrets: Sequence[str]) -> list[str]:
    """Lines that put each secret into ``secret_N``, from 1, in this order."""
    address = _TOKEN + (f"&msi_res_id={vault.identity}" if vault.identity else "")
    lines = [
        f"vault_token=$(curl -sSf --noproxy '*' --retry 9 -H Metadata:true {t.single(address)}"
        """ | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')""",
        "vault_secret() {",
        """printf 'header = "Authorization: Bearer %s"\\n' "$vault_token" | curl -sSf --retry 9 -K - """
        f'"https://{vault.name}.vault.azure.net/secrets/$1?{_VERSION}" | LC_ALL=C awk \'',
        *_AWK.split("\n"),
        "'",
        "}",
    ]
    for number, name in enumerate(secrets, 1):
        lines += [f"secret_{number}=$(vault_secret {name} && printf x)", f"secret_{number}=${{secret_{number}%x}}"]
    return [*lines, "unset vault_token"]


def shell_word(value: Expr, secrets: Sequence[str], holes: list[Expr]) -> str:
    """A value with secrets in it, as one word of a shell command."""
    word = ""
    for part in value.parts if isinstance(value, Template) else (value,):
        if isinstance(part, Ref) and part.kind == "vault":
            word += f'"${{secret_{secrets.index(part.name) + 1}}}"'
        else:
            word += t.single_word(str(part.value) if isinstance(part, Literal) else part, holes)
    return word


def shell_quoted(variable: str, word: str) -> list[str]:
    """Lines that make ``variable`` the value as it stands between single quotes."""
    return [
        f"{variable}=$(printf '%sx' {word} | sed \"s/'/'\\\"'\\\"'/g\")",
        f"{variable}=${{{variable}%x}}",
    ]


# -- Windows ---------------------------------------------------------------------------------------------------------


def windows_fetch(vault: Vault, secrets: Sequence[str]) -> list[str]:
    """As :func:`shell_fetch`: into ``$secret_N``."""
    address = _TOKEN + (f"&msi_res_id={vault.identity}" if vault.identity else "")
    quoted = t.in_powershell(address)
    lines = [
        "$ErrorActionPreference = 'Stop'",
        "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12",
        f"$vault = (Invoke-RestMethod -Headers @{{ Metadata = 'true' }} -Uri '{quoted}').access_token",
        '$vault = @{ Authorization = "Bearer $vault" }',
    ]
    for number, name in enumerate(secrets, 1):
        uri = f"https://{vault.name}.vault.azure.net/secrets/{name}?{_VERSION}"
        lines.append(f"$secret_{number} = (Invoke-RestMethod -Headers $vault -Uri '{uri}').value")
    return [*lines, "$vault = $null", "$ErrorActionPreference = 'Continue'"]


def windows_value(value: Expr, secrets: Sequence[str], holes: list[Expr]) -> str:
    """A value with secrets in it, as a PowerShell expression."""
    words = []
    for part in value.parts if isinstance(value, Template) else (value,):
        if isinstance(part, Ref) and part.kind == "vault":
            words.append(f"$secret_{secrets.index(part.name) + 1}")
        else:
            words.append(t.powershell_word(str(part.value) if isinstance(part, Literal) else part, holes))
    return " + ".join(words)


# -- the marker line -------------------------------------------------------------------------------------------------


def facts_of(vault: Vault, values: Iterable[tuple[str, str | Expr]], inputs: dict[str, str]) -> dict[str, object]:
    """What the marker line says, so that the step can be read back: the vault; values with ``${vault.NAME}``."""
    told = {name: _printed(value, inputs) for name, value in values if secrets_of(value)}
    identity = {"identity": vault.identity} if vault.identity else {}
    return {"vault": vault.name, **identity, "secrets": told} if told else {}


def _printed(value: str | Expr, inputs: dict[str, str]) -> str | None:
    text = ""
    parts = value.parts if isinstance(value, Template) else (value,)
    for part in parts:
        if isinstance(part, Ref) and part.kind == "vault":
            text += f"${{vault.{inputs[part.name]}}}"
        elif isinstance(part, Literal):
            text += str(part.value).replace("${", "$${")
        elif isinstance(part, Ref) and part.kind == "input":
            text += f"${{var.{part.name}}}"
        else:
            return None
    return text


_SYMBOL = re.compile(r"(?<!\$)\$\{(?:var|vault)\.([\w-]+)\}")


def secret_inputs(facts: object) -> list[str]:
    """The inputs that a marker line's secrets stand for."""
    texts = [text for text in facts.values() if isinstance(text, str)] if isinstance(facts, dict) else []
    return sorted({name for text in texts for name in re.findall(r"(?<!\$)\$\{vault\.([\w-]+)\}", text)})


def read_facts(facts: object) -> dict[str, Expr]:
    """The reverse of :func:`facts_of`: values by the name of their variable; what cannot be read is left out."""
    found: dict[str, Expr] = {}
    for name, text in facts.items() if isinstance(facts, dict) else ():
        if not isinstance(text, str):
            continue
        pieces = _SYMBOL.split(text)
        parts: list[Expr] = [
            Ref("input", p) if i % 2 else Literal(p.replace("$${", "${")) for i, p in enumerate(pieces)
        ]
        found[str(name)] = t.bare(template(parts))
    return found
