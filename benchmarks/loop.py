"""What `benchmarks/llm.py` measures, one function a question. Each runs in a process of its own.

Each prints one JSON object. What is compared is run in turns, so that what disturbs, disturbs both.
"""

import json
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from lamha.benchmarks import texts
from lamha.models.llm.alike import widest
from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.calibration import Calibration, calibrate
from lamha.models.llm.engine import Logits, Settings, Threads
from lamha.models.llm.generate import PLAIN, Steps, tokens
from lamha.models.llm.grammar.constrained import Constrained
from lamha.models.llm.grammar.schema import grammar
from lamha.models.llm.lookup import Lookup
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.pace import Pace
from lamha.models.llm.saved import Saved

PROMPT, WRITTEN = 512, 128
"""Tokens, as in llama-bench's pp512 and tg128."""
FIRST_MS = 1000.0
TURNS = 200


def raw(options: Namespace) -> dict[str, Any]:
    """Prefill of 512 tokens and 128 tokens of greedy decoding, in turns with llama-bench."""
    read, wrote, theirs = list[float](), list[float](), list[dict[str, float]]()
    with _model(options) as model:
        prompt = [7919 * index % model.engine.vocabulary_size for index in range(PROMPT)]
        for turn in range(options.rounds + 1):
            if options.llama_bench:
                theirs.append(_llama_bench(options))
            with model.pool.new() as branch:
                read.append(PROMPT / _seconds(lambda: branch.read(prompt)))
            with model.pool.new() as branch:
                (scores,) = branch.read([1])
                stream = tokens(branch, scores, PLAIN, Spent())
                wrote.append(WRITTEN / _seconds(partial(list, islice(stream, WRITTEN + 1))))
            if not turn:
                read, wrote, theirs = [], [], []  # warm now
    result: dict[str, Any] = {"prefill": median(read), "decode": median(wrote)}
    if theirs:
        result["llama_bench"] = {name: median(each[name] for each in theirs) for name in theirs[0]}
        for name, ours in (("prefill", read), ("decode", wrote)):
            other = [each[name] for each in theirs]
            result[f"{name}_ratio"] = median(one / two for one, two in zip(ours, other, strict=True))
            result[f"{name}_ratio_of_the_best"] = max(ours) / max(other)  # what disturbs only makes slower
    return result


def _llama_bench(options: Namespace) -> dict[str, float]:
    command = [options.llama_bench, "-m", str(options.path), "-t", str(options.threads), "-r", "1"]
    command += ["-p", str(PROMPT), "-n", str(WRITTEN), "-o", "json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - named by the user
    rows = json.loads(done.stdout)
    return {"prefill" if row["n_prompt"] else "decode": row["avg_ts"] for row in rows}


def first(options: Namespace) -> dict[str, Any]:
    """Milliseconds to a command's first word, two fixed prompts in turn, beside llama-cpp-python's own."""
    ours, again, cold = list[float](), list[float](), list[float]()
    with _model(options) as model:
        fixed = len(model._begin(model._frame(texts.SYSTEM, thinking=False).before))
        for system in (texts.SYSTEM, texts.OTHER):
            model.warm(system)
        theirs = _chat(options)
        for number, command in enumerate(texts.COMMANDS * options.rounds):
            for system in (texts.SYSTEM, texts.OTHER):
                ours.append(_first_word(model, command, system))
                cold.append(theirs(command, system))
            again.append(theirs(texts.COMMANDS[number % len(texts.COMMANDS) - 1], texts.OTHER))
    return {
        "fixed_tokens": fixed,
        "first_ms": median(ours),
        "chat_completion_ms": median(cold),
        "chat_completion_same_prompt_again_ms": median(again),
        "first_ratio": median(ours) / median(cold),
    }


def _first_word(model: LanguageModel, words: str, system: str) -> float:
    started = time.perf_counter()
    with model.read(words, system) as reading:
        for piece in reading.write("", Budget(new=4)):
            if piece.text.strip():
                return (time.perf_counter() - started) * 1000
    return (time.perf_counter() - started) * 1000


def _chat(options: Namespace) -> Callable[[str, str], float]:
    """llama-cpp-python's high-level way: to the first content of a streamed chat completion."""
    import llama_cpp

    threads = {"n_threads": options.threads, "n_threads_batch": options.threads}
    llama = llama_cpp.Llama(str(options.path), n_ctx=Settings().context, verbose=False, **threads)

    def run(command: str, system: str) -> float:
        started = time.perf_counter()
        messages: Any = [{"role": "system", "content": system}, {"role": "user", "content": command}]
        stream: Any = llama.create_chat_completion(messages, max_tokens=4, temperature=0, stream=True)
        for chunk in stream:
            if chunk["choices"][0]["delta"].get("content", "").strip():
                break
        return (time.perf_counter() - started) * 1000

    return run


def saved(options: Namespace) -> dict[str, Any]:
    """A new process with a saved prefix to its first word, beside a warm one plus loading; peak memory."""
    with TemporaryDirectory() as folder:
        runs = [_new_process(options, folder) for _ in range(options.rounds + 1)]
    fresh, rest = runs[0], runs[1:]
    ratios = [run["new_ms"] / (run["load_ms"] + run["warm_ms"]) for run in rest]
    size = options.path.stat().st_size / 1e6
    peak = max(run["peak_mb"] for run in runs)
    return {
        "unsaved_ms": fresh["new_ms"],
        "saved_ms": median(run["new_ms"] for run in rest),
        "load_ms": median(run["load_ms"] for run in rest),
        "warm_ms": median(run["warm_ms"] for run in rest),
        "saved_ratio": median(ratios),
        "peak_mb": peak,
        "file_mb": size,
        "over_file_mb": peak - size,
    }


def _new_process(options: Namespace, folder: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "lamha.benchmarks.llm", "--part", "fresh", "--path", str(options.path)]
    command += ["--threads", str(options.threads), "--folder", folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def fresh(options: Namespace) -> dict[str, Any]:
    """In a new process: load, the first command, and then the same kind of command warm."""
    started = time.perf_counter()
    with _model(options, Saved(Path(options.folder))) as model:
        load = (time.perf_counter() - started) * 1000
        new = load + _first_word(model, texts.COMMANDS[0], texts.SYSTEM)
        warm = [_first_word(model, texts.COMMANDS[0], texts.SYSTEM) for _ in range(5)]
        status = Path("/proc/self/status").read_text()  # not ru_maxrss: that is the parent's, too
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    return {"load_ms": load, "new_ms": new, "warm_ms": median(warm), "peak_mb": peak}


def calls(options: Namespace) -> dict[str, Any]:
    """JSON calls with what the grammar forces read in batches, beside one token at a time."""
    with _model(options) as model:
        width = widest(model.pool)

        def plain(words: str) -> Steps:
            constrained = Constrained(model.engine, grammar(texts.TOOLS, words))

            def masked(scores: Logits, said: Sequence[int]) -> int:
                token = constrained(
                    scores, said
                )  # what a grammar alone does: scores and a mask for every token
                return next(iter(constrained.forced(said)), token)  # and the same tokens as the other way

            return Steps(masked)

        def jumping(words: str) -> Steps:
            constrained = Constrained(model.engine, grammar(texts.TOOLS, words))
            return Steps(constrained, constrained.forced, width=width)

        result = _side_by_side(options, model, texts.CALL, texts.CALLS, plain, jumping)
    return {"width": width, **{f"call_{name}": value for name, value in result.items()}}


def quotes(options: Namespace) -> dict[str, Any]:
    """Answers that quote, with and without looking up in the prompt what comes next."""
    with _model(options) as model:
        width = widest(model.pool)

        def looking(words: str) -> Steps:
            guess = Lookup(model.engine.tokenize(words), width - 1)
            return Steps(guess=guess, width=width)

        result = _side_by_side(options, model, texts.QUOTE, texts.ARTICLES, lambda _: PLAIN, looking)
    return {"width": width, **{f"quote_{name}": value for name, value in result.items()}}


def _side_by_side(
    options: Namespace,
    model: LanguageModel,
    system: str,
    all_words: Sequence[str],
    *ways: Callable[[str], Steps],
) -> dict[str, Any]:
    seconds, said = [0.0, 0.0], 0
    ratios = list[float]()
    for _ in range(options.rounds):
        spent = [0.0, 0.0]
        for words in all_words:
            replies = []
            for number, way in enumerate(ways):
                reply, took = _reply(model, system, words, way(words))
                replies.append(reply)
                spent[number] += took
            if replies[0] != replies[1]:
                raise AssertionError(f"not the same reply to {words!r}: {replies}")
            said += len(replies[0])
        seconds = [one + other for one, other in zip(seconds, spent, strict=True)]
        ratios.append(spent[0] / spent[1])
    return {"plain": said / seconds[0], "fast": said / seconds[1], "ratio": median(ratios)}


def _reply(model: LanguageModel, system: str, words: str, steps: Steps) -> tuple[list[int], float]:
    with model.read(words, system) as reading:
        scores = reading.answer_logits()
        with reading.branch.fork() as branch:
            started, reply = time.perf_counter(), list[int]()
            for token in islice(tokens(branch, scores, steps, Spent()), 160):
                reply.append(token)
                if model.engine.is_end(token):
                    break
            return reply, time.perf_counter() - started


def turns(options: Namespace) -> dict[str, Any]:
    """200 turns with a first word due in 1,000 ms, the latest of them: short and long, in three languages,
    answers, calls and quotes.
    """
    late, cut, said = list[float](), 0, [*texts.ARTICLES, *texts.COMMANDS]
    kinds: tuple[dict[str, Any], ...] = ({}, {"schema": texts.TOOLS}, {"quoting": True})
    with _model(options) as model:
        model.calibrated(_calibration(model, options))
        model.warm(texts.SYSTEM)
        for number in range(TURNS):
            words = " ".join(said[(number + index) % len(said)] for index in range(number % 7 + 1))
            started = time.perf_counter()
            with model.read(words, texts.SYSTEM, Budget(1000, 12, first_ms=FIRST_MS)) as reading:
                pieces = reading.write(**kinds[number % len(kinds)])
                next((piece for piece in pieces if piece.text.strip()), None)
                late.append((time.perf_counter() - started) * 1000)
                cut += reading.shortened
    late.sort()
    return {
        "turns": len(late),
        "first_word_p50_ms": median(late),
        "first_word_max_ms": late[-1],
        "overruns_over_10_percent": sum(each > FIRST_MS * 1.1 for each in late),
        "turns_cut": cut,
    }


def busy(options: Namespace) -> dict[str, Any]:
    """Decoding at the calibrated pace beside one fixed thread, while a loop runs on every core but one."""
    with _model(options) as model:
        calibration = _calibration(model, options, range(1, options.cores + 1))
        quiet = _paces(model, calibration)
        with _loops(options.cores - 1):
            taken = _paces(model, calibration)
    return {
        "one_thread": taken["fixed"],
        "paced": taken["paced"],
        "busy_ratio": taken["ratio"],
        "quiet_one_thread": quiet["fixed"],
        "quiet_paced": quiet["paced"],
        "quiet_ratio": quiet["ratio"],
        "calibrated_threads": calibration.threads.decode,
    }


def _paces(model: LanguageModel, calibration: Calibration) -> dict[str, float]:
    """Tokens a second of both, four tokens in turn."""
    pace, seconds = Pace(calibration), [0.0, 0.0]
    engine, count = model.engine, WRITTEN
    with model.pool.new() as one, model.pool.new() as other:
        for start in range(0, count, 4):
            for step in range(start, start + 4):
                engine.set_threads(Threads())
                seconds[0] += _seconds(partial(one.read, [100 + step]))
            for step in range(start, start + 4):
                engine.set_threads(pace.threads)
                took = _seconds(partial(other.read, [100 + step]))
                pace.observe(1, took * 1000)
                seconds[1] += took
    return {"fixed": count / seconds[0], "paced": count / seconds[1], "ratio": seconds[0] / seconds[1]}


@contextmanager
def _loops(count: int) -> Iterator[None]:
    """So many other processes that never rest."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(max(count, 1))]
    try:
        time.sleep(0.5)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _calibration(model: LanguageModel, options: Namespace, counts: Sequence[int] = ()) -> Calibration:
    return calibrate(model.pool, "benchmark", counts or [options.threads], options.threads)


@contextmanager
def _model(options: Namespace, shelf: Saved | None = None) -> Iterator[LanguageModel]:
    settings = Settings(threads=Threads(options.threads, options.threads))
    with LanguageModel(options.path, settings, shelf) as model:
        yield model


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


PARTS = {part.__name__: part for part in (raw, first, saved, calls, quotes, turns, busy, fresh)}
