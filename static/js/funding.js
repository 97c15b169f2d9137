// A funding row marked for deletion is struck through and can be taken back until the
// page is saved.
const show = (mark) => {
  const row = mark.closest(".funding-row");
  row.classList.toggle("row-deleted", mark.checked);
  const label = row.querySelector(".delete-mark label");
  label.firstChild.textContent = mark.checked ? "撤销删除" : "删除";
};

const MARKS = ".funding-row .delete-mark input";

document.addEventListener("change", (event) => {
  if (event.target.matches(MARKS)) show(event.target);
});

const showAll = () => document.querySelectorAll(MARKS).forEach(show);

document.addEventListener("htmx:afterSettle", showAll);
showAll();
