// Logging in again without leaving the page. Who finds that the session is gone, or its
// token dead, dispatches "session-gone"; here it is looked into, and if need be a dialog
// (_login_dialog.html) asks for the password. Then "session-back" is dispatched, or
// "session-later" where the dialog was closed without.
const template = document.getElementById("login-dialog-template");
let dialog = null;

const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

const tell = (name) => document.dispatchEvent(new CustomEvent(name));

const show = (element, words) => {
  element.textContent = words;
  element.hidden = !words;
};

const dueWords = (reason) =>
  `${reason || "请先设置新密码"}。请在新窗口设置新密码，再回到这里按“登录并保存”。`;

// Who is logged in now; the answer brings a valid token along.
const askServer = async () => {
  const answer = await fetch(dialog.dataset.sessionUrl, {
    credentials: "same-origin",
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};

const isBack = (state) => {
  if (state.user !== dialog.dataset.user) return false;
  if (state.password_due) {
    show(dialog.querySelector("[data-login-errors]"), dueWords(state.password_due));
    return false;
  }
  if (dialog.open) dialog.close("back");
  tell("session-back");
  return true;
};

const logIn = async (submitter) => {
  const { dataset } = dialog;
  const field = dialog.querySelector("[name=password]");
  const body = new URLSearchParams({ username: dialog.querySelector("[name=username]").value });
  if (submitter && submitter.name) body.append(submitter.name, submitter.value);
  else body.append("password", field.value);
  const answer = await fetch(dataset.loginUrl, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { "X-CSRFToken": token(), "X-Autosave": dataset.user },
  });
  if (answer.status === 429) return ["尝试次数过多，请过 15 分钟再试。"];
  if (answer.status === 422) return (await answer.json()).errors;
  if (!answer.ok) return [`系统出错（${answer.status}），请稍后再试。`];
  field.value = "";
  return isBack(await answer.json()) ? [] : null;
};

const onSubmit = async (event) => {
  event.preventDefault();
  event.stopPropagation();
  const errors = dialog.querySelector("[data-login-errors]");
  let found;
  try {
    const state = await askServer();
    if (state.user === dialog.dataset.user && isBack(state)) return;
    found = state.user === dialog.dataset.user ? null : await logIn(event.submitter);
  } catch (error) {
    found = ["连接不上服务器，请稍后再试；填写的内容都在。"];
  }
  if (found) show(errors, found.join(" "));
};

const build = () => {
  dialog = template.content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  dialog.querySelector("form").addEventListener("submit", onSubmit);
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "back") tell("session-later");
    dialog.returnValue = "";
  });
};

const open = (state) => {
  const other = state.user && state.user !== dialog.dataset.user;
  const words = other
    ? `本浏览器现在登录的是“${state.name}”。要保存本页内容，请以“${dialog.dataset.name}”重新登录。`
    : "";
  show(dialog.querySelector("[data-login-other]"), words);
  show(dialog.querySelector("[data-login-errors]"), "");
  dialog.showModal();
  dialog.querySelector("[name=password]").focus();
};

document.addEventListener("session-gone", async () => {
  if (!dialog) build();
  if (dialog.open) return;
  let state = { user: "" };
  try {
    state = await askServer();
  } catch (error) {
    tell("session-later");
    return;
  }
  if (state.user === dialog.dataset.user && !state.password_due) tell("session-back");
  else if (!dialog.open) {
    open(state);
    isBack(state);
  }
});
