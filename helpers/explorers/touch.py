"""A picture that says where it is touched: for explorers in which a point is chosen by hand."""

import anywidget
import traitlets


class Touch(anywidget.AnyWidget):
    """Shows `value`, HTML with one image, as widgets.HTML does. `at`: where it was last clicked, and how often so far.

    (0, 0) is the image's upper left corner, (1, 1) its lower right. Dragged with a mouse or pen, `at` follows; a finger
    taps, and still scrolls the page. The count makes a second click on one spot an event too.
    """

    value = traitlets.Unicode().tag(sync=True)
    at = traitlets.List([0.0, 0.0, 0]).tag(sync=True)

    _esm = """
    function render({ model, el }) {
      const show = () => { el.innerHTML = model.get("value"); };
      let held = false;
      const send = e => {
        const picture = el.querySelector("img");
        if (!picture) return;
        const box = picture.getBoundingClientRect();
        const x = (e.clientX - box.left) / box.width, y = (e.clientY - box.top) / box.height;
        if (x < 0 || x > 1 || y < 0 || y > 1) return;
        model.set("at", [x, y, model.get("at")[2] + 1]);
        model.save_changes();
      };
      const down = e => {
        if (e.button !== 0) return;
        held = e.pointerType !== "touch";
        if (held) { el.setPointerCapture(e.pointerId); send(e); e.preventDefault(); }
      };
      const move = e => { if (held) send(e); };
      const up = () => { held = false; };
      const tap = e => { if (e.pointerType === "touch") send(e); };
      el.style.cssText = "cursor: crosshair; touch-action: manipulation";
      el.addEventListener("pointerdown", down);
      el.addEventListener("pointermove", move);
      el.addEventListener("pointerup", up);
      el.addEventListener("pointercancel", up);
      el.addEventListener("click", tap);
      el.addEventListener("dragstart", e => e.preventDefault());
      model.on("change:value", show);
      show();
      return () => model.off("change:value", show);
    }
    export default { render };
    """
