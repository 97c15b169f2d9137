// <button data-copy="ID"> copies the text of that field. Without HTTPS a browser has no
// clipboard of its own: then the field is selected and copied the old way.
const oldWay = (field) => {
  field.focus();
  field.select();
  return document.execCommand("copy");
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  let copied = false;
  try {
    await navigator.clipboard.writeText(field.value);
    copied = true;
  } catch {
    copied = oldWay(field);
  }
  button.textContent = copied ? "已复制" : "请按 Ctrl+C 复制";
});
