// Messages stay until they are closed; toasts are for what need not be read. Scripts
// dispatch, and servers trigger with trigger_client_event(response, "toast", {...}):
//   notice: {level: "success" | "warning" | "error", text, url?, link?}
//   toast:  {text}
const TOAST_MS = 4000;

const element = (tag, className, text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

const closeButton = () => {
  const button = element("button", "btn-close");
  button.type = "button";
  button.dataset.closeMessage = "";
  button.setAttribute("aria-label", "关闭这条消息");
  return button;
};

document.addEventListener("notice", (event) => {
  const { level, text, url, link } = event.detail;
  const line = element("div", `message message-${level}`);
  line.setAttribute("role", "alert");
  const words = element("div", "message-text", text);
  if (url) {
    const anchor = element("a", "", link);
    anchor.href = url;
    anchor.target = "_blank";
    words.append(" ", anchor);
  }
  line.append(words, closeButton());
  document.getElementById("messages").replaceChildren(line);
  line.scrollIntoView({ block: "center" });
});

document.addEventListener("toast", (event) => {
  const line = element("div", "toast-line", event.detail.text);
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), TOAST_MS);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close-message]");
  if (button) button.closest(".message").remove();
});

const summary = document.querySelector(".error-summary");
if (summary) summary.focus();
