// Saves <form data-autosave="key"> by itself while one types: a section, a result row.
//   data-autosave-url     where to post (else the form's action)
//   data-autosave-title   what drafts.js calls it
//   data-autosave-version name of its version field, where the form has another version
//                         of its own; such a form's button sends it as it stands
// The form holds version, the fields, and _autosave.html. The view answers with
// views/saving.autosaved(). One request is under way in a tab, one form at a time; the
// version the server gives is adopted; what was not answered is sent again as it was.
// A form that htmx posts (hx-post) is still sent by its button: it waits its turn here.
// Events on the form, for drafts.js and the page's own scripts: autosave:ready,
// autosave:typed, autosave:saved (detail.answer: all that the server said).
const PAUSE_MS = 1500;
const RETRY_SECONDS = [2, 4, 8, 16, 30, 60];
const TIMEOUT_MS = 20000;
const LEAVING_BYTES = 60000; // what a browser still sends from a page that closes

const entries = new Map();
let busy = null;
let loggedOut = "";
let refusals = 0;

const user = () => document.querySelector("meta[name=user-key]").content;

const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

const versionOf = (form) => form.elements[form.dataset.autosaveVersion || "version"];

const fieldsOf = (form) => {
  const others = ["csrfmiddlewaretoken", "version", "how", form.dataset.autosaveVersion];
  return Array.from(new FormData(form)).filter(
    ([name, value]) => typeof value === "string" && !others.includes(name),
  );
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const part = (entry, name) => entry.form.querySelector(`[data-autosave-${name}]`);

const emit = (entry, name, detail = {}) => {
  const { key, title } = entry;
  const version = versionOf(entry.form).value;
  entry.form.dispatchEvent(
    new CustomEvent(`autosave:${name}`, { bubbles: true, detail: { key, title, version, ...detail } }),
  );
};

// --- What the form says

const say = (entry, words, state = "") => {
  const place = part(entry, "status");
  place.textContent = words;
  place.dataset.state = state;
};

const action = (words, act) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary";
  button.textContent = words;
  button.addEventListener("click", act);
  return button;
};

const problem = (entry, words = "", buttons = []) => {
  const place = part(entry, "problem");
  if (!words) {
    place.replaceChildren();
    return;
  }
  const shown = place.querySelector(".message-text > span");
  // Put anew, its button would vanish between the press and the release of a click.
  if (shown && shown.textContent === words) return;
  const line = document.createElement("div");
  line.className = "message message-error";
  line.setAttribute("role", "alert");
  const text = document.createElement("div");
  text.className = "message-text";
  const sentence = document.createElement("span");
  sentence.textContent = words;
  text.append(sentence, " ", ...buttons);
  line.append(text);
  place.replaceChildren(line);
};

const setUnsaved = (entry, unsaved) => entry.form.toggleAttribute("data-unsaved", unsaved);

// --- Sending, one after the other

const isDirty = (entry) => entry.pending !== null || !same(fieldsOf(entry.form), entry.saved);

const isDue = (entry) =>
  entry.form.isConnected &&
  !entry.blocked &&
  !entry.held &&
  Date.now() >= entry.dueAt &&
  isDirty(entry);

const post = async (entry) => {
  const { pending, form } = entry;
  const body = new URLSearchParams(pending.fields);
  body.append("version", pending.version);
  body.append("how", pending.how);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(form.dataset.autosaveUrl || form.action, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { "X-CSRFToken": token(), "X-Autosave": user() },
      keepalive: document.hidden && body.toString().length < LEAVING_BYTES,
      signal: stop.signal,
    });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    return { status: response.status, answer: isJson ? await response.json() : null };
  } finally {
    clearTimeout(timer);
  }
};

const run = async () => {
  if (busy || loggedOut) return;
  const entry = Array.from(entries.values()).find(isDue);
  if (!entry) return;
  busy = entry;
  const how = entry.how || "auto";
  const version = versionOf(entry.form);
  entry.pending = entry.pending || { fields: fieldsOf(entry.form), version: version.value, how };
  entry.how = "";
  say(entry, "正在保存…", "saving");
  emit(entry, "typed", { fields: fieldsOf(entry.form), sent: entry.pending.fields });
  try {
    const { status, answer } = await post(entry);
    take(entry, status, answer);
  } catch (error) {
    failed(entry, "连接不上服务器");
  } finally {
    busy = null;
  }
  entry.waiting.splice(0).forEach((resume) => resume());
  run();
};

const schedule = (entry, pause) => {
  entry.dueAt = Date.now() + pause - 5; // a timer may fire that much too early
  clearTimeout(entry.timer);
  entry.timer = setTimeout(run, pause);
};

// --- What came back

const take = (entry, status, answer) => {
  if (status === 200 && answer) saved(entry, answer);
  else if (status === 409 && answer && answer.html) conflicting(entry, answer);
  else if (status === 409 && answer) refuse(entry, answer.closed);
  else if (status === 422 && answer) wrong(entry, answer.errors);
  else if (status === 401) logInAgain(entry);
  else if (status === 403) refuse(entry, "没有权限修改这部分内容");
  else if (status === 404) refuse(entry, "这部分内容已不存在，或不再能查看");
  else if (status === 413) refuse(entry, "内容过大，没有保存");
  else failed(entry, `系统出错（${status}）`);
};

const saved = (entry, answer) => {
  const { fields } = entry.pending;
  versionOf(entry.form).value = answer.version;
  entry.saved = fields;
  entry.pending = null;
  entry.failures = 0;
  refusals = 0;
  problem(entry);
  for (const [id, html] of Object.entries(answer.parts || {})) {
    const old = document.getElementById(id);
    if (!old) continue;
    old.outerHTML = html;
    window.htmx.process(document.getElementById(id) || document.body);
  }
  const current = fieldsOf(entry.form);
  emit(entry, "saved", { fields, current, answer });
  if (same(fields, current)) {
    setUnsaved(entry, false);
    say(entry, `已保存 ${answer.at}`, "saved");
  } else {
    say(entry, `已保存 ${answer.at}，又有修改`, "typed");
    schedule(entry, entry.how ? 0 : PAUSE_MS);
  }
};

const failed = (entry, why) => {
  const step = Math.min(entry.failures, RETRY_SECONDS.length - 1);
  entry.failures += 1;
  const seconds = RETRY_SECONDS[step];
  say(entry, `未保存，${seconds} 秒后重试`, "failed");
  const words = `${why}，内容还没有保存。可以继续填写：已在本机留底，连上后自动保存。`;
  problem(entry, words, [action("立即重试", () => schedule(entry, 0))]);
  schedule(entry, seconds * 1000);
};

const wrong = (entry, errors) => {
  entry.blocked = "wrong";
  entry.pending = null;
  say(entry, "有误，未保存", "failed");
  const lines = errors.map(({ label, text }) => (label ? `${label}：${text}` : text));
  problem(entry, lines.join("；"));
};

const refuse = (entry, why) => {
  entry.blocked = "refused";
  entry.pending = null;
  say(entry, "未保存", "failed");
  problem(entry, `${why}。您填写的内容仍在本页，并已在本机留底，可复制到别处。`);
};

const logInAgain = (entry) => {
  refusals += 1;
  if (refusals > 3) {
    // Logged in, and still refused: cookies do not reach the server.
    failed(entry, "登录状态没有传到服务器（请检查浏览器是否允许 Cookie）");
    return;
  }
  loggedOut = "asking";
  say(entry, "登录已过期，未保存", "failed");
  document.dispatchEvent(new CustomEvent("session-gone"));
};

document.addEventListener("session-back", () => {
  loggedOut = "";
  for (const entry of entries.values()) {
    if (isDirty(entry)) schedule(entry, 0);
    if (!entry.blocked) problem(entry);
  }
});

document.addEventListener("session-later", () => {
  if (!loggedOut) return;
  loggedOut = "later";
  for (const entry of entries.values()) if (isDirty(entry)) askToLogIn(entry);
});

const askToLogIn = (entry) => {
  say(entry, "登录已过期，未保存", "failed");
  const open = () => document.dispatchEvent(new CustomEvent("session-gone"));
  problem(entry, "登录已过期，内容还没有保存，已在本机留底。", [action("重新登录", open)]);
};

// --- Somebody else saved first

const conflicting = (entry, answer) => {
  const tried = entry.pending;
  entry.pending = null;
  if (entry.leaving) {
    // What stood in the box is kept on the server now: the other text may come in.
    entry.leaving = false;
    adopt(entry, answer);
    return;
  }
  entry.blocked = "conflict";
  say(entry, `${answer.by}已先保存，请选择`, "failed");
  problem(entry);
  const place = part(entry, "conflict");
  place.innerHTML = answer.html;
  place.querySelector("[data-conflict-choose=mine]").addEventListener("click", () => {
    place.replaceChildren();
    entry.blocked = "";
    entry.how = "manual";
    versionOf(entry.form).value = answer.version;
    entry.saved = null;
    schedule(entry, 0);
    focusField(entry);
  });
  place.querySelector("[data-conflict-choose=theirs]").addEventListener("click", () => {
    place.replaceChildren();
    entry.blocked = "";
    if (same(fieldsOf(entry.form), tried.fields)) {
      adopt(entry, answer);
      return;
    }
    // More was typed since: sent once more as it is now, so that the versions keep it.
    entry.leaving = true;
    entry.saved = null;
    schedule(entry, 0);
  });
};

const adopt = (entry, answer) => {
  for (const [name, value] of Object.entries(answer.stored)) {
    entry.form.elements[name].value = value;
  }
  versionOf(entry.form).value = answer.version;
  entry.saved = fieldsOf(entry.form);
  for (const name of Object.keys(answer.stored)) {
    entry.form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
  }
  say(entry, `已改用${answer.by}保存的内容`, "saved");
  focusField(entry);
};

const focusField = (entry) => {
  const field = entry.form.querySelector("textarea, input:not([type=hidden]), select");
  if (field) field.focus();
};

// --- Typing, pressing the button, leaving

const typed = (entry) => {
  const fields = fieldsOf(entry.form);
  const unsaved = entry.pending !== null || !same(fields, entry.saved);
  setUnsaved(entry, unsaved);
  emit(entry, "typed", { fields, sent: entry.pending && entry.pending.fields });
  if (entry.blocked === "wrong") entry.blocked = "";
  if (!unsaved) {
    emit(entry, "saved", { fields, current: fields, answer: null });
    say(entry, "没有未保存的修改", "saved");
    return;
  }
  if (entry.blocked) return;
  if (loggedOut === "later") askToLogIn(entry);
  else if (entry.failures) return; // its retry is under way, what is typed follows it
  else {
    if (busy !== entry) say(entry, "有修改，稍后自动保存", "typed");
    schedule(entry, PAUSE_MS);
  }
};

const onInput = (event) => {
  const entry = entries.get(event.target.form);
  if (entry) typed(entry);
};
document.addEventListener("input", onInput);
document.addEventListener("change", onInput);

const saveNow = (entry) => {
  if (loggedOut) {
    document.dispatchEvent(new CustomEvent("session-gone"));
    return;
  }
  if (entry.blocked === "conflict") {
    part(entry, "conflict").querySelector("button").focus();
    return;
  }
  entry.blocked = "";
  entry.how = "manual";
  if (!isDirty(entry)) say(entry, "没有未保存的修改", "saved");
  schedule(entry, 0);
};

// A form that sends itself leaves the page: what this browser keeps of it would be
// offered as unsaved for ever after, so that it is saved before.
const savesFirst = (entry) =>
  isDirty(entry) && !entry.blocked && !entry.failures && !loggedOut;

document.addEventListener(
  "submit",
  (event) => {
    const entry = entries.get(event.target);
    if (!entry) return;
    const sendsItself = "autosaveVersion" in entry.form.dataset;
    if (!entry.form.hasAttribute("hx-post") && !sendsItself) {
      event.preventDefault();
      event.stopImmediatePropagation();
      saveNow(entry);
    } else if (busy === entry || (sendsItself && savesFirst(entry))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      entry.waiting = [() => entry.form.requestSubmit(submitter)];
      if (busy !== entry) schedule(entry, 0);
    } else {
      entry.held = true;
      clearTimeout(entry.timer);
    }
  },
  true,
);

document.addEventListener("htmx:beforeSwap", (event) => {
  const entry = entries.get(event.detail.requestConfig.elt);
  if (!entry || !event.detail.shouldSwap || event.detail.xhr.status !== 200) return;
  const fields = fieldsOf(entry.form);
  emit(entry, "saved", { fields, current: fields, answer: null });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const entry = entries.get(event.detail.requestConfig.elt);
  if (!entry) return;
  entry.held = false;
  if (entry.form.isConnected && isDirty(entry)) schedule(entry, PAUSE_MS);
});

// Ctrl+S saves the form one is in.
document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
  const entry = entries.get(event.target.form);
  if (!entry) return;
  event.preventDefault();
  saveNow(entry);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const entry of entries.values()) {
    if (!entry.blocked && !entry.failures && isDirty(entry)) schedule(entry, 0);
  }
});

window.addEventListener("online", () => {
  for (const entry of entries.values()) if (entry.failures) schedule(entry, 0);
});

// --- Forms of the page, and those that htmx brings in

const watch = (form) => {
  if (entries.has(form)) return;
  const entry = {
    form,
    key: form.dataset.autosave,
    title: form.dataset.autosaveTitle || document.title,
    saved: fieldsOf(form),
    pending: null, // sent and not answered yet: {fields, version, how}
    blocked: "", // wrong, refused or conflict: waits for a person
    held: false, // htmx is sending the form
    waiting: [], // what comes after the request under way
    failures: 0,
    dueAt: 0,
  };
  entries.set(form, entry);
  emit(entry, "ready", { fields: entry.saved });
  if (!form.hasAttribute("data-unsaved")) return;
  // It came back refused: what it holds is not stored.
  entry.saved = null;
  emit(entry, "typed", { fields: fieldsOf(form) });
};

const scan = (root) => {
  for (const form of entries.keys()) if (!form.isConnected) entries.delete(form);
  if (root.matches && root.matches("form[data-autosave]")) watch(root);
  for (const form of root.querySelectorAll("form[data-autosave]")) watch(form);
};

document.addEventListener("htmx:load", (event) => scan(event.detail.elt));
scan(document);
