// A form is sent once: its button says that it is at work, and a second press does
// nothing. <form data-no-busy>: for forms whose answer is a file to download.
const WORDS = "正在处理…";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("noBusy" in form.dataset) return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.busy = "";
  const button = event.submitter;
  if (!button) return;
  button.dataset.label = button.textContent;
  button.textContent = button.dataset.busyLabel || WORDS;
  button.setAttribute("aria-busy", "true");
});

// Back from the next page: the form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) {
    delete form.dataset.busy;
  }
  for (const button of document.querySelectorAll("[aria-busy][data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-busy");
  }
});
