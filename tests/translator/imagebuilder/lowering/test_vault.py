"""Secrets of a Key Vault: the text is run against servers that answer as the metadata service and the vault do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.imagebuilder.lowering.vault import _AWK, NAME, facts_of, read_facts, secret_inputs, secret_name
from bakelift.translator.plan.expressions import ListExpr, Literal, Ref, template

NASTY = 'it\'s "q" $HOME `id` \\ é 中 😀\n two\tlines\n\n'
VALUES = {"db-password": NASTY, "token": "plain"}
IDENTITIES = ListExpr((Literal("/subscriptions/x/userAssignedIdentities/build"),))


class Services(BaseHTTPRequestHandler):
    """Both: a token for whom asks with the metadata header, and secrets for whom has the token."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, answer = 403, {"error": "no"}
        if self.path.startswith("/metadata/") and self.headers.get("Metadata") == "true":
            status, answer = 200, {"access_token": "t0ken-é", "expires_in": "1"}
        name = self.path.partition("?")[0].rpartition("/")[2]
        if self.path.startswith("/secrets/") and self.headers.get("Authorization") == "Bearer t0ken-é".encode().decode(
            "latin-1"
        ):
            status, answer = (200, {"value": VALUES[name], "id": "x"}) if name in VALUES else (404, {"error": "?"})
        body = json.dumps(answer, separators=(",", ":")).encode() if status == 200 else b"{}"
        if self.path.startswith("/metadata/"):
            body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        return None


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[dict[str, str], list[str], Path]]:
    """The environment for a text whose curl finds them; what they were asked; and curl's own arguments, in a file."""
    real = shutil.which("curl")
    if real is None:
        pytest.skip("needs curl")
    handler = type("Handler", (Services,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    folder = tmp_path / "bin"
    folder.mkdir()
    arguments = tmp_path / "arguments"
    (folder / "curl").write_text(
        '#!/bin/bash\nargs=()\nfor a in "$@"; do\n'
        f"  a=${{a/http:\\/\\/169.254.169.254/{here.replace('/', chr(92) + '/')}}}\n"
        f"  a=${{a/https:\\/\\/vault.vault.azure.net/{here.replace('/', chr(92) + '/')}}}\n"
        f'  [ "$a" = 9 ] && a=0\n  args+=("$a")\ndone\n'
        f'printf \'%s\\n\' "$@" >> {arguments}\nexec {real} "${{args[@]}}"\n'
    )
    (folder / "curl").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path), "no_proxy": "*"}
    yield environment, handler.asked, arguments  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def run(texts: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    done = None
    for text in texts:
        done = subprocess.run(["/bin/sh", "-e", "-c", text], capture_output=True, env=environment, check=False)
    assert done is not None
    return done


SHOW = "#!/bin/sh\nprintf '%s' \"$PASSWORD\"\n"
STEPS: dict[str, dict[str, object]] = {
    "plain": {"inline": ["printf '%s' \"$PASSWORD\""]},
    "traced": {"inline": ["printf '%s' \"$PASSWORD\""], "inline_shebang": "/bin/sh -eux"},
    "script": {"script": "show.sh"},
    "env file": {"script": "show.sh", "use_env_var_file": True},
    "retries": {"script": "show.sh", "max_retries": 2},
}


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("around", [("", ""), ("it's $1 ", " `end`")])
def test_the_value_arrives_as_it_is(kind, around, world, step, text, services) -> None:
    environment, asked, arguments = services
    w = world({"show.sh": SHOW.encode()}, sensitive=("db_password",), vault="vault", identities=IDENTITIES)
    value = template([Literal(f"PASSWORD={around[0]}"), Ref("input", "db_password"), Literal(around[1])])
    made = w.lower(step("shell", environment_vars=[value], **STEPS[kind]))
    done = run([text(item) for item in made], environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == around[0] + NASTY + around[1]
    assert len(asked) == 2
    said = arguments.read_text()
    assert "t0ken" not in said and "two" not in said
    assert w.said("environment_vars").kind == "adapted" and w.said("environment_vars").code == "aib/secret-vault"


def test_a_secret_that_is_not_there_fails_the_step(world, step, text, services) -> None:
    environment, _, _ = services
    w = world(sensitive=("other",), vault="vault", identities=IDENTITIES)
    (made,) = w.lower(step("shell", inline=["echo on"], env={"A": Ref("input", "other")}))
    done = run([text(made)], environment)
    assert done.returncode != 0 and b"on" not in done.stdout


def test_two_values_need_one_token(world, step, text, services) -> None:
    environment, asked, _ = services
    w = world(sensitive=("db_password", "token"), vault="vault", identities=IDENTITIES)
    pairs = [template([Literal(f"{n}="), Ref("input", v)]) for n, v in (("B", "token"), ("A", "db_password"))]
    (made,) = w.lower(step("shell", inline=['echo "$B"'], environment_vars=pairs))
    assert run([text(made)], environment).stdout == b"plain\n"
    assert [path.partition("?")[0] for path in asked[1:]] == ["/secrets/db-password", "/secrets/token"]


def test_without_an_identity_it_is_unsupported(world, step) -> None:
    w = world(sensitive=("token",), vault="vault")
    assert w.lower(step("shell", inline=["x"], env={"A": Ref("input", "token")})) == []
    assert [d.code for d in w.diagnostics] == ["aib/secret-identity"]


def test_what_is_made_of_a_secret_is_refused(world, step) -> None:
    from bakelift.translator.plan.expressions import Call

    w = world(sensitive=("token",), vault="vault", identities=IDENTITIES)
    value = Call("upper", (Ref("input", "token"),))
    assert w.lower(step("shell", inline=["x"], env={"A": value})) == []
    assert [d.code for d in w.diagnostics] == ["aib/secret-in-text"]


def test_one_of_several_identities_is_named(world, step, text) -> None:
    w = world(sensitive=("token",), vault="vault", identities=ListExpr((Literal("/a"), Literal("/b"))))
    (made,) = w.lower(step("shell", inline=["x"], env={"A": Ref("input", "token")}))
    assert "&msi_res_id=/a'" in text(made)


def test_windows_fetches_with_its_own_means(world, step, text) -> None:
    w = world(sensitive=("token",), vault="vault", identities=IDENTITIES, windows=True)
    value = template([Literal("A=it's "), Ref("input", "token")])
    (made,) = w.lower(step("powershell", inline=["x"], environment_vars=[value]))
    found = text(made)
    assert "$env:A = 'it''s ' + $secret_1" in found
    assert "Invoke-RestMethod -Headers @{ Metadata = 'true' }" in found
    assert "https://vault.vault.azure.net/secrets/token?api-version=7.4" in found


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20), st.booleans())
def test_any_value_is_read_out_of_the_answer(value: str, plain: bool) -> None:
    answer = json.dumps({"value": value, "id": 'x","value":"no'}, separators=(",", ":"), ensure_ascii=plain)
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(["awk", _AWK], input=answer.encode(), capture_output=True, env=environment, check=True)
    assert done.stdout.decode() == value


def test_names() -> None:
    assert secret_name("db_password") == "db-password"
    assert NAME.fullmatch("image-secrets") and NAME.fullmatch("abc")
    for wrong in ("ab", "1abc", "a--b", "abc-", "a" * 25, "a.b", "vault.example.com/x"):
        assert NAME.fullmatch(wrong) is None, wrong


def test_facts_are_read_back() -> None:
    from bakelift.translator.imagebuilder.lowering.vault import Vault

    value = template([Literal("a ${x} "), Ref("vault", "db-password"), Literal(" b")])
    facts = facts_of(Vault("vault"), [("A", value), ("B", "plain")], {"db-password": "db_password"})
    assert secret_inputs(facts["secrets"]) == ["db_password"]
    assert read_facts(facts["secrets"]) == {
        "A": template([Literal("a ${x} "), Ref("input", "db_password"), Literal(" b")])
    }
