"""The teacher's guide, made from the exercises themselves: python -m helpers.exercises.teaching writes notebooks/TEACHING.md"""

import functools
import importlib
import json
import re
from pathlib import Path

from helpers.exercises.base import Exercise

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

BEFORE = """\
# Teaching with Weight for Weight

This page is made by `make notebooks` from the exercises that check the answers, so it knows every wrong turn that they recognize.

## What to work towards

The README says what the three routes hold. Each has its moment:

- **45 minutes.** α = 0.45 on the slider: 4 % above the limit, and sixty steps later the loss has exploded.
- **90 minutes.** The room finds the same gradient by nudging and by walking back.
- **180 minutes.** Two programs that share no line arrive at the same weights.

## What to say when

- **Before a Predict cell.** "Write it down. Nobody runs on until everybody has a guess." Then ask for the wrong ones first, and for their reasons.
- **At the first assert.** "This line would stop the notebook if the page were lying." Change a number in it and let it fail once.
- **At the update rule.** Let somebody walk it across the room: the floor is θ, the slope of the floor is ∇L, the length of the step is α.
- **At the chain rule.** One student for each node. The blame is handed back from the loss; each multiplies it by a local slope and passes it on.
- **When an explorer is open.** Ask for the number that it will show before you move it. Any state can be opened from code: `explore_learning_rate(learning_rate=0.43)`.
- **When somebody is done early.** "Break it so that accuracy does not notice." Notebook 08 has seventeen bugs, and seven of them accuracy does not notice.

## What usually goes wrong in the room

- A cell is run out of order and an assert fails. Select it: *Run*, *Run All Above Selected Cell* mends it. In a folder made by `make lab`, *Run All Cells* stops at the first prediction that nobody has made.
- A student copies the formula of another book. Ask for its constant in front of the sum before you look at anything else.
- "It works" means that accuracy went up. Ask: "How would you know if it were wrong?"
- The projector shows an explorer too small. Hide the sidebar with Ctrl + B and zoom the browser.
- Notebook 06 begins to download for thirty people at once. Put the four files into a shared folder and name it in `MNIST_DIR`.

## Collecting the work

`python -m helpers.exercises.grade FOLDER` runs every notebook under a folder, each in a kernel of its own with limits on time and memory, prints who solved what, and writes `grades.csv`. Each `my_network.py` that lies there too is trained on MNIST and laid beside Keras: `networks.csv` has its parts, what is wrong with them, its accuracy, and the largest difference of a weight. The exercise cells also carry nbgrader's metadata: a school that uses nbgrader can release the notebooks as they are, a point for each exercise.

## The exercises, and the wrong turns that they recognize

The tables hold the wrong turns that a check knows by name. For every other answer it looks for the smallest change of the student's own lines that makes it right: it shows the line, marks the place, says what the code does there with its number, and asks. The change itself it does not show.
"""


@functools.cache
def guide():
    """The whole page."""
    parts = [BEFORE]
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [spoken(cell) for cell in cells]
        module = next((m[1] for s in sources if (m := re.search(r"from helpers\.exercises import (\w+) as exercises", s))), None)
        if module in (None, "start_here"):
            continue
        exercises = {name: value for name, value in vars(importlib.import_module(f"helpers.exercises.{module}")).items() if isinstance(value, Exercise)}
        parts.append(f"\n### {path.stem[:2]} {path.stem[3:].replace('_', ' ')}\n")
        for name, exercise in exercises.items():
            parts.append(f"\n**`{name}`.** {task(sources, name)}\n")
            if exercise.mistakes:
                rows = [f"| {m.name} | {symptom(exercise, m)} | {m.asks} |" for m in exercise.mistakes]
                parts.append("\n".join(["", "| wrong turn | what its check shows | the question to ask |", "| --- | --- | --- |", *rows, ""]))
    return "".join(parts)


def spoken(cell):
    """A cell's source: a text without its heading, code behind an empty line, so that none is taken for a sentence."""
    source = "".join(cell["source"])
    return "\n" + source if cell["cell_type"] == "code" else re.sub(r"^#+ .*\n+", "", source)


def task(sources, name):
    """The words that ask for an exercise: a numbered task above its check, else what stands there since the check before."""
    at = next((i for i, source in enumerate(sources) if f"exercises.{name}.check(" in source), None)
    if at is None:
        return ""
    before = max((i for i in range(at) if ".check(" in sources[i]), default=-1)
    own = "\n\n".join(source for source in sources[max(before + 1, at - 8) : at] if re.match(r"[*A-Z]", source))
    tasks = re.findall(r"^\*\*\d\. [^*]*\*\*(.*?)(?=\n\n\*\*|\Z)", own, re.M | re.S)
    return " ".join(re.split(r"\n\n", (tasks or [own])[-1].strip())[0].split())


def symptom(exercise, mistake):
    """The evidence that a student with this mistake is shown."""
    reply = exercise.check(mistake.answer if exercise.cases else mistake.answer(*exercise.numbers()))
    found = re.search(r"The evidence: (.*?)\.\n", reply.text, re.S)
    return (found[1] if found else reply.text).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    (NOTEBOOKS / "TEACHING.md").write_text(guide(), encoding="utf-8")
