// The reviewer's page and list: keys, evidence beside the paper, a remark on a passage.
//   data-key="j"            pressed outside a field, that key presses the link or button
//   data-evidence="URL"     a link whose file opens in #evidence-beside
//   data-passages-of="ID"   the card on which words selected in that section are remarked
//   data-phrase-for="ID"    a button whose words go into that field
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const pressed = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (pressed) {
    event.preventDefault();
    pressed.click();
    return;
  }
  const rows = Array.from(document.querySelectorAll("[data-row-link]"));
  if (rows.length && (key === "j" || key === "k")) {
    const at = rows.indexOf(document.activeElement);
    const next = rows[at + (key === "j" ? 1 : -1)] || rows[key === "j" ? rows.length - 1 : 0];
    event.preventDefault();
    next.focus();
  }
});

// --- Evidence beside the paper

const beside = document.getElementById("evidence-beside");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-evidence]");
  if (!link || !beside || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  beside.hidden = false;
  beside.querySelector("[data-evidence-frame]").src = link.dataset.evidence;
  beside.querySelector("[data-evidence-name]").textContent = link.textContent;
  beside.querySelector("[data-evidence-link]").href = link.href;
  beside.scrollIntoView({ block: "nearest" });
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-evidence-close]")) beside.hidden = true;
});

// --- The office's phrases

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-phrase-for]");
  if (!button) return;
  const field = document.getElementById(button.dataset.phraseFor);
  const start = field.value && !field.value.endsWith("\n") ? `${field.value}\n` : field.value;
  field.value = start + button.textContent.trim();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// --- A remark on selected words

const tool = document.createElement("button");
tool.type = "button";
tool.className = "btn btn-primary btn-sm passage-tool";
tool.textContent = "评这一段";
tool.hidden = true;
document.body.append(tool);
let chosen = null;

const plain = (text) => text.replace(/\s+/g, "");

const selected = () => {
  const selection = window.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const holder = range.commonAncestorContainer;
  const element = holder.nodeType === Node.TEXT_NODE ? holder.parentElement : holder;
  const section = element.closest("section[id]");
  const card = section && document.querySelector(`[data-passages-of="${section.id}"]`);
  const quote = selection.toString().trim();
  if (!card || !quote) return null;
  const earlier = range.cloneRange();
  earlier.selectNodeContents(section);
  earlier.setEnd(range.startContainer, range.startOffset);
  const nth = plain(earlier.toString()).split(plain(quote)).length - 1;
  return { card, quote, nth, box: range.getBoundingClientRect() };
};

document.addEventListener("selectionchange", () => {
  const found = selected();
  tool.hidden = !found;
  if (!found) return;
  chosen = found;
  tool.style.left = `${found.box.left + window.scrollX}px`;
  tool.style.top = `${found.box.bottom + window.scrollY + 4}px`;
});

// The selection goes as soon as the button is pressed: what was chosen is kept.
tool.addEventListener("mousedown", (event) => event.preventDefault());
tool.addEventListener("click", () => {
  const { card, quote, nth } = chosen;
  const part = card.querySelector(".remark-new");
  const form = part.querySelector("form");
  part.open = true;
  form.elements.quote.value = quote;
  form.elements.nth.value = nth;
  tool.hidden = true;
  part.scrollIntoView({ block: "center" });
  form.elements.text.focus();
});
