// What the checks find, beside each text: fetched when the page opens and after each save.
//   [data-findings=KEY]        the place of one text's findings; KEY form: of all others
//   [data-findings-url=URL]    where they are fetched, on any one element of the page
//   [data-mend=ID]             a button that puts data-link in place of data-was, which
//                              stood at data-start to data-end (characters) of the text
const source = document.querySelector("[data-findings-url]");
let isAsking = false;
let isStale = false;

const places = () => document.querySelectorAll("[data-findings]");

const say = (words) => {
  const place = document.querySelector("[data-findings=form]");
  place.textContent = words;
};

// The answer's parts take the place of what is shown; an unchanged one is left alone,
// so that a button one has just gone to stays under the finger and keeps the focus.
const show = (html) => {
  const answer = new DOMParser().parseFromString(html, "text/html");
  for (const place of places()) {
    const part = answer.querySelector(`[data-findings="${place.dataset.findings}"]`);
    const found = part ? part.innerHTML : "";
    if (place.innerHTML !== found) place.innerHTML = found;
  }
};

const ask = async () => {
  if (isAsking) {
    isStale = true;
    return;
  }
  isAsking = true;
  try {
    const response = await fetch(source.dataset.findingsUrl, { credentials: "same-origin" });
    if (response.ok && !response.redirected) show(await response.text());
    else say("检查结果没有刷新：登录已过期或系统出错，不影响填写。");
  } catch (error) {
    say("检查结果没有刷新：连接不上服务器，不影响填写。");
  }
  isAsking = false;
  if (!isStale) return;
  isStale = false;
  ask();
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
  const button = event.target.closest("[data-mend]");
  if (button) mend(button);
});

// Without an answer nothing was sent: what is stored is what was looked at.
document.addEventListener("autosave:saved", (event) => {
  if (event.detail.answer) ask();
});

document.addEventListener("session-back", ask);
ask();
