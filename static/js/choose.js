// Ticking many rows at once: a box with data-check-all="NAME" ticks every box of that
// name in its table or data-check-part; data-check-count shows how many are ticked.
const boxes = (form, name) =>
  [...form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)];

const show = (form) => {
  form.querySelectorAll("[data-check-all]").forEach((all) => {
    const own = boxes(form, all.dataset.checkAll).filter((box) =>
      inSamePart(all, box),
    );
    const ticked = own.filter((box) => box.checked).length;
    all.checked = own.length > 0 && ticked === own.length;
    all.indeterminate = ticked > 0 && ticked < own.length;
  });
  form.querySelectorAll("[data-check-count]").forEach((place) => {
    const own = boxes(form, place.dataset.checkCount);
    place.textContent = String(own.filter((box) => box.checked).length);
  });
};

const partOf = (box) => box.closest("table") || box.closest("[data-check-part]");

const inSamePart = (all, box) => partOf(all) === partOf(box);

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form || event.target.type !== "checkbox") return;
  const name = event.target.dataset.checkAll;
  if (name) {
    boxes(form, name)
      .filter((box) => inSamePart(event.target, box))
      .forEach((box) => {
        box.checked = event.target.checked;
      });
  }
  show(form);
});

const showAll = () =>
  document
    .querySelectorAll("[data-check-all]")
    .forEach((all) => show(all.form));

// Rows that came with an answer of htmx.
document.addEventListener("htmx:afterSettle", showAll);
showAll();
