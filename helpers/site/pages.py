"""A notebook as a static page: formulas as MathML, answers folded, explorers that move."""

import html
import re
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from jinja2 import pass_context

from helpers.figures import style

try:
    from latex2mathml.converter import convert
except ImportError:
    raise ImportError("The site's formulas need latex2mathml: python -m pip install 'latex2mathml>=3.78'.") from None

HERE = Path(__file__).parent
IDEAS = {style.FORWARD: "forward", style.BACKWARD: "backward", style.TARGET: "target", style.ERROR: "error",
         style.WEIGHTS: "weights"}
# The first and the last line of a notebook lead to its neighbours; on a page the navigation does.
NEIGHBOURS = re.compile(r"^.*\[contents\]\((00_start_here\.ipynb)?#The-series\).*$\n?", re.M)
SCRIPT = {letter: chr(code) for letter, code in zip("LNO", (0x2112, 0x1D4A9, 0x1D4AA))}


def mathml(formula, display):
    """A LaTeX formula as MathML that browsers set without help, in colours that follow the theme."""
    made = convert(formula.strip(), display=display)
    for colour, name in IDEAS.items():
        made = re.sub(f'mathcolor="{colour}"', f'style="color: var(--{name})"', made, flags=re.I)
    made = re.sub(r'<mi mathvariant="script">(\w)</mi>', lambda m: f"<mi>{SCRIPT.get(m[1], m[1])}</mi>", made)
    return made.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


class Renderer(IPythonRenderer):
    """Markdown as nbconvert renders it, with MathML for the formulas."""

    def heading(self, text, level, **attrs):
        """A heading that links lead to, by the name that notebooks give it."""
        name = html.escape(html.unescape(re.sub("<.*?>", "", text)).replace(" ", "-"))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def block_math(self, body):
        """A formula on a line of its own; where it is too wide it scrolls, by keys too."""
        return f'<span class="formula" role="group" aria-label="formula" tabindex="0">{mathml(body, "block")}</span>'

    def inline_math(self, body):
        """A formula in a sentence."""
        return mathml(body, "inline")

    def latex_environment(self, name, body):
        """An environment of LaTeX's that stands alone."""
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


class Exporter(HTMLExporter):
    """nbconvert's HTML, by the series' own template."""

    def __init__(self, **settings):
        super().__init__(template_name="template", extra_template_basedirs=[str(HERE)], **settings)

    @pass_context
    def markdown2html(self, context, source):
        """Markdown to HTML, formulas included."""
        made = MarkdownWithMath(renderer=Renderer(escape=False, exclude_anchor_links=True)).render(source)
        made = re.sub(r"<thead>\s*<tr>(\s*<th></th>)+\s*</tr>\s*</thead>", "", made)
        made = made.replace("<th></th>", "<td></td>")
        made = made.replace("<table>", '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>')
        return linked(made.replace("</table>", "</table></div>"))

    def front(self, **words):
        """The front page."""
        return self.environment.get_template("front.html.j2").render(**words)


def linked(made):
    """Links to notebooks lead to their pages."""
    return re.sub(r'(href="(?:\d\d_\w+))\.ipynb(?=["#])', r"\1.html", made)


class Notebook:
    """A notebook with what the site says of it: its name, its page, what it asks, how long it takes."""

    def __init__(self, path):
        self.path, self.stem, self.href = path, path.stem, f"{path.stem}.html"
        self.node = nbformat.read(path, as_version=4)
        self.name = " ".join(path.stem.split("_"))
        opening = next(c.source for c in self.node.cells if c.source.startswith("# "))
        self.title = re.search(r"^# (.+)", opening)[1]
        self.question = re.search(r"^\*\*(.+)\*\*$", opening, re.M)[1]

    def page(self, exporter, before, after, explorers):
        """Its page.   explorers: for each cell that opens one, what the template shows of it."""
        node, left = nbformat.from_dict(self.node), iter(explorers)
        kept = []
        for cell in node.cells:
            cell.metadata = nbformat.from_dict({})
            if cell.cell_type == "markdown":
                cell.source = NEIGHBOURS.sub("", cell.source).strip()
            elif cell.source.startswith("reveal("):
                cell.metadata["answer"] = True
            elif re.search(r"^explore_\w+\(", cell.source, re.M):
                cell.metadata["explorer"] = next(left)
            if cell.source:
                kept.append(cell)
        node.cells = kept
        texts = [exporter.markdown2html({}, cell.source) for cell in kept if cell.cell_type == "markdown"]
        sections = [(anchor, re.sub("</?a.*?>", "", words)) for text in texts
                    for anchor, words in re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', text)]
        drawing = any('"digit"' in shown["data"] for shown in explorers)
        about = {"title": f"{self.title} – Weight for Weight", "about": html.escape(self.question), "before": before,
                 "after": after, "sections": sections, "drawing": drawing}
        return scrollable(exporter.from_notebook_node(node, {"page": about})[0])


def scrollable(made):
    """What may be wider than a phone can be scrolled by keys, and pictures further down wait until they are near."""
    return made.replace("<pre>", '<pre tabindex="0">').replace("<img ", '<img decoding="async" ')
