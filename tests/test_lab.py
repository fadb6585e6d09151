"""`make lab`: a folder of the reader's own, made once, renewed without losing anything, opened with a line that holds nothing back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from helpers import lab, yours
from helpers.explorers.at_once import AtOnce

ROOT = Path(__file__).parent.parent
SERIES = ROOT / "notebooks"


def test_a_message_leaves_at_once(monkeypatch):
    before = Mock()
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: before(self.websocket_handler.mock_calls))
    handler = Mock(spec=KernelWebsocketHandler)
    AtOnce(websocket_handler=handler).connect()
    handler.set_nodelay.assert_called_once_with(True)
    before.assert_called_once()


def test_jupyterlab_is_started_with_it_in_the_readers_folder_with_room_for_the_page(tmp_path):
    done = subprocess.run([sys.executable, "-m", "helpers.lab", "--folder", str(tmp_path), "--port=8123", "--show-config-json"],
                          capture_output=True, text=True, cwd=ROOT)
    said, _, config = done.stdout.partition("\n")
    assert said == f"Your notebooks and your network: {tmp_path}", done.stderr
    server, app = json.loads(config)["ServerApp"], json.loads(config)["LabApp"]
    assert server["kernel_websocket_connection_class"] == "helpers.explorers.at_once.AtOnce"
    assert server["root_dir"] == str(tmp_path) and server["port"] == 8123
    assert app["default_url"] == "/lab/tree/00_start_here.ipynb"
    (layout,) = Path(app["workspaces_dir"]).glob("*.jupyterlab-workspace")
    assert json.loads(layout.read_text())["data"]["layout-restorer:data"]["left"]["collapsed"] is True


def written(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_folder_has_every_notebook_without_outputs_and_a_network_without_parts(tmp_path, monkeypatch):
    assert lab.fill(tmp_path) == []
    names = {path.name for path in SERIES.glob("*.ipynb")}
    assert {path.name for path in tmp_path.iterdir()} == names | {yours.FILE, yours.MARKER} and len(names) >= 12
    for name in names:
        ours, theirs = written(SERIES / name), written(tmp_path / name)
        assert [cell["source"] for cell in ours["cells"]] == [cell["source"] for cell in theirs["cells"]]
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in theirs["cells"])
        assert {**ours, "cells": 0} == {**theirs, "cells": 0}
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WFW_MY_NETWORK", raising=False)
    assert yours.file() == tmp_path / yours.FILE and yours.report().startswith("0 of 11 parts are yours.")
    assert (tmp_path / yours.FILE).read_text(encoding="utf-8") == yours.start()


def test_again_changes_nothing(tmp_path):
    lab.fill(tmp_path)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.glob("*.ipynb")}
    (tmp_path / yours.FILE).write_text("mine = 1\n")
    assert lab.fill(tmp_path) == []
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.glob("*.ipynb")} == before
    assert (tmp_path / yours.FILE).read_text() == "mine = 1\n"


@pytest.fixture
def series(tmp_path):
    """A series of two notebooks, and a way to bring out a new edition of both."""
    place = tmp_path / "series"
    place.mkdir()

    def edition(words):
        for name in "00_start_here", "05_gradient_descent":
            cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": [words], "outputs": [{"output_type": "stream"}], "execution_count": 3}
            (place / f"{name}.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return place

    return edition


def edit(path, words):
    notebook = written(path)
    notebook["cells"][0]["source"] = [words]
    path.write_text(json.dumps(notebook))


def source(path):
    return "".join(written(path)["cells"][0]["source"])


def test_a_newer_series_renews_what_is_untouched_and_stands_beside_what_is_not(tmp_path, series):
    my = tmp_path / "my"
    lab.fill(my, series("first"))
    run = written(my / "00_start_here.ipynb")
    run["cells"][0] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "ran"}], "execution_count": 1, "metadata": {"trusted": True}}
    (my / "00_start_here.ipynb").write_text(json.dumps(run, indent=4))
    edit(my / "05_gradient_descent.ipynb", "my own work")
    said = lab.fill(my, series("second"))
    assert said == ["00_start_here.ipynb is renewed.",
                    "05_gradient_descent.ipynb is newer in the series. Yours stays as it is, the new one is beside it: 05_gradient_descent.new.ipynb"]
    assert source(my / "00_start_here.ipynb") == "second" and source(my / "05_gradient_descent.ipynb") == "my own work"
    assert source(my / "05_gradient_descent.new.ipynb") == "second"
    assert lab.fill(my, series("second")) == [], "said once"
    edit(my / "05_gradient_descent.new.ipynb", "my work on the new one")
    assert len(lab.fill(my, series("third"))) == 2
    assert source(my / "05_gradient_descent.new.ipynb") == "my work on the new one" and source(my / "05_gradient_descent.new2.ipynb") == "third"
    assert len(lab.fill(my, series("fourth"))) == 2
    assert source(my / "05_gradient_descent.new2.ipynb") == "fourth", "an offer that nobody touched is renewed"
    assert source(my / "05_gradient_descent.ipynb") == "my own work"


def test_a_notebook_that_is_gone_comes_back_and_one_that_was_moved_is_left_alone(tmp_path, series):
    my = tmp_path / "my"
    lab.fill(my, series("first"))
    edit(my / "05_gradient_descent.ipynb", "my own work")
    (my / "05_gradient_descent.ipynb").rename(my / "old.ipynb")
    assert lab.fill(my, series("first")) == []
    assert source(my / "05_gradient_descent.ipynb") == "first" and source(my / "old.ipynb") == "my own work"


@pytest.mark.parametrize("manifest", ["", "{", "[]", None])
def test_without_a_readable_record_nothing_is_overwritten(tmp_path, series, manifest):
    my = tmp_path / "my"
    lab.fill(my, series("first"))
    edit(my / "05_gradient_descent.ipynb", "my own work")
    (my / "00_start_here.ipynb").write_text("{ damaged")
    (my / yours.MARKER).unlink() if manifest is None else (my / yours.MARKER).write_text(manifest)
    lab.fill(my, series("first"))
    assert source(my / "05_gradient_descent.ipynb") == "my own work" and (my / "00_start_here.ipynb").read_text() == "{ damaged"
    assert source(my / "05_gradient_descent.new.ipynb") == source(my / "00_start_here.new.ipynb") == "first"


def test_two_at_once_make_one_folder(tmp_path, second_python):
    code = f"from helpers import lab; lab.fill({str(tmp_path / 'my')!r})"
    both = [subprocess.Popen([second_python, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    assert {path.suffix for path in (tmp_path / "my").iterdir()} == {".ipynb", ".py", ".json"} and lab.fill(tmp_path / "my") == []
    assert not list((tmp_path / "my").glob("*.new*"))


def test_where_the_checkout_cannot_be_written_the_folder_is_at_home_and_a_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lab.Path, "home", lambda: tmp_path)
    filled, real = [], lab.fill

    def fill(folder, *more):
        filled.append(folder)
        if folder == lab.CHECKOUT / "my":
            raise PermissionError(13, "Permission denied")
        return real(folder, *more)

    monkeypatch.setattr(lab, "fill", fill)
    lab.main(["--no-open"])
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Your notebooks and your network: {tmp_path / 'weight-for-weight'}",
                    f"{lab.CHECKOUT / 'my'} cannot be written: your folder is {tmp_path / 'weight-for-weight'}."]
    assert (tmp_path / "weight-for-weight" / "00_start_here.ipynb").exists() and filled[0] == lab.CHECKOUT / "my"


def test_a_folder_that_cannot_be_made_ends_with_a_sentence():
    with pytest.raises(SystemExit, match="cannot be made.*--folder PATH"):
        lab.main(["--folder", "/proc/nowhere", "--no-open"])


def test_an_installed_package_has_its_notebooks_inside_and_its_folder_at_home(tmp_path, monkeypatch, series):
    package = tmp_path / "site-packages" / "helpers"
    series("first")
    package.mkdir(parents=True)
    (tmp_path / "series").rename(package / "notebooks")
    monkeypatch.setattr(lab, "__file__", str(package / "lab.py"))
    monkeypatch.setattr(lab, "CHECKOUT", package.parent)
    monkeypatch.setattr(lab.Path, "home", lambda: tmp_path)
    assert lab.notebooks_folder() == package / "notebooks"
    folder, said = lab.own_folder()
    assert (folder, said) == (tmp_path / "weight-for-weight", []) and source(folder / "05_gradient_descent.ipynb") == "first"
    (package / "notebooks" / "00_start_here.ipynb").unlink()
    with pytest.raises(FileNotFoundError, match="The notebooks are missing"):
        lab.notebooks_folder()


def test_a_kernel_in_the_folder_keeps_a_part_and_one_in_the_series_does_not(tmp_path, second_python):
    lab.fill(tmp_path)
    (tmp_path / "answer.py").write_text("def my_mse(Y_hat, Y):\n    return ((Y - Y_hat) ** 2).sum() / (2 * len(Y))\n")
    code = f"import sys; sys.path.append({str(tmp_path)!r})\nfrom helpers import yours\nfrom answer import my_mse\nprint(yours.keep('mse', my_mse))"
    told = {}
    for place in (tmp_path, SERIES):
        env = {name: value for name, value in os.environ.items() if not name.startswith("WFW_")} | {"PYTHONPATH": str(ROOT)}
        told[place] = subprocess.run([second_python, "-c", code], cwd=place, env=env, capture_output=True, text=True).stdout
    assert told[tmp_path] == "Kept: `mse`. 1 of 11 parts is yours.\n" and told[SERIES].startswith("Not kept: ")
    assert not (SERIES / yours.FILE).exists()
