"""What makes a tool the one that is meant? Makes `skills/learnt.gguf` and `skills/learnt.npz`.

    python -m lamha.benchmarks.lessons [--model NAME] [--tokens N] [--threads N] [--on] [--out FOLDER]

Needs PyTorch (`pip install lamha[training]`); an hour on two cores. The marks are of tool sets that were
left out of the training, and so is the calibration.
"""

import argparse
import random
from pathlib import Path

import numpy as np

from lamha.benchmarks.lessons.questions import lessons
from lamha.models.llm.engine import Settings, Threads
from lamha.models.llm.model import LanguageModel
from lamha.models.store import Store
from lamha.skills.learnt import ADAPTER, FILE, REFERENCE

SKILLS = Path(__file__).parents[2] / "skills"
LEFT_OUT = ("calc-measures", "east-health", "find-work", "gulf-town", "house-comfort", "talk-meetings")


def main() -> None:
    """Train, examine and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--tokens", type=int, default=600_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--on", action="store_true", help="go on from what is in skills/")
    parser.add_argument("--out", type=Path, default=SKILLS)
    options = parser.parse_args()

    import torch

    from lamha.benchmarks.lessons.learn import RANK, examine, learner, train
    from lamha.models.training import lora
    from lamha.models.training.net import Lora, LowerQwen

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    draw = random.Random(0)  # noqa: S311 - no secret
    path = Store().path(options.model)
    with LanguageModel(path, Settings(threads=Threads(1, 1))) as model:
        everything = list(lessons(model, draw))
        layer = model.glance_layer
    taught = [lesson for lesson in everything if lesson.name not in LEFT_OUT]
    left_out = [lesson for lesson in everything if lesson.name in LEFT_OUT]
    net = LowerQwen(path, layer)
    trained, kept = Lora.new(net.shapes, RANK), None
    if options.on:
        trained = Lora(*lora.read(SKILLS / ADAPTER))
        kept = dict(np.load(SKILLS / FILE))
    beginner = learner(net, taught, trained, kept)
    print(f"{len(taught)} tool sets to learn from, {len(left_out)} left out")
    train(beginner, taught, options.tokens, draw)
    marks = examine(beginner, left_out)
    print(marks)

    lora.write(options.out / ADAPTER, *trained.matrices(), trained.scale, {"name": "lamha understanding"})
    kept = {"reference": _reference(path, options.out / ADAPTER)}
    for kind, head in beginner.heads.items():
        (weights, bias), (scale, shift) = head.plain(), marks.scales[kind]
        kept |= {kind: weights * np.float32(scale), f"{kind}_bias": np.float32(bias * scale + shift)}
    query, key = beginner.pointer.plain()
    kept |= {"query": query.astype(np.float16), "key": key.astype(np.float16)}
    np.savez(options.out / FILE, **kept)


def _reference(path: Path, adapter: Path) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    system, words = REFERENCE
    with LanguageModel(path) as model, model.glance(words, [system], adapter) as glance:
        return np.asarray(glance.states[0], np.float32)


if __name__ == "__main__":
    main()
