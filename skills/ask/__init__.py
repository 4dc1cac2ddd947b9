"""Answers from what the model knows, in a sentence or two."""

from lamha.skills.api import Budget, Card, Context, Reply, Skill, Writing, action
from lamha.skills.ask.examples import ANSWER
from lamha.skills.wording import Wording

SAY = Wording(
    hint={
        "en": "From a small model: check what matters",
        "ar": "من نموذج صغير: تحقق مما يهم",
        "zh": "来自小模型：重要的事请核实",
    }
)
BUDGET = Budget(new=64, done_ms=8000)


@action(*ANSWER, asks=True)
def answer(context: Context) -> Writing:
    """Answer a question about the world in a sentence."""
    said = ""
    for text in context.mind.write(budget=BUDGET):
        said += text
        yield text
    said = said.strip()
    hint = SAY.language(context.language)("hint")
    return Reply(Card(context.utterance, said, hint, "answer", context.language), said)


skill = Skill("ask", "Answers questions", (answer,))
