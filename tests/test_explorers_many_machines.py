"""The explorer of notebook 11 shows the time that its formula gives, and says which share of it is waiting."""

import numpy as np
import pytest

from helpers.explorers.many_machines import BATCHES, FIXED, LINKS, MESSAGE, PER_EXAMPLE, explore_machines, seconds


def test_two_machines_by_hand():
    shown = explore_machines(workers=2, batch=512, link="1 Gbit/s")
    work, wait = FIXED + 256 * PER_EXAMPLE, 2 * (1e-4 + 4 * 235_146 / 2 / 125e6)
    assert MESSAGE == 4 * 235_146
    assert shown.drawn["work"] == pytest.approx(work) and shown.drawn["wait"] == pytest.approx(wait)
    assert shown.drawn["waiting"] == pytest.approx(wait / (work + wait))
    assert shown.drawn["pace"] == pytest.approx((FIXED + 512 * PER_EXAMPLE) / (work + wait))
    assert "67.0 % waiting" in shown.alt and "1.9 times as slow with 2 machines." in shown.alt


@pytest.mark.parametrize("link", LINKS)
def test_one_machine_waits_for_nobody(link):
    shown = explore_machines(workers=1, link=link)
    assert shown.drawn["wait"] == 0 and shown.drawn["pace"] == 1 and "One machine waits for nobody." in shown.alt
    assert "Nothing travels." in shown.formula.value and "1 machine:" in shown.formula.value


def test_what_is_drawn_is_what_is_said(no_warnings):
    shown = explore_machines()
    for workers in 1, 8, 64:
        for batch in BATCHES[0], BATCHES[-1]:
            for link in list(LINKS)[::2]:
                shown.set(workers=workers, batch=batch, link=link)
                bars = [bar.get_width() for bar in (*shown.work, shown.wait)]
                assert sum(bars[1:]) / bars[0] == pytest.approx(1 / shown.drawn["pace"]) and max(bars) <= 0.96 + 1e-12
                assert shown.wait.get_x() == pytest.approx(bars[1])
                assert np.allclose(shown.curve.get_ydata(), list(shown.drawn["seconds"].values()))
                assert shown.here.get_ydata()[0] == pytest.approx(shown.drawn["seconds"][workers])
                low, high = shown.right.get_ylim()
                assert low < min(shown.ideal.get_ydata()) and max(shown.drawn["seconds"].values()) < high


def test_the_task_of_the_page_can_be_solved():
    """Eight machines slower than one, and with one control changed more than four times as fast."""
    slow = [(batch, link) for batch in BATCHES for link in LINKS if pace(batch, link) < 1]
    assert any(pace(other, link) > 4 for batch, link in slow for other in BATCHES)
    assert any(pace(batch, other) > 4 for batch, link in slow for other in LINKS)


def pace(batch, link):
    return sum(seconds(1, batch, link)) / sum(seconds(8, batch, link))
