// Leaving a page asks first while a <form data-guard> holds what is not saved: what has
// been typed, or what came back refused (data-unsaved).
const mark = (form) => form.setAttribute("data-unsaved", "");

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) mark(form);
});

document.addEventListener("submit", (event) => {
  event.target.removeAttribute("data-unsaved");
});

for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => {
    if (event.target.matches("form[data-guard]")) mark(event.target);
  });
}

window.addEventListener("beforeunload", (event) => {
  if (!document.querySelector("form[data-guard][data-unsaved]")) return;
  event.preventDefault();
  event.returnValue = "";
});
