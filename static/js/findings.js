// What the checks find, beside each text and in the rows of the table: fetched when the
// page opens, while one types, and after each save.
//   [data-findings=KEY]        the place of one text's or row's findings; KEY form: of all
//                              that have no place of their own
//   [data-findings-url=URL]    where they are fetched, on any one element of the page;
//                              what is typed and not saved is posted there, to be looked
//                              at and not kept
//   [data-mend=ID]             a button that puts data-link in place of data-was, which
//                              stood at data-start to data-end (characters) of the text
//   [data-take=ID]             a button that puts data-value into a field
const PAUSE_MS = 300;
const OWN_FIELDS = ["csrfmiddlewaretoken", "version"];
const source = document.querySelector("[data-findings-url]");
let isAsking = false;
let isStale = false;
let shown = null;
let timer = 0;

const places = () => document.querySelectorAll("[data-findings]");

const say = (words) => {
  const place = document.querySelector("[data-findings=form]");
  if (place) place.textContent = words;
};

// The answer's parts take the place of what is shown; an unchanged one is left alone,
// so that a button one has just gone to stays under the finger and keeps the focus.
const show = () => {
  if (!shown) return;
  for (const place of places()) {
    const part = shown.querySelector(`[data-findings="${place.dataset.findings}"]`);
    const found = part ? part.innerHTML : "";
    if (place.innerHTML !== found) place.innerHTML = found;
  }
};

const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

// What is typed and not saved, by the names that reports/typed_content.py knows.
const typed = () => {
  const fields = new URLSearchParams();
  for (const form of document.querySelectorAll("form[data-autosave][data-unsaved]")) {
    const row = form.dataset.autosave.match(/^result-[0-9]+$/);
    for (const [name, value] of new FormData(form)) {
      if (OWN_FIELDS.includes(name)) continue;
      const text = (form.elements[name].id || "").match(/^id_([a-z_]+)_text$/);
      if (text) fields.append(`text-${text[1]}`, value);
      else if (row) fields.append(`${row[0]}-${name}`, value);
    }
  }
  return fields;
};

const request = () => {
  const fields = typed();
  if (!Array.from(fields).length) return { credentials: "same-origin" };
  const user = document.querySelector("meta[name=user-key]").content;
  return {
    method: "POST",
    body: fields,
    credentials: "same-origin",
    headers: { "X-CSRFToken": token(), "X-Autosave": user },
  };
};

const ask = async () => {
  if (isAsking) {
    isStale = true;
    return;
  }
  isAsking = true;
  clearTimeout(timer);
  try {
    const response = await fetch(source.dataset.findingsUrl, request());
    if (response.ok && !response.redirected) {
      shown = new DOMParser().parseFromString(await response.text(), "text/html");
      show();
    } else if (response.status !== 429) {
      say("检查结果没有刷新：登录已过期或系统出错，不影响填写。");
    }
  } catch (error) {
    say("检查结果没有刷新：连接不上服务器，不影响填写。");
  }
  isAsking = false;
  if (!isStale) return;
  isStale = false;
  ask();
};

const askSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
};

const take = (button) => {
  const field = document.getElementById(button.dataset.take);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
};

const mend = (button) => {
  const field = document.getElementById(button.dataset.mend);
  const units = (end) => Array.from(field.value).slice(0, Number(end)).join("").length;
  const start = units(button.dataset.start);
  const end = units(button.dataset.end);
  field.focus();
  if (field.value.slice(start, end) !== button.dataset.was) {
    const text = "这段文字已经改动，请等保存后检查结果刷新再改。";
    document.dispatchEvent(new CustomEvent("notice", { detail: { level: "warning", text } }));
    return;
  }
  field.setSelectionRange(start, end);
  // The way that keeps 撤销; gone one day, the other still puts it in.
  if (document.execCommand("insertText", false, button.dataset.link)) return;
  field.setRangeText(button.dataset.link, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mend], [data-take]");
  if (!button) return;
  if (button.hasAttribute("data-take")) take(button);
  else mend(button);
});

document.addEventListener("input", (event) => {
  if (event.target.form && event.target.form.dataset.autosave) askSoon();
});

// Without an answer nothing was sent: what is stored is what was looked at.
document.addEventListener("autosave:saved", (event) => {
  if (event.detail.answer) ask();
});

// A row that htmx put in anew has an empty place; one that was saved and closed changed.
document.addEventListener("htmx:load", (event) => {
  show();
  if (event.detail.elt.matches(".just-saved")) ask();
});

document.addEventListener("session-back", ask);
ask();
