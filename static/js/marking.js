// A copy to be published: words selected in [data-marking] go into the field of what is hidden.
const paper = document.querySelector("[data-marking]");
const field = document.querySelector('textarea[name="words"]');

if (paper && field) {
  const tool = document.createElement("button");
  tool.type = "button";
  tool.className = "btn btn-primary btn-sm marking-tool";
  tool.textContent = "遮盖选中的文字";
  tool.hidden = true;
  document.body.append(tool);
  let words = "";

  document.addEventListener("selectionchange", () => {
    const selection = window.getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const isHere = range && paper.contains(range.commonAncestorContainer);
    const chosen = isHere ? selection.toString().trim() : "";
    tool.hidden = !chosen;
    if (!chosen) return;
    words = chosen;
    const box = range.getBoundingClientRect();
    tool.style.left = `${box.left + window.scrollX}px`;
    tool.style.top = `${box.bottom + window.scrollY + 4}px`;
  });

  // The selection goes as soon as the button is pressed: what was chosen is kept.
  tool.addEventListener("mousedown", (event) => event.preventDefault());
  tool.addEventListener("click", () => {
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    tool.hidden = true;
    field.form.querySelector("button[type=submit]").focus();
  });
}
