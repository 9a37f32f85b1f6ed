"""Commands that tune the retriever, from `fold` to `adapter`; each can be run again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from index.console import checked_settings
from training.folds import Fold, held_out
from training.rows import read_rows, write_rows

if TYPE_CHECKING:
    from training.answering import Example
    from training.measure import Measured
    from training.tune import Recipe

Command = TypeVar("Command", bound=Callable[..., object])

FILE = click.Path(path_type=Path)
_FOLDS = click.Choice(["a", "b"])
_ASKED = Path(__file__).parent / "data" / "asked"


def _collection_options(command: Command) -> Command:
    for name in ("qrels", "queries", "corpus"):
        command = click.option(f"--{name}", type=FILE, required=True, help="BEIR 格式的文件")(command)
    return command


@click.command()
@click.argument("name", type=_FOLDS)
@click.option("--queries", type=FILE, required=True, help="全部问题,.jsonl")
@click.option("--out", type=FILE, required=True, help="写到哪个文件")
@click.option("--rest", is_flag=True, help="写其余的问题,而不是留出的")
def fold(name: Fold, queries: Path, out: Path, *, rest: bool) -> None:
    """写出留出的一折问题(或其余的),用来测量没有训练过的问题。"""
    from bench.beir import read_objects

    rows = [fields for _, fields in read_objects(queries)]
    held = held_out([str(row["text"]) for row in rows], name)
    chosen = [row for row in rows if (str(row["text"]) in held) != rest]
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen), encoding="utf-8")
    click.echo(f"{len(chosen)} 个问题 → {out}")


@click.command()
@_collection_options
@click.option("--random", "extra", type=int, default=1500, show_default=True, help="另外随机取多少篇")
@click.option("--depth", type=int, default=30, show_default=True, help="每种检索取前几篇")
@click.option("--cache", type=FILE, help="向量缓存文件夹")
@click.option("--out", type=FILE, required=True, help="写到哪个文件,.jsonl")
def pool(corpus: Path, queries: Path, qrels: Path, *, extra: int, depth: int, cache: Path | None, out: Path) -> None:
    """从语料里取出一小部分(相关的、两种检索靠前的、随机的),试验时用。"""
    from training.corpus import pooled, searched_corpus

    settings = checked_settings()
    found = searched_corpus(corpus, queries, qrels, settings, cache or settings.data_dir / "bench")
    rows = pooled(found, corpus, depth=depth, extra=extra)
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    click.echo(f"{len(rows)} 篇 → {out}")


@click.command()
@_collection_options
@click.option("--without", type=_FOLDS, help="不用哪一折问题")
@click.option("--made", type=int, default=0, show_default=True, help="另外由条款生成多少个问题")
@click.option("--cache", type=FILE, help="向量缓存文件夹")
@click.option("--out", type=FILE, required=True, help="写到哪个文件,.jsonl")
def mine(
    corpus: Path, queries: Path, qrels: Path, *, without: Fold | None, made: int, cache: Path | None, out: Path
) -> None:
    """准备训练数据:每个问题配上正确的条文,和检索靠前但不对的条文。"""
    from training.corpus import mined_rows, searched_corpus

    settings = checked_settings()
    found = searched_corpus(corpus, queries, qrels, settings, cache or settings.data_dir / "bench")
    click.echo(f"{write_rows(mined_rows(found, settings, without=without, made=made), out)} 行 → {out}")


@click.command()
@click.option("--corpus", type=FILE, required=True, help="BEIR 格式的语料")
@click.option("--beside", type=(FILE, FILE), help="放在前面的问题和标注(同一语料),例如 STARD 的其余问题")
@click.option("--out", type=FILE, required=True, help="写到哪个文件夹")
def lay(corpus: Path, beside: tuple[Path, Path] | None, out: Path) -> None:
    """把随附的法律生活问题写成这个语料的检索题集。"""
    from training.lay import write_lay

    written = write_lay(corpus, out, beside=beside)
    missing = f",{written.missing} 个的条文不在语料里" if written.missing else ""
    click.echo(f"{written.questions} 个问题{missing} → {out}")


@click.command()
@click.option("--corpus", "corpora", type=FILE, multiple=True, required=True, help="BEIR 格式的语料,可以多个")
@click.option("--queries", type=FILE, multiple=True, required=True, help="问题,与语料一一对应")
@click.option("--qrels", type=FILE, multiple=True, required=True, help="相关标注,与语料一一对应")
@click.option("--cache", type=FILE, help="向量缓存文件夹")
def fusion(
    corpora: tuple[Path, ...], queries: tuple[Path, ...], qrels: tuple[Path, ...], *, cache: Path | None
) -> None:
    """拟合两种检索的权重;问题要是模型没有训练过的。"""
    from training.corpus import searched_lists
    from training.fusion import fitted_weights

    if not len(corpora) == len(queries) == len(qrels):
        raise click.UsageError("--corpus、--queries、--qrels 的个数要相同。")
    settings = checked_settings()
    kept = cache or settings.data_dir / "bench"
    files = zip(corpora, queries, qrels, strict=True)
    found = fitted_weights([searched_lists(*three, settings, kept) for three in files])
    click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))


@click.command()
@click.option("--on", "pairs", multiple=True, required=True, help="文件夹=题集,例如 corpus=eval/sets/shipped.jsonl")
@click.option("--with", "others", type=FILE, required=True, help="混在里面的其他文档,BEIR 格式的语料")
@click.option("--extra", type=int, default=6000, show_default=True, help="取多少篇其他文档")
@click.option("--out", type=FILE, required=True, help="写到哪个文件夹")
def collection(pairs: tuple[str, ...], others: Path, extra: int, out: Path) -> None:
    """把评测题集写成检索题集:政策条款混在其他文档里。"""
    from training.policies import write_collection

    documents, questions = write_collection(sets_by_folder(pairs), others, out, extra=extra)
    click.echo(f"{documents} 篇文档,{questions} 个问题 → {out}")


def sets_by_folder(pairs: Sequence[str]) -> dict[Path, list[Path]]:
    """Folders of policies with the sets that ask about them, from `文件夹=题集`.

    Raises:
        click.UsageError: a pair is not of this form, or names what does not exist.
    """
    sets: dict[Path, list[Path]] = {}
    for pair in pairs:
        folder, found, questions = pair.partition("=")
        if not found or not Path(folder).exists() or not Path(questions).is_file():
            raise click.UsageError(f"“{pair}”不正确,请写成 文件夹=题集,两者都要存在。")
        sets.setdefault(Path(folder), []).append(Path(questions))
    return sets


def asked_folders() -> tuple[str, ...]:
    """The shipped training questions, as `sets_by_folder` reads them."""
    return tuple(f"{one.parent / 'documents'}={one}" for one in sorted(_ASKED.glob("*/questions.jsonl")))


@click.command()
@click.option("--rows", "files", type=FILE, multiple=True, required=True, help="mine 写的训练数据,可以多个")
@click.option("--out", type=FILE, required=True, help="训练的文件夹;停下后再运行同一命令会接着做")
@click.option("--epochs", type=int, help="几轮")
@click.option("--batch", type=int, help="一批多少行")
@click.option("--negatives", type=int, help="每行几个难的反例")
@click.option("--learning-rate", type=float, help="学习率")
def tune(files: tuple[Path, ...], out: Path, **changes: float | None) -> None:
    """训练随附的模型。设置记在训练文件夹的 settings.json 里。"""
    from index.embed.unpack import ensure_bundled
    from training.tune import Recipe
    from training.tune import tune as run

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = replace(Recipe(), **{name: cast(Any, value) for name, value in changes.items() if value is not None})
    rows = [row for path in files for row in read_rows(path)]
    click.echo(str(run(rows, recipe, base=ensure_bundled(checked_settings().models_dir).folder, out=out)))


@click.command()
@click.option("--rows", "files", type=FILE, multiple=True, required=True, help="mine 写的训练数据,可以多个")
@click.option("--base", type=FILE, required=True, help="训练好的嵌入模型(tune 写的 final 文件夹)")
@click.option("--out", type=FILE, required=True, help="训练的文件夹;停下后再运行同一命令会接着做")
@click.option("--epochs", type=int, help="几轮")
@click.option("--layers", type=int, help="留几层")
@click.option("--to", type=FILE, help="另外压成重排模型文件,.safetensors")
def rerank(files: tuple[Path, ...], base: Path, out: Path, to: Path | None, **changes: int | None) -> None:
    """由训练好的嵌入模型的前几层训练重排模型。"""
    from index.embed.scorer import NAME
    from training.tune import RERANKER
    from training.tune import tune as run

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = replace(RERANKER, **{name: value for name, value in changes.items() if value is not None})
    rows = [row for path in files for row in read_rows(path)]
    final = run(rows, recipe, base=base, out=out)
    click.echo(str(final))
    if to is not None:
        write_scorer(final, to, name=NAME, recipe=recipe, rows=len(rows))


def write_scorer(final: Path, to: Path, *, name: str, recipe: Recipe, rows: int) -> None:
    """Write the model that reads question and passage together, trained into folder `final`, as a file of its own."""
    from index.embed.unpack import ensure_bundled
    from training.pack import SCORER_LIMIT, mean_change, read_scorer, read_weights, write_adapter
    from training.pack import pack as pack_change

    plain = ensure_bundled(checked_settings().models_dir)
    trained = read_weights(final)
    kept = {name: weight for name, weight in read_weights(plain.folder).items() if name in trained}
    packed = pack_change(mean_change(kept, [trained]), limit=SCORER_LIMIT)
    card = {**asdict(recipe), "rows": rows, "explained": round(packed.explained, 4)}
    write_adapter(
        packed, to, name=name, base=plain.revision, card=card, scorer=read_scorer(final, tokens=recipe.tokens)
    )
    click.echo(f"{to}:{to.stat().st_size:,} 字节,保留了变化的 {packed.explained:.1%}")


@click.command()
@click.option("--on", "pairs", multiple=True, help="文件夹=题集;默认是 training/data/asked 里的全部")
@click.option("--measure", "held", multiple=True, help="文件夹=题集:不参加训练,只用来测量")
@click.option("--base", type=FILE, default=None, help="从哪个重排模型开始(文件夹),默认是随附的")
@click.option("--out", type=FILE, required=True, help="训练的文件夹;停下后再运行同一命令会接着做")
@click.option("--epochs", type=int, help="几轮")
@click.option("--seed", type=int, help="种子")
@click.option("--to", type=FILE, help="另外压成文件,.safetensors")
def answering(
    pairs: tuple[str, ...], held: tuple[str, ...], base: Path | None, out: Path, to: Path | None, **changes: int | None
) -> None:
    """训练“这一条回答了所问没有”的模型:把问题和条款连起来读。"""
    from index.embed.scorer import ensure_scorer
    from rag.answering import NAME, Answering
    from rag.rerank import BundledReranker
    from training.answering import RECIPE, calibrated, example_of, measure, others, readings, tune
    from training.labelled import asked

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = checked_settings()
    recipe = replace(RECIPE, **{name: value for name, value in changes.items() if value is not None})

    def examples(chosen: tuple[str, ...], *, foreign: bool = False) -> list[Example]:
        sets = sets_by_folder(chosen)
        every = [path for files in sets.values() for path in files]
        found: list[Example | None] = []
        for folder, files in sets.items():
            further = others(files[0], every, seed=recipe.seed) if foreign else ()
            found += map(example_of, asked([folder], files, settings, further=further))
        return [one for one in found if one is not None]

    rows = examples(pairs or asked_folders(), foreign=True)
    final = tune(rows, recipe, base=base or ensure_scorer(settings.models_dir), out=out)
    click.echo(str(final))
    packed = to or out / "packed.safetensors"
    write_scorer(final, packed, name=NAME, recipe=recipe, rows=len(rows))
    trained = Answering(BundledReranker(settings.models_dir, packed))
    every = []
    for pair in held:
        found = readings(examples((pair,)), trained)
        click.echo(f"{pair}:{json.dumps(measure(found), ensure_ascii=False)}")
        every += found
    if every:
        click.echo(json.dumps(calibrated(every), ensure_ascii=False, indent=2))


@click.command()
@click.argument("models", type=FILE, nargs=-1, required=True)
@click.option("--name", required=True, help="适配器的名称")
@click.option("--card", type=FILE, help="说明(数据、设置、成绩),.json")
@click.option("--out", type=FILE, required=True, help="写到哪个文件,.safetensors")
def pack(models: tuple[Path, ...], *, name: str, card: Path | None, out: Path) -> None:
    """把训练过的模型(多个时取平均)与随附模型的差压成适配器。"""
    from index.embed.unpack import ensure_bundled
    from training.pack import mean_change, read_weights, write_adapter
    from training.pack import pack as run

    plain = ensure_bundled(checked_settings().models_dir)
    packed = run(mean_change(read_weights(plain.folder), [read_weights(model) for model in models]))
    about = json.loads(card.read_text(encoding="utf-8")) if card else {}
    write_adapter(packed, out, name=name, base=plain.revision, card=about)
    ranks = sorted(packed.ranks.values())
    click.echo(
        f"{out}:{out.stat().st_size:,} 字节,保留了变化的 {packed.explained:.1%},"
        f"秩 {ranks[0]}–{ranks[-1]}(中位数 {ranks[len(ranks) // 2]})"
    )


@click.command()
@click.option("--questions", type=FILE, required=True, help="问题和条款:.xlsx(表头 问题、条款)或 .jsonl")
@click.option("--corpus", type=FILE, multiple=True, required=True, help="政策文件或文件夹,可以多个")
@click.option("--out", type=FILE, default=None, help="训练的文件夹,默认在数据文件夹的 training/ 下")
def adapter(questions: Path, corpus: tuple[Path, ...], out: Path | None) -> None:
    """用本单位的问题训练适配器,并说明在没有训练过的问题上有没有变好。"""
    from training.office import train
    from training.pairs import Library, read_pairs

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    settings = checked_settings()
    library = Library.from_files(corpus)
    pairs = read_pairs(questions, library)
    click.echo(f"{len(pairs)} 个问题,{len(library.policies)} 份政策,{len(library.passages)} 段条款。", err=True)
    done = train(pairs, library, settings=settings, out=out or settings.data_dir / "training")
    click.echo(f"用 {done.trained_on} 个问题训练,另外 {done.before.questions} 个没有训练过的问题用来比较:")
    click.echo(f"  训练前:{_figures(done.before)}")
    click.echo(f"  训练后:{_figures(done.after)}")
    click.echo(f"  用时 {done.seconds / 60:.1f} 分钟")
    if done.after.reciprocal_rank <= done.before.reciprocal_rank:
        click.echo("没有变好,建议不用;再多准备一些问题(100 个以上)可以重新试。")
    click.echo(f"启用:设 POLICYQA_ADAPTER={done.adapter},然后运行 python -m index build 重新建立索引。")


@click.command()
@click.option("--questions", type=FILE, help="问题和条款:.xlsx(表头 问题、条款)或 .jsonl;配合 --corpus")
@click.option("--corpus", type=FILE, multiple=True, required=True, help="政策文件或文件夹,可以多个;或 BEIR 格式的语料")
@click.option("--queries", type=FILE, help="BEIR 格式的问题,代替 --questions")
@click.option("--qrels", type=FILE, help="BEIR 格式的标注,代替 --questions")
@click.option("--card", type=FILE, help="说明(数据、许可),.json")
@click.option("--out", type=FILE, help="写到哪个文件,默认是数据文件夹的 known.safetensors")
def known(
    questions: Path | None,
    corpus: tuple[Path, ...],
    queries: Path | None,
    qrels: Path | None,
    *,
    card: Path | None,
    out: Path | None,
) -> None:
    """记住问题由哪一条回答:以后问法相近时,这一条更靠前。不训练,几秒钟完成。"""
    from index.embed import load_embeddings
    from rag.known import write_known
    from training.known import effect, of_collection, of_office
    from training.pairs import Library, read_pairs

    settings = checked_settings()
    target = out or settings.data_dir / "known.safetensors"
    embeddings = load_embeddings(settings)
    if questions is not None and queries is None and qrels is None:
        library = Library.from_files(corpus)
        pairs = read_pairs(questions, library)
        made = of_office(pairs, library, embeddings)
        found = effect(pairs, library, embeddings)
        click.echo("把每个问题当作没有见过,其余的记住以后:")
        click.echo(f"  不用已知问法:{_figures(found.without)}")
        click.echo(f"  使用已知问法:{_figures(found.known)}")
    elif questions is None and queries is not None and qrels is not None and len(corpus) == 1:
        made = of_collection(corpus[0], queries, qrels, embeddings)
    else:
        raise click.UsageError("请给 --questions 和 --corpus,或者一份 --corpus 和 --queries、--qrels。")
    about = json.loads(card.read_text(encoding="utf-8")) if card else {}
    write_known(made, target, identity=embeddings.identity, card={**about, "questions": len(made.answers)})
    click.echo(f"{len(made.answers)} 个问题 → {target}({target.stat().st_size:,} 字节)")
    click.echo(f"启用:设 POLICYQA_KNOWN={target}。条款的文字改了以后,它的问法自动不再使用。")


def _figures(found: Measured) -> str:
    shares = asdict(found)
    return (
        f"排第一的 {shares['first']:.1%},前五有的 {shares['first_five']:.1%},"
        f"平均倒数排名 {shares['reciprocal_rank']:.3f}"
    )


COMMANDS = (fold, pool, lay, mine, tune, pack, rerank, answering, collection, fusion, adapter, known)
