// Helps with writing a text: numerals that count on, figures by name, what is pasted.
//   [data-tools=ID]   the tools of a textarea: buttons [data-numeral], a list of figures
//   [data-select=ID]  a button that leads to a place: data-start, data-end in characters
// Alt+1, Alt+2, Alt+3 put in （一）, 1. and （1）.
const DIGITS = "零一二三四五六七八九";

const chinese = (number) => {
  const tens = Math.floor(number / 10);
  const ones = number % 10;
  const lead = tens === 0 ? "" : tens === 1 ? "十" : `${DIGITS[tens]}十`;
  return lead + (ones ? DIGITS[ones] : "");
};

// As reports/rendering/outline.py knows them, the outer ones first.
const KINDS = [
  { pattern: /^[（(][一二三四五六七八九十]+[）)]/, make: (n) => `（${chinese(n)}）` },
  { pattern: /^[0-9]{1,2}[.．、](?![0-9])/, make: (n) => `${n}.` },
  { pattern: /^[（(][0-9]{1,2}[）)]/, make: (n) => `（${n}）` },
];

const put = (field, text) => {
  field.focus();
  // The way that keeps 撤销; gone one day, the other still puts it in.
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

// The next numeral of a kind: one more than since the last numeral of an outer kind.
const nextNumeral = (before, kind) => {
  let count = 0;
  for (const line of before.split("\n")) {
    const found = KINDS.findIndex(({ pattern }) => pattern.test(line.trim()));
    if (found === kind) count += 1;
    else if (found !== -1 && found < kind) count = 0;
  }
  return KINDS[kind].make(count + 1);
};

const putNumeral = (field, kind) => {
  const before = field.value.slice(0, field.selectionStart);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  put(field, `${line.trim() ? "\n" : ""}${nextNumeral(before, kind)}`);
};

const options = document.getElementById("figure-options");

for (const tools of document.querySelectorAll("[data-tools]")) {
  const field = document.getElementById(tools.dataset.tools);
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("[data-numeral]");
    if (button) putNumeral(field, Number(button.dataset.numeral) - 1);
  });
  const list = tools.querySelector("[data-figure]");
  list.append(options.content.cloneNode(true));
  tools.querySelector("[data-put-figure]").addEventListener("click", () => {
    put(field, `{${list.value}}`);
  });
  field.addEventListener("keydown", (event) => {
    const kind = ["Digit1", "Digit2", "Digit3"].indexOf(event.code);
    if (!event.altKey || event.ctrlKey || event.metaKey || kind === -1) return;
    event.preventDefault();
    putNumeral(field, kind);
  });
  field.addEventListener("paste", (event) => onPaste(event, field));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-select]");
  if (!button) return;
  const field = document.getElementById(button.dataset.select);
  // The server counts characters, the browser halves of the rare ones.
  const units = (end) => Array.from(field.value).slice(0, Number(end)).join("").length;
  field.focus();
  field.setSelectionRange(units(button.dataset.start), units(button.dataset.end));
});

// --- Pasting: paragraphs and numbering stay, everything else is dropped

const BLOCKS = "address article aside blockquote dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tbody thead tfoot tr ul".split(" ");
const DROPPED = ["script", "style", "head", "title", "meta", "link", "xml", "template"];
const CELL_GAP = "　";

const clean = (text) =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/[\u200b\u200c\u200d\ufeff\u00ad]/g, "")
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
    .replace(/\u00a0/g, " ");

// Word writes a paragraph's number or bullet into a span that its style tells. Styles
// themselves go before parsing: the page's policy would refuse each with a complaint.
const withoutStyles = (html) =>
  html
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, (style) =>
      /mso-list:\s*ignore/i.test(style) ? " data-marker" : "",
    );

const isMarker = (node) => node.hasAttribute("data-marker");

// One sign alone is a bullet (· § Ø n), unless it is a numeral itself: ①.
const numeralOf = (node) => {
  const text = node.textContent.replace(/\s+/g, "");
  return text.length === 1 && !/[①-⑳]/.test(text) ? "" : text;
};

class Lines {
  constructor() {
    this.lines = [""];
    this.tables = 0;
  }

  end() {
    if (this.lines[this.lines.length - 1].trim()) this.lines.push("");
  }

  add(text) {
    this.lines[this.lines.length - 1] += text;
  }

  row(row) {
    const cells = Array.from(row.cells, (cell) => {
      const inner = new Lines();
      inner.walk(cell);
      return inner.text().replace(/\n/g, " ");
    });
    this.end();
    this.add(cells.join(CELL_GAP));
    this.end();
  }

  walk(parent) {
    let number = Number(parent.getAttribute && parent.getAttribute("start")) || 1;
    for (const node of parent.childNodes) {
      const name = node.nodeName.toLowerCase();
      if (node.nodeType === Node.TEXT_NODE) this.add(node.data.replace(/[ \t\n\r]+/g, " "));
      else if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.includes(name)) continue;
      else if (name === "br") this.lines.push("");
      else if (name === "table") this.table(node);
      else if (isMarker(node)) this.add(numeralOf(node));
      else {
        const block = BLOCKS.includes(name);
        if (block) this.end();
        if (name === "li" && parent.nodeName === "OL") this.add(`${number++}.`);
        this.walk(node);
        if (block) this.end();
      }
    }
  }

  table(node) {
    this.tables += 1;
    this.end();
    for (const row of node.rows) this.row(row);
  }

  text() {
    return this.lines.map((line) => clean(line).trim()).filter(Boolean).join("\n");
  }
}

const fromHtml = (html) => {
  const lines = new Lines();
  lines.walk(new DOMParser().parseFromString(withoutStyles(html), "text/html").body);
  return { text: lines.text(), tables: lines.tables };
};

// Of plain text only the tabs matter: after a numeral, or between cells.
const fromText = (text) => {
  const lines = clean(text).split("\n");
  const numbered = lines.map((line) => line.replace(/^(\s*\S{1,6}[.．、）)])\t+/, "$1"));
  const tables = numbered.some((line) => line.trim().includes("\t")) ? 1 : 0;
  return { text: numbered.map((line) => line.replace(/\t+/g, CELL_GAP)).join("\n"), tables };
};

const onPaste = (event, field) => {
  const html = event.clipboardData.getData("text/html");
  const plain = event.clipboardData.getData("text/plain");
  if (!html && !plain) return; // a picture: nothing of it can stay
  event.preventDefault();
  const { text, tables } = html ? fromHtml(html) : fromText(plain);
  put(field, text);
  if (!tables) return;
  const words = "粘贴的表格已转为文字，一行一行、格与格之间空一字。报告正文不含表格，请核对后改写。";
  document.dispatchEvent(
    new CustomEvent("notice", { detail: { level: "warning", text: words } }),
  );
};
