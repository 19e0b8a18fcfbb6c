"""Functions that read files, relative to the template's folder, through the scope's ``files``."""

from __future__ import annotations

from bakelift.translator.diagnostics import SourceFile, Span, TemplateError, fail
from bakelift.translator.plan.expressions import Call, Literal, Ref, Template, template, transform
from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError, OperationError
from bakelift.translator.plan.operations.paths import clean, expand
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import SENSITIVE, Value, is_mapping, set_of, to_expr, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.frame import Frame
    from bakelift.translator.plan.scope import Scope


def _bytes(scope: Scope, path: str) -> bytes:
    path = expand(scope, path)
    try:
        return scope.files.template_read(path)
    except TemplateError as error:
        if all(d.code == "files/missing" for d in error.diagnostics):
            raise OperationError(f"no file exists at {clean(path)}") from None
        raise


def file_text(scope: Scope, path: str) -> str:
    try:
        return _bytes(scope, path).decode()
    except UnicodeDecodeError:
        message = "are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents"
        raise OperationError(f"contents of {path} {message}") from None


def file_base64(scope: Scope, path: str) -> str:
    import binascii

    return binascii.b2a_base64(_bytes(scope, path), newline=False).decode()


def file_exists(scope: Scope, path: str) -> bool:
    try:
        scope.files.template_read(expand(scope, path))
    except TemplateError as error:
        if all(d.code == "files/missing" for d in error.diagnostics):
            return False
        raise
    return True


def file_set(scope: Scope, path: str, pattern: str) -> Value:
    """Regular files below a folder that match: ``*`` in a name, ``**`` across folders, ``?``, ``[]``, ``{}``."""
    import re

    try:
        wanted = re.compile(_glob(clean(pattern)))
    except (re.error, ValueError):
        whole = clean(f"{path}/{pattern}")
        raise OperationError(f"failed to glob pattern ({whole}): syntax error in pattern") from None
    names = [name for name in scope.files.template_glob(path) if wanted.fullmatch(name)]
    return set_of(STRING, [Value(STRING, name) for name in names])


def _glob(pattern: str) -> str:
    import re

    out: list[str] = []
    at = depth = 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        if pattern.startswith("**/", at - 1) and (at == 1 or pattern[at - 2] == "/"):
            out.append("(?:[^/]+/)*")
            at += 2
        elif pattern.startswith("**", at - 1):
            out.append(".*")
            at += 1
        elif letter == "*":
            out.append("[^/]*")
        elif letter == "?":
            out.append("[^/]")
        elif letter == "[":
            end = pattern.index("]", at + 1)
            inner = pattern[at:end]
            negative = inner[:1] in {"^", "!"}
            out.append(f"[{'^' if negative else ''}{re.escape(inner[negative:]).replace(chr(92) + '-', '-')}]")
            at = end + 1
        elif letter == "{":
            out.append("(?:")
            depth += 1
        elif letter == "}" and depth:
            out.append(")")
            depth -= 1
        elif letter == "," and depth:
            out.append("|")
        elif letter == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(letter))
    return "".join(out)


def template_file(frame: Frame, node: Call) -> Value:
    """``templatefile(path, vars)``: the file as a template in which only ``vars`` are known."""
    from bakelift.translator.plan.calls import HIDDEN, failed_call

    if len(node.args) != 2:
        summary = "Not enough function arguments" if len(node.args) < 2 else "Too many function arguments"
        raise fail("hcl/argument-count", summary, 'Function "templatefile" expects 2 argument(s).', node.span)
    path, given = (frame.value(arg) for arg in node.args)
    if path.null or given.null:
        detail = f'Invalid value for "{"path" if path.null else "vars"}" parameter: argument must not be null.'
        raise fail("hcl/argument", "Invalid function argument", detail, node.span)
    marks = path.marks | given.marks
    residual = Call(node.operation, (to_expr(path), to_expr(given)), False, node.span)
    if not path.known or not given.known:
        return unknown(residual, STRING, marks | given.all_marks())
    try:
        if path.type != STRING:
            raise ArgumentError(0, "string required")
        if not is_mapping(given.type) or not isinstance(given.raw, dict):
            raise ArgumentError(1, "invalid vars value: must be a map")
        body = _with_variables(_template(frame.scope, str(path.raw)), given.raw)
    except NotKnownError:
        return unknown(residual, STRING, marks | given.all_marks())
    except ArgumentError as error:
        name = ("path", "vars")[error.index]
        span = node.args[error.index].span or node.span
        detail = f'Invalid value for "{name}" parameter: {error}.'
        raise fail("hcl/argument", "Invalid function argument", detail, span) from None
    except OperationError as error:
        message = HIDDEN if SENSITIVE in path.marks | given.all_marks() else str(error)
        raise failed_call(node.operation, message, node.span) from None
    inner = frame.bind(given.raw)
    return inner.value(body).marked(marks)


def _template(scope: Scope, path: str) -> Expr:
    """The file as a template: what a heredoc of it is, but for the line end that a heredoc adds."""
    from bakelift.translator.languages.hcl.parser import parse_expression

    text = file_text(scope, path)
    file = SourceFile(path, text)
    marker = "TEMPLATE"
    while marker in text:
        marker += "_"
    opening = f"<<{marker}\n"
    try:
        whole = parse_expression(SourceFile(path, f"{opening}{text}\n{marker}\n"))
    except TemplateError as error:
        moved = (d.but(span=_moved(d.span, file, len(opening))) for d in error.diagnostics)
        raise TemplateError(*moved) from None
    placed = _placed(whole, file, len(opening))
    parts = list(placed.parts) if isinstance(placed, Template) else [placed]
    last = parts[-1]
    assert isinstance(last, Literal) and isinstance(last.value, str)
    parts[-1] = last.but(value=last.value.removesuffix("\n"))
    if len(parts) == 2 and parts[1].value == "":  # type: ignore[attr-defined]
        # One interpolation alone is its value.
        return parts[0]
    return template(parts, placed.span)


def _placed(node: Expr, file: SourceFile, shift: int) -> Expr:
    inner = transform(node, lambda n: None if n is node else _placed(n, file, shift))
    return inner.but(span=_moved(node.span, file, shift))


def _moved(span: Span | None, file: SourceFile, shift: int) -> Span | None:
    if span is None:
        return None
    end = len(file.text)
    return Span(file, min(max(span.start - shift, 0), end), min(max(span.end - shift, 0), end))


def _with_variables(body: Expr, names: dict[str, Value]) -> Expr:
    """Names of the template become what ``vars`` binds; another ``templatefile`` is refused."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Call) and node.operation == "templatefile":
            raise OperationError("cannot recursively call templatefile from inside templatefile call")
        if isinstance(node, Ref) and node.kind == "name":
            if node.name not in names:
                where = f", referenced at {node.span}" if node.span else ""
                raise ArgumentError(1, f'vars map does not contain key "{node.name}"{where}')
            return Ref("bound", node.name, node.span)
        return None

    return transform(body, visit)
