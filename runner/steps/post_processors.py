"""Post-processors: what happens to the artifact of a build that succeeded.

Each is a ``check`` (pure) and a coroutine ``run`` that gives the next artifact of the chain and whether the one before
is kept. Facts of their files and sentences are Packer's.
"""

from __future__ import annotations

import json
import os

from bakelift.runner.errors import BuildError
from bakelift.runner.settings import text_value
from bakelift.runner.steps import StepContext, shell_local
from bakelift.runner.targets import Artifact
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bakelift.runner.settings import Settings
    from bakelift.translator.plan.values import Value


class PostContext(StepContext):
    """``build_name`` and ``builder_type`` stand in names of files; ``run_uuid`` tells runs apart in a manifest."""

    build_name: str = ""
    builder_type: str = ""
    run_uuid: str = ""
    force: bool = False


class Processed(Record):
    """``keep``: the artifact before is kept; ``forced``: keep_input_artifact = false has no say in it."""

    artifact: Artifact
    keep: bool
    forced: bool = False


class PostProcessorKind(Record):
    """One row of the table of post-processors."""

    check: Callable[[Settings, StepContext], None]
    run: Callable[[Settings, PostContext, Artifact], Awaitable[Processed]]


def template_data(**names: str) -> dict[tuple[str, str], Value]:
    """What ``{{.BuildName}}`` and its like stand for in a post-processor's options."""
    return {(kind, name): text_value(value) for name, value in names.items() for kind in ("build", "command")}


def output_path(settings: Settings, context: PostContext, default: str, **more: str) -> str:
    """The option ``output``, with its names filled in."""
    names = {"BuildName": context.build_name, "BuilderType": context.builder_type, **more}
    if settings.has("output"):
        return settings.bind(template_data(**names)).text("output") or default.format(**names)
    return default.format(**names)


async def _checksum(settings: Settings, context: PostContext, artifact: Artifact) -> Processed:
    """A file for each type of checksum, with a line ``DIGEST<tab>NAME`` for each file of the artifact."""
    import hashlib

    files = list(artifact.files or ())
    for kind in settings.texts("checksum_types") or ["md5"]:
        for path in artifact.files or ():
            default = "packer_{BuildName}_{BuilderType}_{ChecksumType}.checksum"
            output = output_path(settings, context, default, ChecksumType=kind)
            if not os.path.exists(output):
                files.append(output)
            _make_folder(output)
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, kind).hexdigest()
            with open(output, "a", encoding="utf-8") as file:
                file.write(f"{digest}\t{os.path.basename(path)}\n")
    made = Artifact(
        "packer.post-processor.checksum", "", f"Created artifact from files: {', '.join(files)}", tuple(files)
    )
    return Processed(made, keep=True, forced=True)


def _check_checksum(settings: Settings, _context: StepContext) -> None:
    known = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    for kind in settings.texts("checksum_types"):
        if kind not in known:
            raise settings.failure("build/bad-checksum", f"Unrecognized checksum type: {kind}", name="checksum_types")


async def _manifest(settings: Settings, context: PostContext, artifact: Artifact) -> Processed:
    """Adds the artifact to a JSON file of all builds; with -force a file of another run is begun anew."""
    import time

    output = settings.text("output") or "packer-manifest.json"
    manifest: dict[str, object] = {}
    if os.path.exists(output):
        try:
            with open(output, encoding="utf-8") as file:
                manifest = json.load(file)
        except ValueError as error:
            raise BuildError(f"Unable to parse content from {output}: {error}") from error
    if context.force and manifest.get("last_run_uuid") != context.run_uuid:
        manifest = {}
    builds = manifest.get("builds")
    entry = {
        "name": context.build_name,
        "builder_type": context.builder_type,
        "build_time": 0 if settings.boolean("strip_time") else int(time.time()),
        "files": _manifest_files(artifact, settings.boolean("strip_path")),
        "artifact_id": artifact.id,
        "packer_run_uuid": context.run_uuid,
        "custom_data": settings.mapping("custom_data") or None,
    }
    content = {"builds": [*(builds if isinstance(builds, list) else []), entry], "last_run_uuid": context.run_uuid}
    _make_folder(output)
    beside = f"{output}.part"
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
    os.replace(beside, output)
    return Processed(artifact, keep=True, forced=True)


def _manifest_files(artifact: Artifact, strip_path: bool) -> list[dict[str, object]] | None:
    files = [
        {
            "name": os.path.basename(path) if strip_path else path,
            "size": os.path.getsize(path) if os.path.exists(path) else 0,
        }
        for path in artifact.files or ()
    ]
    return files or None


def _check_manifest(settings: Settings, _context: StepContext) -> None:
    settings.mapping("custom_data")
    settings.boolean("strip_path")
    settings.boolean("strip_time")


async def _shell_local(settings: Settings, context: PostContext, artifact: Artifact) -> Processed:
    await shell_local.run(settings, context)
    return Processed(artifact, keep=True, forced=True)


async def _artifice(settings: Settings, _context: PostContext, _artifact: Artifact) -> Processed:
    files = _expanded(settings.texts("files"))
    if not files:
        raise BuildError("No files matched the artifice post-processor's files")
    return Processed(Artifact("packer.post-processor.artifice", "", _created(files), tuple(files)), keep=False)


def _check_artifice(settings: Settings, _context: StepContext) -> None:
    if not settings.given("files"):
        raise settings.failure("build/no-files", "No files specified in artifice configuration")


def _expanded(patterns: Sequence[str]) -> list[str]:
    import glob

    return [path for pattern in patterns for path in sorted(glob.glob(pattern))]


def _created(files: Sequence[str]) -> str:
    return f"Created artifact from files: {', '.join(files)}"


async def _compress(settings: Settings, context: PostContext, artifact: Artifact) -> Processed:
    from bakelift.runner.steps import compress

    return await compress.run(settings, context, artifact)


def _check_compress(settings: Settings, _context: StepContext) -> None:
    from bakelift.runner.steps import compress

    compress.check(settings)


def _make_folder(path: str) -> None:
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, 0o755, exist_ok=True)


#: The post-processors that can run, by type.
POST_PROCESSORS = {
    "checksum": PostProcessorKind(_check_checksum, _checksum),
    "manifest": PostProcessorKind(_check_manifest, _manifest),
    "compress": PostProcessorKind(_check_compress, _compress),
    "shell-local": PostProcessorKind(shell_local.check, _shell_local),
    "artifice": PostProcessorKind(_check_artifice, _artifice),
}
