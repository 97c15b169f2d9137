// What is missing leads to its very field: <a href="…#id_of_the_field" data-gap>. A field
// on this page takes the focus; one of a result row that is not open has the row opened
// in its place. Any other link goes to the field's own page.
const fieldOf = (link) => new URL(link.href).hash.slice(1);

const focus = (field) => {
  field.focus();
  field.scrollIntoView({ block: "center" });
};

const opener = (id) => {
  const found = id.match(/^id_result(\d+)_/);
  const row = found && document.getElementById(`result-${found[1]}`);
  return row && row.querySelector("a[hx-get]");
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-gap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const id = fieldOf(link);
  const field = document.getElementById(id);
  const edit = opener(id);
  if (!field && !edit) return;
  event.preventDefault();
  if (field) {
    focus(field);
    return;
  }
  const row = edit.closest("tr");
  // The server lets the field take the focus where the form is put in.
  const name = id.replace(/^id_result\d+_/, "");
  window.htmx
    .ajax("GET", `${edit.href}?field=${name}`, { target: `#${row.id}`, swap: "outerHTML" })
    .then(() => {
      const opened = document.getElementById(id);
      if (opened) focus(opened);
    });
});

// 收起 leaves nothing unsaved: what is typed is saved first, which closes the row too.
document.addEventListener(
  "click",
  (event) => {
    const close = event.target.closest("[data-close-row]");
    if (!close) return;
    const form = close.closest("form");
    if (!form.hasAttribute("data-unsaved")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.requestSubmit();
  },
  true,
);
