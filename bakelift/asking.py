"""Asks data sources, when the command line allows the network: those of type http, as Packer does.

Packer's datasource/http/data.go: GET unless told otherwise, any 2xx answer is taken, its body is text.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.packer.hcl_reader_data import METHODS
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Literal, ObjectExpr
from bakelift.translator.plan.model import Attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.sessions import Session
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import DataSource, Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value

#: Seconds to wait for an answer, and how long it may be.
TIMEOUT = 60
LARGEST = 16 * 1024 * 1024


def asked(session: Session) -> Plan:
    """The Plan with what its http data sources answer. Those that need another come after it.

    What fails is among the session's diagnostics: errors ``data/http``, ``data/method``; warnings ``data/not-asked``
    for data sources of other types, and for those whose request is not known.
    """
    plan = session.plan
    waiting = [data for data in plan.data if data.type == "http"]
    for data in plan.data:
        if data.value is None and data.type != "http":
            detail = "What it gives stays unknown: only data sources of type http are asked."
            session.diagnostics.warning(
                "data/not-asked", f"data.{data.type}.{data.name} is not asked", detail, data.span
            )
    while waiting:
        later: list[DataSource] = []
        for data in waiting:
            try:
                value = _answer(data, session.scope())
            except TemplateError as error:
                session.diagnostics.extend(error.diagnostics)
                continue
            if value is None:
                later.append(data)
                continue
            plan = plan.but(data=tuple(d.but(value=value) if d is data else d for d in plan.data))
            session.loaded.plan = plan
        if len(later) == len(waiting):
            for data in later:
                detail = "Its request depends on what is not known."
                summary = f"data.http.{data.name} is not asked"
                session.diagnostics.warning("data/not-asked", summary, detail, data.span)
            break
        waiting = later
    return plan


def _answer(data: DataSource, scope: Scope) -> Expr | None:
    """What a data source gives; None while its request is not known."""
    said = {e.name: e.setting.value for e in data.body.entries if isinstance(e, Attribute)}
    values = {name: evaluate(expr, scope) for name, expr in said.items()}
    if not all(value.wholly_known() for value in values.values()):
        return None
    method = _text(values.get("method")) or "GET"
    if method not in METHODS:
        span = said["method"].span or data.span
        raise fail("data/method", f"the `method` must be one of {' '.join(METHODS)}", "", span)
    headers = values.get("request_headers")
    fields = headers.raw if headers is not None and isinstance(headers.raw, dict) else {}
    sent = {name: _text(value) for name, value in fields.items()}
    body, answered = _request(data, _text(values.get("url")), method, sent, _text(values.get("request_body")))
    got = ObjectExpr(tuple((Literal(name), Literal(text)) for name, text in sorted(answered.items())), data.span)
    # The address may be a secret: it stays the expression that it is.
    entries = (
        (Literal("body"), Literal(body, data.span)),
        (Literal("request_headers"), got),
        (Literal("url"), said["url"]),
    )
    return ObjectExpr(entries, data.span)


def _text(value: Value | None) -> str:
    return "" if value is None or value.null else str(value.raw)


def _request(
    data: DataSource, url: str, method: str, headers: Mapping[str, str], body: str
) -> tuple[str, dict[str, str]]:
    """The body of the answer as text, and its headers. Raises TemplateError."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, build_opener

    where = f"data.{data.type}.{data.name}"
    if not url.lower().startswith(("http://", "https://")):
        raise fail("data/http", f"{where} asks no web server", "Its url begins with http:// or https://.", data.span)
    try:
        request = Request(url, body.encode() or None, dict(headers), method=method)
        with build_opener().open(request, timeout=TIMEOUT) as answer:
            content = answer.read(LARGEST + 1)
            found: dict[str, str] = {}
            for header, text in answer.headers.items():
                name = "-".join(word.capitalize() for word in header.split("-"))
                found[name] = f"{found[name]}, {text}" if name in found else text
    except HTTPError as problem:
        detail = f"HTTP request error. Response code: {problem.code}"
        raise fail("data/http", f"{where} got no answer", detail, data.span) from None
    except (OSError, HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", None) or problem
        detail = f"HTTP request error: {reason if url not in str(reason) else type(problem).__name__}"
        raise fail("data/http", f"{where} got no answer", detail, data.span) from None
    if len(content) > LARGEST:
        raise fail("data/http", f"the answer for {where} is too long", f"It has more than {LARGEST} bytes.", data.span)
    return content.decode("utf-8", "replace"), found
