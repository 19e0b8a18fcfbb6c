"""Runs a build's post-processors: chains that each begin with the build's artifact."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.settings import build_symbols
from bakelift.runner.steps.post_processors import PostContext, template_data
from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.runner.build_prepare import ReadyBuild, ReadyPost
    from bakelift.runner.build_scope import World
    from bakelift.runner.log import BuildLog
    from bakelift.runner.steps.post_processors import Processed
    from bakelift.runner.targets import Artifact


async def run_posts(
    ready: ReadyBuild,
    world: World,
    log: BuildLog,
    made: Sequence[Artifact],
    data: Mapping[str, str],
    force: bool,
) -> list[Artifact]:
    """All artifacts in order: the build's own where it is kept, then each chain's.

    A chain whose link fails ends there and the next one runs; then BuildError tells of all failures.
    """
    if not made:
        return []
    ui, style = log.ui, log.log.style
    original, *others = made
    keep_original = not ready.posts
    results: list[Artifact] = []
    failures: list[str] = []
    for chain in ready.posts:
        prior = original
        for number, post in enumerate(chain):
            ui.say(f"Running post-processor: {post.label}")
            context = PostContext(
                ui.named(f"{ui.name} ({post.type})"),
                style,
                world.files,
                ready.environment,
                redactor=log.log.redactor,
                build_name=ready.image.source_name,
                builder_type=ready.image.type,
                run_uuid=world.run_uuid,
                force=force,
            )
            try:
                processed = await _process(post, context, prior, data)
            except BuildError as error:
                failures.append(f"Post-processor failed: {error}")
                break
            keep = processed.keep if post.keep is None or processed.forced else post.keep
            if number == 0:
                keep_original = keep_original or keep
            elif keep:
                results.append(prior)
            elif prior is not processed.artifact:
                prior.destroy()
            prior = processed.artifact
        else:
            results.append(prior)
    if keep_original:
        results.insert(0, original)
    elif not failures:
        original.destroy()
    if failures:
        raise BuildError(f"{len(failures)} error(s) occurred:\n\n" + "\n".join(f"* {text}" for text in failures))
    return [*results, *others]


async def _process(post: ReadyPost, context: PostContext, artifact: Artifact, data: Mapping[str, str]) -> Processed:
    names = template_data(BuildName=context.build_name, BuilderType=context.builder_type)
    settings = post.settings.bind({**build_symbols(data), **names})
    try:
        return await post.kind.run(settings, context, artifact)
    except TemplateError as error:
        raise BuildError("; ".join(item.summary for item in error.diagnostics)) from error
    except OSError as error:
        raise BuildError(f"open {error.filename}: {(error.strerror or str(error)).lower()}") from error
