// What has been typed but not saved yet is kept in this browser, per user and form, and
// offered back after a crash or on the next visit. autosave.js tells of it by events on
// its forms: autosave:ready, autosave:typed, autosave:sent, autosave:saved. Logging out
// clears what was kept; another user's is never read.
// <div data-drafts> lists what is still unsaved, with links (the workbench).
const USER = document.querySelector("meta[name=user-key]").content;
const PREFIX = `perfeval:draft:${USER}:`;
const EARLIER = ":earlier:";

const write = (key, draft) => {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
    return true;
  } catch (error) {
    return false; // full, or switched off by the office
  }
};

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch (error) {
    return null;
  }
};

const remove = (key) => {
  try {
    localStorage.removeItem(key);
  } catch (error) {
    // Switched off: then nothing is there.
  }
};

const keys = (start = PREFIX) => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start)).sort();
  } catch (error) {
    return [];
  }
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const when = (at) => {
  const day = new Date(at);
  const minutes = String(day.getMinutes()).padStart(2, "0");
  return `${day.getMonth() + 1}月${day.getDate()}日 ${day.getHours()}:${minutes}`;
};

const element = (tag, className, text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

const button = (text, act) => {
  const made = element("button", "btn btn-outline-secondary", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};

// Put what was kept into the fields; autosave.js hears of it like of any typing.
const restore = (form, draft, current) => {
  for (const [name, value] of draft.fields) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  // Saved by the last request, whose answer did not arrive: no conflict with oneself.
  const arrived = draft.sent && same(draft.sent, current.fields);
  if (!arrived && form.elements.version) form.elements.version.value = draft.version;
  const first = form.elements[draft.fields[0][0]];
  first.dispatchEvent(new Event("input", { bubbles: true }));
  first.focus();
};

// A form may stand far down the page: at its top a line leads to what is offered.
const announce = (form, line, draft) => {
  let list = document.getElementById("kept-drafts");
  if (!list) {
    const top = element("div", "message message-warning");
    const words = element("div", "message-text");
    words.append(element("strong", "", "本机留有没有保存的内容："));
    list = element("ul", "mb-0");
    list.id = "kept-drafts";
    words.append(list);
    top.append(words);
    document.getElementById("messages").before(top);
  }
  line.id = `kept-${form.dataset.autosave}-${list.childElementCount}`;
  line.tabIndex = -1;
  const link = element("a", "", draft.title || form.dataset.autosaveTitle || "查看");
  link.href = `#${line.id}`;
  link.addEventListener("click", () => line.focus());
  const item = element("li", "");
  item.append(link, `（${when(draft.at)}）`);
  list.append(item);
  return () => {
    item.remove();
    if (!list.childElementCount) list.closest(".message").remove();
  };
};

const offer = (form, key, draft, current) => {
  const line = element("div", "message message-warning");
  line.setAttribute("role", "alert");
  const words = element("div", "message-text");
  words.append(element("strong", "", `本机留有${when(draft.at)}没有保存的内容。`));
  const details = element("details", "my-2");
  details.append(element("summary", "", "查看留底"));
  for (const [, value] of draft.fields) {
    if (value) details.append(element("div", "compare-text", value));
  }
  const actions = element("div", "actions");
  const announced = announce(form, line, draft);
  const done = () => {
    remove(key);
    line.remove();
    announced();
  };
  actions.append(
    button("恢复到编辑框", () => {
      restore(form, draft, current);
      done();
    }),
    button("丢弃", done),
  );
  words.append(details, actions);
  line.append(words);
  form.prepend(line);
};

document.addEventListener("autosave:ready", (event) => {
  const { key, fields, version } = event.detail;
  const own = PREFIX + key;
  const left = read(own);
  if (left) {
    if (!same(left.fields, fields)) write(`${own}${EARLIER}${left.at}`, left);
    remove(own);
  }
  for (const kept of keys(own + EARLIER)) {
    const draft = read(kept);
    if (!draft || same(draft.fields, fields)) remove(kept);
    else offer(event.target, kept, draft, { fields, version });
  }
});

let warned = false;

document.addEventListener("autosave:typed", (event) => {
  const { key, title, fields, version, sent } = event.detail;
  const url = location.pathname + (event.target.dataset.autosaveAnchor || "");
  const at = new Date().toISOString();
  if (write(PREFIX + key, { fields, version, sent, at, url, title }) || warned) return;
  warned = true;
  const text = "浏览器不让本页在本机留底（存储已满或被禁用）：连不上服务器时请先把内容复制到别处。";
  document.dispatchEvent(new CustomEvent("notice", { detail: { level: "warning", text } }));
});

document.addEventListener("autosave:saved", (event) => {
  const { key, fields, current } = event.detail;
  if (same(fields, current)) remove(PREFIX + key);
});

// Logging out: asked first where something would be lost with it, then cleared.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-logout]")) return;
    const left = keys();
    const question = `还有 ${left.length} 处内容没有保存到服务器。退出后本机的留底会清除，确定退出吗？`;
    if (left.length && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    left.forEach(remove);
  },
  true,
);

for (const place of document.querySelectorAll("[data-drafts]")) {
  const left = keys();
  if (!left.length) continue;
  const line = element("div", "message message-warning");
  const words = element("div", "message-text");
  words.append(element("strong", "", `本机有 ${left.length} 处没有保存的内容：`));
  const list = element("ul", "mb-0");
  for (const draft of left.map(read).filter(Boolean)) {
    const link = element("a", "", draft.title || draft.url);
    link.href = draft.url;
    const item = element("li", "");
    item.append(link, `（${when(draft.at)}）`);
    list.append(item);
  }
  words.append(list);
  line.append(words);
  place.append(line);
}
