"""Every explorer in Chromium, under JupyterLab and Notebook 7: moved by keys and mouse, and watched frame by frame."""

import re

import nbconvert
import pytest
from browser import CASES, FLAGS, FRONT_ENDS, NOTEBOOKS, SCREENSHOTS, Page, Shown, chromium, formulas
from browser import missing, notebook, server

if missing():
    pytest.skip(missing(), allow_module_level=True)

ALONE = ("explore_training", "explore_drawing")  # these two have tests of their own
OTHER = ["1 + 1", "import time; time.sleep(60)"]  # cells that are run while the cockpit trains
TEXTS, COUNTS = zip(*map(formulas, NOTEBOOKS))
each = pytest.mark.parametrize("n", range(len(NOTEBOOKS)), ids=[path.stem for path in NOTEBOOKS])
every = pytest.mark.parametrize("i", range(len(CASES)), ids=map(str, CASES))


def only(name):
    return next(i for i, case in enumerate(CASES) if case.name == name)


@pytest.fixture(scope="module")
def chrome():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@pytest.fixture(scope="module", params=FRONT_ENDS)
def opened(request, chrome, tmp_path_factory):
    """A front end with a notebook in it: every explorer below the cell that it needs, and the text with formulas.

    Each has a server of its own: one for both remembers where the first found its fonts, and refuses them to the second.
    """
    sources = [source for case in CASES for source in (case.setup, case.source)]
    stored = {2 * i + 1: case.outputs for i, case in enumerate(CASES)}
    with server(tmp_path_factory.mktemp(request.param)) as (url, folder):
        (folder / f"{request.param}.ipynb").write_text(notebook(sources + OTHER, stored, TEXTS), encoding="utf-8")
        page = Page(chrome, url, request.param, f"{request.param}.ipynb")
        page.front_end = request.param
        yield page
        page.context.close()


@pytest.fixture
def run(opened):
    """Runs an explorer's cells → the explorer.

    Afterwards it is photographed, and neither browser nor kernel may have complained.
    """
    shown = {}

    def run(i):
        opened.complaints.clear()
        opened.run(2 * i)
        opened.run(2 * i + 1)
        shown[i] = Shown(opened.page, opened.area(2 * i + 1))
        return shown[i]

    yield run
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for i, explorer in shown.items():
        explorer.area.screenshot(path=SCREENSHOTS / f"{CASES[i]}-{opened.front_end}.png")
    assert not opened.complaints, "\n".join(opened.complaints)


def steady(frames):
    """Whether every frame showed a picture, and the explorer kept its height."""
    heights, widths = map(set, zip(*frames))
    assert 0 not in widths, f"{sum(not width for _, width in frames)} of {len(frames)} frames were blank"
    assert len(heights) == 1, f"the height jumped: {sorted(heights)}"


@every
def test_it_is_a_picture_before_anything_runs(opened, i):
    opened.go(2 * i + 1)
    image = opened.area(2 * i + 1).locator("img")
    image.wait_for()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500


@pytest.mark.parametrize("i", [i for i, c in enumerate(CASES) if c.name not in ALONE], ids=lambda i: str(CASES[i]))
def test_it_follows_the_keys_and_the_mouse(run, i):
    explorer = run(i)
    first, seen = explorer.picture(), []
    for slider in explorer.sliders():
        slider.press("x")  # which would cut the cell, if it were a shortcut
        seen.append(explorer.after(lambda: explorer.press(slider)))
    for chosen in explorer.area.locator("select").all():
        key = "ArrowUp" if chosen.evaluate("list => list.selectedIndex") else "ArrowDown"
        seen.append(explorer.after(lambda: chosen.press(key)))
    assert any(drawn != first[0] and alt != first[1] for drawn, alt in seen)
    if explorer.sliders():
        steady(explorer.drag(1)[0])
    explorer.after(explorer.area.get_by_role("button", name="Reset").click)


def test_a_slider_says_whose_it_is_and_where_it_stands(run):
    explorer = run(only("explore_learning_rate"))
    alpha, w = (explorer.area.get_by_role("slider", name=name, exact=True) for name in ("α", "w"))
    box = explorer.area.get_by_label("α", exact=True).and_(explorer.area.get_by_role("textbox"))
    for key in ("ArrowRight", "Home"):
        explorer.after(lambda: alpha.press(key))
        explorer.page.wait_for_timeout(100)
        assert float(alpha.get_attribute("aria-valuetext")) == pytest.approx(float(box.input_value()), rel=0.002)
    assert float(w.get_attribute("aria-valuetext")) == 2


def test_a_slider_that_ends_at_nothing_says_so(run):
    noise = run(only("explore_leak")).area.get_by_role("slider", name="noise σ")
    noise.press("ArrowRight")
    noise.page.wait_for_timeout(100)
    assert 0 < float(noise.get_attribute("aria-valuetext")) < 2e-5
    noise.press("Home")
    noise.page.wait_for_timeout(100)
    assert noise.get_attribute("aria-valuetext") == "0"


def test_a_click_on_the_landscape_is_the_start(run):
    explorer = run(only("explore_learning_rate"))
    picture = explorer.area.locator("img")
    box = picture.bounding_box()
    w, b = (explorer.area.get_by_role("slider", name=name, exact=True) for name in "wb")
    before = [handle.get_attribute("aria-valuenow") for handle in (w, b)]
    explorer.after(lambda: picture.click(position={"x": 0.2 * box["width"], "y": 0.6 * box["height"]}))
    explorer.page.wait_for_timeout(100)
    after = [handle.get_attribute("aria-valuenow") for handle in (w, b)]
    assert all(old != new for old, new in zip(before, after))


def test_a_stroke_changes_what_the_network_reads(run):
    explorer = run(only("explore_drawing"))
    assert "test digit" in explorer.picture()[1]
    steady(explorer.drag(1, pad=explorer.area.locator("canvas"))[0])
    assert "your drawing" in explorer.picture()[1]
    explorer.area.get_by_role("button", name="Clear").click()
    explorer.until(lambda drawn, alt: "test digit" in alt)


def steps(alt):
    return int(re.search(r"after ([\d,]+) steps", alt)[1].replace(",", ""))


def percent(alt):
    return float(re.search(r"accuracy ([\d.]+)", alt)[1])


def test_the_cockpit_trains_while_the_kernel_stays_free(run, opened):
    i = only("explore_training")
    explorer = run(i)
    first = steps(explorer.picture()[1])
    button = explorer.area.get_by_role("button")
    explorer.after(button.filter(has_text="Step").click)
    assert steps(explorer.picture()[1]) == first + 1
    button.filter(has_text="Start").click()
    explorer.until(lambda drawn, alt: steps(alt) > first + 1 and percent(alt) > 80)
    assert opened.run(2 * len(CASES))[0]["data"]["text/plain"] == "2"
    opened.go(2 * i + 1)
    explorer.sliders()[0].press("End")  # the largest α forgets all that was learned, and nothing starts anew
    explorer.until(lambda drawn, alt: "α = 10," in alt and percent(alt) < 50 and steps(alt) > first + 1)
    opened.interrupt(2 * len(CASES) + 1)
    assert len(opened.complaints) == 1 and "KeyboardInterrupt" in opened.complaints.pop()
    explorer.after(lambda: None)
    button.filter(has_text="Pause").click()
    button.filter(has_text="Start").wait_for()
    opened.page.wait_for_timeout(300)
    paused = explorer.picture()
    opened.page.wait_for_timeout(500)
    assert explorer.picture() == paused


# The text as the browser shows it: how many formulas are set, how many have an error, and what stands between them.
READ = """text => {
  const rest = text.cloneNode(true), all = selector => [...rest.querySelectorAll(selector)];
  const seen = [all("mjx-container").length, all("mjx-merror, [data-mjx-error], [mathcolor=red], mjx-mtext[style*=red]").length];
  all("mjx-container, code, pre").forEach(node => node.remove());
  return [...seen, rest.textContent];
}"""


@each
def test_every_formula_is_set(opened, n):
    i = 2 * len(CASES) + len(OTHER) + n
    opened.go(i)
    text = opened.area(i, ".jp-RenderedMarkdown")
    text.locator("mjx-container").first.wait_for(state="attached", timeout=15_000)
    opened.page.wait_for_timeout(100)
    count, errors, rest = text.evaluate(READ)
    assert not errors and not re.search(r"[$\\].{0,40}", rest) and count == COUNTS[n]


@each
def test_a_page_without_a_kernel_shows_every_picture(chrome, tmp_path, n):
    """What nbconvert makes of it: explorers and figures are pictures in it."""
    stored = NOTEBOOKS[n].read_text(encoding="utf-8").count("<img")
    (tmp_path / "page.html").write_text(nbconvert.HTMLExporter().from_filename(str(NOTEBOOKS[n]))[0], encoding="utf-8")
    page = chrome.new_page()
    page.route("http*://**", lambda route: route.abort())  # scripts that an offline reader does not have either
    page.goto((tmp_path / "page.html").as_uri())
    widths = page.evaluate("Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth, () => 0)))")
    page.close()
    assert len(widths) == stored > 0 and min(widths) > 100


@every
def test_it_fits_on_a_projector(run, opened, i):
    """1024 × 768, the file list closed, as `make lab` opens it: task, controls and picture are seen together."""
    opened.page.set_viewport_size({"width": 1024, "height": 768})
    if opened.front_end == "lab":
        opened.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    explorer = run(i)
    room = opened.page.evaluate("() => jupyterapp.shell.currentWidget.content.node.getBoundingClientRect().toJSON()")
    box, picture = explorer.area.bounding_box(), explorer.area.locator("img").bounding_box()
    opened.page.set_viewport_size({"width": 1280, "height": 1000})
    assert box["height"] <= room["height"]
    assert picture["x"] + picture["width"] <= room["x"] + room["width"]


def test_after_its_kernel_has_gone_an_explorer_says_that_it_sleeps(run, opened):
    explorer = run(only("explore_learning_rate"))
    asleep = explorer.area.get_by_role("status")
    assert not any(text.startswith("This explorer sleeps") for text in asleep.all_inner_texts())
    opened.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    asleep.filter(has_text="This explorer sleeps").wait_for(timeout=15_000)
    explorer = run(only("explore_learning_rate"))
    explorer.after(lambda: explorer.press(explorer.sliders()[0]))
    assert not any(text.startswith("This explorer sleeps") for text in asleep.all_inner_texts())
    opened.complaints.clear()  # the front end still greets the widgets of the kernel that is gone
