"""The compress post-processor: packs an artifact's files, in a format that the name of the output says."""

from __future__ import annotations

import asyncio
import os
import shutil

from bakelift.runner.errors import BuildError
from bakelift.runner.steps.post_processors import PostContext, Processed, output_path
from bakelift.runner.targets import Artifact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.settings import Settings

#: By the output's ending: what is made of the files (``tar``, ``zip``, or one file alone), and what packs it.
#: The words are those of the log.
FORMATS = (
    (".tar.gz", "tar", "pgzip"),
    (".tgz", "tar", "pgzip"),
    (".tar.bz2", "tar", "bzip2"),
    (".tar.xz", "tar", "xz"),
    (".tar", "tar", ""),
    (".zip", "zip", ""),
    (".gz", "", "pgzip"),
    (".bz2", "", "bzip2"),
    (".xz", "", "xz"),
)
_TAR_MODES = {"pgzip": "gz", "bzip2": "bz2", "xz": "xz", "": ""}
_DEFAULT = "packer_{BuildName}_{BuilderType}.tar.gz"


def check(settings: Settings) -> None:
    level = settings.integer("compression_level", 6)
    if not -1 <= level <= 9:
        raise settings.failure(
            "build/bad-level", f"compression_level must be between -1 and 9, not {level}", name="compression_level"
        )


async def run(settings: Settings, context: PostContext, artifact: Artifact) -> Processed:
    output = output_path(settings, context, _DEFAULT)
    archive, packer = next(((a, p) for ending, a, p in FORMATS if output.endswith(ending)), ("tar", ""))
    files = artifact.files or ()
    level = settings.integer("compression_level", 6)
    folder = os.path.dirname(output)
    if folder:
        os.makedirs(folder, 0o755, exist_ok=True)
    if packer:
        cores = f" with {os.cpu_count() or 1} cores" if packer == "pgzip" else ""
        context.ui.say(f"Using {packer} compression{cores} for {output}")
    else:
        context.ui.say(f"Archiving {output}" if archive == "zip" else f"Tarring {output}")
    try:
        if archive == "zip":
            context.ui.say(f"Zipping {output}")
            await asyncio.to_thread(_zip, files, output)
        elif archive == "tar":
            if packer:
                context.ui.say(f"Tarring {output} with {packer}")
            await asyncio.to_thread(_tar, files, output, packer, level)
        else:
            if len(files) != 1:
                raise BuildError(
                    f"Can only have 1 input file when not using tar/zip. Found {len(files)} files: {list(files)}"
                )
            context.ui.say(f"Compressing {files[0]} with {packer}")
            await asyncio.to_thread(_single, files[0], output, packer, level)
    except OSError as error:
        raise BuildError(f"Unable to write {output}: {error.strerror or error}") from error
    context.ui.say(f"Archive {output} completed")
    made = Artifact("packer.post-processor.compress", "", f"compressed artifacts in: {output}", (output,))
    return Processed(made, keep=settings.boolean("keep_input_artifact"))


def _tar(files: Sequence[str], output: str, packer: str, level: int) -> None:
    import tarfile

    mode = f"w:{_TAR_MODES[packer]}"
    levels = {"compresslevel": max(level, 1)} if mode in {"w:gz", "w:bz2"} else {}
    with tarfile.open(output, mode, **levels) as archive:  # type: ignore[call-overload]
        for path in files:
            archive.add(path, recursive=True)


def _zip(files: Sequence[str], output: str) -> None:
    import zipfile

    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path)


def _single(path: str, output: str, packer: str, level: int) -> None:
    import bz2
    import gzip
    import lzma

    with open(path, "rb") as source:
        if packer == "pgzip":
            with gzip.open(output, "wb", max(level, 1)) as target:
                shutil.copyfileobj(source, target)
        elif packer == "bzip2":
            with bz2.open(output, "wb", max(level, 1)) as packed:
                shutil.copyfileobj(source, packed)
        else:
            with lzma.open(output, "wb") as squeezed:
                shutil.copyfileobj(source, squeezed)
