// The indicator sheet: keys as in a spreadsheet, each row saved on its own when it is
// left, one request in flight. What is typed stays in its cell whatever the answer.
const form = document.getElementById("sheet-form");
const body = document.querySelector("#sheet tbody");
const urls = form.dataset;
const LOGIN_PATH = document.querySelector("meta[name=login-path]").content;
const WEIGHTS_MS = 300;
const TIMEOUT_MS = 30000;

// --- Rows: what they hold, what of it is stored

const NAMES = [...document.getElementById("blank-row").content.querySelectorAll("[name]")].map(
  (cell) => cell.name,
);
const states = new WeakMap();
// What was typed and not stored in rows deleted here, should they come back.
const typedInDeleted = new Map();

const rows = () => [...body.querySelectorAll(".sheet-row")];
const cellOf = (row, name) => row.querySelector(`[name="${name}"]`);
const valuesOf = (row) =>
  Object.fromEntries(NAMES.map((name) => [name, cellOf(row, name).value]));
const isFixed = (row) => "fixed" in row.dataset;

// What the server sent, not what the browser has put back into a page come back to.
const storedValue = (cell) => {
  if (cell.tagName !== "SELECT") return cell.defaultValue;
  const chosen = [...cell.options].find((option) => option.defaultSelected);
  return (chosen || cell.options[0]).value;
};
const storedValues = (row) =>
  Object.fromEntries(NAMES.map((name) => [name, storedValue(cellOf(row, name))]));

const stateOf = (row) => {
  if (!states.has(row)) {
    const { pk = "", version = "1" } = row.dataset;
    const saved = isFixed(row) ? {} : storedValues(row);
    states.set(row, { pk, version, saved, conflict: null });
  }
  return states.get(row);
};

const isDirty = (row) => {
  if (isFixed(row)) return false;
  const { saved } = stateOf(row);
  return NAMES.some((name) => cellOf(row, name).value !== saved[name]);
};

const urlOf = (template, row) => template.replace("/0/", `/${stateOf(row).pk}/`);

const mark = () => form.toggleAttribute("data-unsaved", rows().some(isDirty));

const say = (row, text, level = "") => {
  const place = row.querySelector(".row-state");
  place.textContent = text;
  place.className = `row-state ${level}`;
};

const notice = (text, more = {}) =>
  document.dispatchEvent(
    new CustomEvent("notice", { detail: { level: "error", text, ...more } }),
  );

// --- Requests: one after the other

let last = Promise.resolve();
const queue = (work) => {
  last = last.then(work).catch((error) => {
    notice("页面脚本出错，请刷新后核对；未保存的内容仍在表中。");
    throw error;
  });
  last = last.catch(() => {});
  return last;
};

const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

const ask = async (url, data) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  const options = { headers: { Accept: "application/json" }, signal: stop.signal };
  if (data) {
    options.method = "POST";
    options.headers["X-CSRFToken"] = token();
    options.body = new URLSearchParams(data);
  }
  try {
    const answer = await fetch(url, options);
    if (new URL(answer.url).pathname === LOGIN_PATH) {
      notice("登录已过期，刚才的内容未保存，仍在表中。请在新窗口登录后回到这里再保存。", {
        url: LOGIN_PATH,
        link: "在新窗口登录",
      });
      return null;
    }
    const kind = answer.headers.get("Content-Type") || "";
    if (kind.includes("json")) return await answer.json();
    if (answer.ok) return { html: await answer.text() };
    const number = answer.headers.get("X-Request-ID");
    const reason = answer.status === 403 ? "没有权限" : "系统出错";
    notice(`${reason}，内容未保存，仍在表中。${number ? `（请求编号 ${number}）` : ""}`);
  } catch {
    notice("连接不上服务器，内容未保存，仍在表中。请检查网络后再试。");
  } finally {
    clearTimeout(timer);
  }
  return null;
};

// --- Saving a row

const clearErrors = (row) => {
  row.querySelectorAll(".cell-problem").forEach((each) => each.remove());
  row.querySelectorAll(".cell-error").forEach((cell) => cell.classList.remove("cell-error"));
  row.querySelectorAll("[aria-invalid]").forEach((cell) => cell.removeAttribute("aria-invalid"));
};

const showErrors = (row, errors) => {
  for (const [name, words] of Object.entries(errors)) {
    const cell = name ? cellOf(row, name) : null;
    const place = cell ? cell.closest("td") : row.querySelector(".row-state").closest("td");
    const line = document.createElement("div");
    line.className = "cell-problem";
    line.textContent = words;
    place.append(line);
    if (!cell) continue;
    place.classList.add("cell-error");
    cell.setAttribute("aria-invalid", "true");
  }
};

const button = (text, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-link";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
};

const dropConflict = (row) => {
  const state = stateOf(row);
  if (state.conflict) state.conflict.remove();
  state.conflict = null;
};

const showConflict = (row, { version, by, stored }) => {
  dropConflict(row);
  const line = document.createElement("tr");
  const cell = document.createElement("td");
  line.className = "sheet-conflict";
  cell.colSpan = row.cells.length;
  const words = stored.map(({ label, text }) => `${label}：${text}`).join("；");
  const told = document.createElement("span");
  told.setAttribute("role", "alert");
  told.textContent = `${by}已保存了这一行，您现在的修改还没有保存。已保存的是：${words}`;
  const settle = (change) => {
    stateOf(row).version = version;
    change();
    dropConflict(row);
    cellOf(row, "level3").focus();
    saveRow(row);
  };
  const mine = button("以我填写的为准", () => settle(() => {}));
  const theirs = button("采用已保存的内容", () =>
    settle(() => {
      for (const { name, value } of stored) {
        cellOf(row, name).value = value === null ? "" : value;
        stateOf(row).saved[name] = cellOf(row, name).value;
      }
    }),
  );
  cell.append(told, mine, theirs);
  line.append(cell);
  row.after(line);
  stateOf(row).conflict = line;
};

const takeAnswer = (row, sent, answer) => {
  const state = stateOf(row);
  clearErrors(row);
  if (answer.pk) {
    Object.assign(state, { pk: answer.pk, version: answer.version, saved: sent });
    row.dataset.pk = answer.pk;
    row.id = `indicator-${answer.pk}`;
    say(row, isDirty(row) ? "未保存" : "已保存", isDirty(row) ? "unsaved" : "saved");
    return;
  }
  if (answer.gone) Object.assign(state, { pk: "", version: "1", saved: {} });
  if (answer.conflict) showConflict(row, answer.conflict);
  say(row, "未保存", "unsaved");
  showErrors(row, answer.errors || {});
};

const saveRow = (row) => {
  if (!isDirty(row)) {
    mark();
    return last;
  }
  return queue(async () => {
    const state = stateOf(row);
    if (!row.isConnected || !isDirty(row) || state.conflict) return;
    const sent = valuesOf(row);
    say(row, "正在保存…");
    const url = state.pk ? urlOf(urls.rowUrl, row) : urls.addUrl;
    const answer = await ask(url, { ...sent, version: state.version });
    if (answer) takeAnswer(row, sent, answer);
    else say(row, "未保存", "unsaved");
    mark();
  });
};

const saveAll = async () => {
  await Promise.all(rows().map(saveRow));
  mark();
  return !rows().some(isDirty);
};

// --- Weights and readings follow while typing

let waiting = 0;
let weighing = null;
const weigh = () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const data = new URLSearchParams();
    for (const row of rows()) {
      const fixed = isFixed(row);
      data.append("level1", fixed ? row.dataset.level1 : cellOf(row, "level1").value);
      data.append("max_points", fixed ? row.dataset.points : cellOf(row, "max_points").value);
    }
    if (weighing) weighing.abort();
    weighing = new AbortController();
    const headers = { "X-CSRFToken": token() };
    try {
      const answer = await fetch(urls.weightsUrl, {
        method: "POST",
        body: data,
        headers,
        signal: weighing.signal,
      });
      const isOurs = answer.ok && new URL(answer.url).pathname !== LOGIN_PATH;
      if (isOurs) document.getElementById("sheet-weights").innerHTML = await answer.text();
    } catch {
      // The next keystroke asks again; saving tells of a lost connection.
    }
  }, WEIGHTS_MS);
};

const read = (row, split) =>
  queue(async () => {
    if (!row.isConnected) return;
    const { target, comparator, unit } = valuesOf(row);
    const asked = { target, comparator, unit };
    const query = new URLSearchParams({ ...asked, ...(split ? { split: "1" } : {}) });
    const answer = await ask(`${urls.readingUrl}?${query}`);
    if (!answer) return;
    for (const name of Object.keys(asked)) {
      const cell = cellOf(row, name);
      // Typed on meanwhile: the next reading sees it.
      if (cell.value !== asked[name] || cell.value === answer[name]) continue;
      cell.value = answer[name];
      cell.closest("td").classList.add("cell-changed");
    }
    const place = row.querySelector(".cell-reading");
    place.textContent = answer.reading;
    place.classList.toggle("reading-warning", answer.is_warning);
  });

// --- Rows come, go and move

const newRow = (after, values = null) => {
  const made = document.getElementById("blank-row").content.firstElementChild.cloneNode(true);
  newRow.count = (newRow.count || 0) + 1;
  made.querySelectorAll("[id]").forEach((each) => {
    each.id = each.id.replace("row-new-", `row-new${newRow.count}-`);
  });
  if (after) after.after(made);
  else body.append(made);
  const source = after && !isFixed(after) ? valuesOf(after) : {};
  const filled = values || { level1: source.level1 || "", level2: source.level2 || "" };
  for (const [name, value] of Object.entries(filled)) cellOf(made, name).value = value;
  // Levels proposed and a row copied are nothing typed: not saved until changed.
  stateOf(made).saved = valuesOf(made);
  document.getElementById("sheet-empty").hidden = true;
  return made;
};

const focusOn = (row, name) => {
  const cell = cellOf(row, name);
  cell.focus();
  if (cell.select) cell.select();
};

const editable = () => rows().filter((row) => !isFixed(row));

const afterConflict = (row) => stateOf(row).conflict || row;

const copyRow = (row) => {
  const made = newRow(afterConflict(row), valuesOf(row));
  say(made, "复制的行，改名后保存");
  focusOn(made, "level3");
  weigh();
};

const offerLocalUndo = (row, before) => {
  const line = document.createElement("div");
  line.className = "deletion";
  line.textContent = `已移除未保存的行“${cellOf(row, "level3").value || "（未命名）"}”`;
  line.append(
    button("撤销", () => {
      if (before && before.isConnected) before.after(row);
      else body.prepend(row);
      line.remove();
      focusOn(row, "level3");
      mark();
      weigh();
    }),
  );
  document.getElementById("deletions").prepend(line);
};

const goOn = (row) => {
  const others = editable();
  const place = others.indexOf(row);
  const next = others[place + 1] || others[place - 1];
  row.remove();
  if (next) focusOn(next, "level3");
  else document.getElementById("add-row").focus();
  mark();
  weigh();
};

const deleteRow = (row) =>
  queue(async () => {
    const state = stateOf(row);
    dropConflict(row);
    if (!state.pk) {
      if (isDirty(row)) offerLocalUndo(row, row.previousElementSibling);
      goOn(row);
      return;
    }
    const answer = await ask(urlOf(urls.deleteUrl, row), { version: state.version });
    if (!answer) return;
    if (answer.errors) {
      clearErrors(row);
      showErrors(row, answer.errors);
      return;
    }
    if (isDirty(row)) typedInDeleted.set(String(state.pk), valuesOf(row));
    document.getElementById("deletions").innerHTML = answer.undo;
    goOn(row);
  });

const putInOrder = (order) => {
  const focused = document.activeElement;
  const groups = new Map();
  let current = [];
  for (const each of [...body.children]) {
    const pk = each.matches(".sheet-row") ? String(stateOf(each).pk) : "";
    if (pk) {
      current = [];
      groups.set(pk, current);
    } else if (!groups.size && !current.length) {
      groups.set("first", current);
    }
    current.push(each);
  }
  for (const each of groups.get("first") || []) body.append(each);
  for (const pk of order) for (const each of groups.get(String(pk)) || []) body.append(each);
  if (focused && body.contains(focused)) focused.focus();
};

const moveRow = (row, direction) => {
  saveRow(row);
  return queue(async () => {
    if (!stateOf(row).pk) return;
    const answer = await ask(urlOf(urls.moveUrl, row), { direction });
    if (answer && answer.errors) showErrors(row, answer.errors);
    if (answer && answer.order) putInOrder(answer.order);
  });
};

document.getElementById("deletions").addEventListener("submit", (event) => {
  event.preventDefault();
  const { action } = event.target;
  const data = { event: event.target.elements.event.value };
  queue(async () => {
    const answer = await ask(action, data);
    if (!answer) return;
    if (answer.errors) {
      notice(answer.errors[""]);
      return;
    }
    document.getElementById("deletions").innerHTML = answer.undo;
    if (!answer.row) return;
    const holder = document.createElement("tbody");
    holder.innerHTML = answer.row;
    const row = holder.firstElementChild;
    body.append(row);
    stateOf(row);
    putInOrder(answer.order);
    const typed = typedInDeleted.get(row.dataset.pk);
    for (const [name, value] of Object.entries(typed || {})) cellOf(row, name).value = value;
    document.getElementById("sheet-empty").hidden = true;
    focusOn(row, "level3");
    row.classList.add("just-saved");
    mark();
    weigh();
  });
});

// --- Keys

const atStart = (cell) => !cell.setSelectionRange || cell.selectionEnd === 0;
const atEnd = (cell) => !cell.setSelectionRange || cell.selectionStart === cell.value.length;
const isWhole = (cell) =>
  cell.setSelectionRange && cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
const onFirstLine = (cell) => !cell.value.slice(0, cell.selectionStart || 0).includes("\n");
const onLastLine = (cell) => !cell.value.slice(cell.selectionEnd || 0).includes("\n");

const goUpOrDown = (row, name, steps) => {
  const all = editable();
  const next = all[all.indexOf(row) + steps];
  if (next) focusOn(next, name);
  return Boolean(next);
};

const goAside = (row, name, steps) => {
  const next = NAMES[NAMES.indexOf(name) + steps];
  if (next) focusOn(row, next);
  else if (steps > 0) row.querySelector(".row-actions button").focus();
};

const isBlank = (row) => !stateOf(row).pk && !isDirty(row);

const enter = (row, name, steps) => {
  if (goUpOrDown(row, name, steps) || steps < 0) return;
  if (isBlank(row)) return;
  focusOn(newRow(afterConflict(row)), name === "level1" ? "level1" : "level3");
};

const KEYS = {
  Enter: (row, cell, event) => enter(row, cell.name, event.shiftKey ? -1 : 1),
  Escape: (row, cell) => {
    cell.value = cell.dataset.before || "";
    mark();
    weigh();
  },
  ArrowUp: (row, cell) => onFirstLine(cell) && (goUpOrDown(row, cell.name, -1), true),
  ArrowDown: (row, cell) => onLastLine(cell) && (goUpOrDown(row, cell.name, 1), true),
  ArrowLeft: (row, cell) =>
    (atStart(cell) || isWhole(cell)) && (goAside(row, cell.name, -1), true),
  ArrowRight: (row, cell) =>
    (atEnd(cell) || isWhole(cell)) && (goAside(row, cell.name, 1), true),
};

const WITH_ALT = {
  ArrowUp: (row) => moveRow(row, "up"),
  ArrowDown: (row) => moveRow(row, "down"),
  Delete: (row) => deleteRow(row),
  Enter: (row, cell) => {
    if (cell.tagName === "TEXTAREA") cell.setRangeText("\n", cell.selectionStart, cell.selectionEnd, "end");
  },
};
const WITH_CTRL = {
  d: (row) => copyRow(row),
  s: () => saveAll(),
};

body.addEventListener("keydown", (event) => {
  const cell = event.target;
  const row = cell.closest(".sheet-row");
  // Enter and arrows first belong to the input method.
  if (!row || !NAMES.includes(cell.name) || event.isComposing || event.keyCode === 229) return;
  const control = event.ctrlKey || event.metaKey;
  const set = event.altKey ? WITH_ALT : control ? WITH_CTRL : KEYS;
  if (event.shiftKey && event.key !== "Enter") return;
  const key = control ? event.key.toLowerCase() : event.key;
  const act = Object.prototype.hasOwnProperty.call(set, key) ? set[key] : null;
  if (act && act(row, cell, event) !== false) event.preventDefault();
});

// --- What else happens in a row

body.addEventListener("focusin", (event) => {
  if (NAMES.includes(event.target.name)) event.target.dataset.before = event.target.value;
});

body.addEventListener("focusout", (event) => {
  const row = event.target.closest(".sheet-row");
  if (!row || isFixed(row) || row.contains(event.relatedTarget)) return;
  saveRow(row);
});

body.addEventListener("input", (event) => {
  const row = event.target.closest(".sheet-row");
  if (!row) return;
  event.target.closest("td").classList.remove("cell-changed");
  say(row, "未保存", "unsaved");
  if (["level1", "max_points"].includes(event.target.name)) weigh();
});

body.addEventListener("change", (event) => {
  const row = event.target.closest(".sheet-row");
  if (!row) return;
  if (event.target.name === "target") read(row, true);
  if (["comparator", "unit"].includes(event.target.name)) read(row, false);
});

body.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-act]");
  if (!pressed) return;
  const row = pressed.closest(".sheet-row");
  const act = pressed.dataset.act;
  if (act === "copy") copyRow(row);
  else if (act === "delete") deleteRow(row);
  else moveRow(row, act);
});

document.getElementById("add-row").addEventListener("click", () => {
  const all = rows();
  const made = newRow(all.length ? afterConflict(all[all.length - 1]) : null);
  focusOn(made, cellOf(made, "level1").value ? "level3" : "level1");
});

document.getElementById("save-all").addEventListener("click", saveAll);

// --- A block from Excel is looked through on a page of its own before it is saved

body.addEventListener("paste", async (event) => {
  const cell = event.target;
  const row = cell.closest(".sheet-row");
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  const isBlock = text.includes("\t") || (text.includes("\n") && cell.tagName !== "TEXTAREA");
  if (!row || !isBlock) return;
  event.preventDefault();
  const dialog = document.getElementById("paste-form");
  dialog.elements.text.value = text;
  dialog.elements.start.value = cell.name;
  if (!(await saveAll())) {
    notice("有的行还没有保存。请先更正标出的行，再粘贴一次。");
    return;
  }
  dialog.elements.row.value = stateOf(row).pk;
  dialog.requestSubmit ? dialog.requestSubmit() : dialog.submit();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  saveAll();
});
rows().forEach(stateOf);
rows().filter(isDirty).forEach((row) => say(row, "未保存", "unsaved"));
mark();
