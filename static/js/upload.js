// <form data-upload data-largest="bytes">: files are chosen or dropped, then sent one after
// the other, each with a bar. What failed stays in the list with its reason and can be
// sent again, while data-upload-parts="ids" of the page are renewed; without JavaScript the form sends all files at once.
const LOGIN_PATH = document.querySelector("meta[name=login-path]").content;
const MEGABYTE = 1024 * 1024;

const element = (tag, className, text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

const button = (text, action) => {
  const made = element("button", "btn btn-link", text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
};

const size = (bytes) =>
  bytes < MEGABYTE
    ? `${Math.ceil(bytes / 1024)} KB`
    : `${(bytes / MEGABYTE).toFixed(1)} MB`;

const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

// What the server answered, as a reason in words; "" where it took the file.
const reasonOf = (xhr) => {
  if (xhr.status === 201) return "";
  if (xhr.responseURL && new URL(xhr.responseURL).pathname === LOGIN_PATH) {
    return "登录已过期，请在新窗口登录后点“重试”";
  }
  if (xhr.status === 413) return "文件过大，服务器没有接收";
  try {
    return JSON.parse(xhr.responseText).errors.join("；");
  } catch {
    return "服务器没有接收，请稍后重试";
  }
};

class Upload {
  constructor(file, list) {
    this.file = file;
    this.line = element("li", "");
    this.bar = element("progress", "");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `“${file.name}”上传进度`);
    this.state = element("span", "upload-state small", "待上传");
    this.remove = button("移除", () => this.drop());
    const name = element("span", "upload-name", `${file.name}（${size(file.size)}）`);
    this.remove.setAttribute("aria-label", `移除“${file.name}”`);
    this.line.append(name, this.remove, this.bar, this.state);
    list.append(this.line);
  }

  drop() {
    this.gone = true;
    this.line.remove();
  }

  say(words, failed = false) {
    this.state.textContent = words;
    this.state.classList.toggle("failed", failed);
  }

  send(address, fields) {
    this.remove.hidden = true;
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    body.append("files", this.file);
    return new Promise((resolve) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", address);
      xhr.setRequestHeader("Accept", "application/json");
      xhr.setRequestHeader("X-CSRFToken", token());
      xhr.upload.addEventListener("progress", (event) => this.move(event));
      xhr.addEventListener("load", () => resolve(this.end(reasonOf(xhr))));
      xhr.addEventListener("error", () =>
        resolve(this.end("连接不上服务器，请检查网络后重试")),
      );
      xhr.send(body);
    });
  }

  move(event) {
    if (!event.lengthComputable) return;
    this.bar.value = Math.floor((100 * event.loaded) / event.total);
    const done = event.loaded === event.total;
    this.say(done ? "正在保存…" : `已上传 ${this.bar.value}%`);
  }

  end(reason) {
    this.done = !reason;
    this.bar.value = this.done ? 100 : 0;
    this.say(reason || "已上传", Boolean(reason));
    this.remove.hidden = this.done;
    return this.done;
  }
}

// Some files came, some did not: the page stays for those, and what it says of the files
// that are there (data-upload-parts: ids) is fetched anew.
const renew = async (form) => {
  const ids = (form.dataset.uploadParts || "").split(" ").filter(Boolean);
  const answer = await fetch(form.action).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) {
    const fresh = page.getElementById(id);
    const shown = document.getElementById(id);
    if (fresh && shown) shown.replaceWith(document.adoptNode(fresh));
  }
};

const start = (form) => {
  const list = form.querySelector("[data-upload-list]");
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const submit = form.querySelector("button[type=submit]");
  const largest = Number(form.dataset.largest);
  let uploads = [];
  let running = false;

  const add = (files) => {
    for (const file of files) {
      const upload = new Upload(file, list);
      uploads.push(upload);
      if (file.size > largest) {
        upload.tooLarge = true;
        upload.say(`超过 ${largest / MEGABYTE} MB，请压缩后再选`, true);
      }
    }
    if (files.length) form.setAttribute("data-unsaved", "");
  };

  // The chosen files wait in the list: choosing again adds to them.
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });

  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  // A file that misses the zone would replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => event.preventDefault());
  }

  const sendAll = async () => {
    running = true;
    submit.disabled = true;
    const fields = [...new FormData(form)].filter(([name]) => name !== "files");
    const waiting = uploads.filter((each) => !each.gone && !each.done && !each.tooLarge);
    for (const upload of waiting) await upload.send(form.action, fields);
    running = false;
    submit.disabled = false;
    uploads = uploads.filter((each) => !each.gone);
    const left = uploads.filter((each) => !each.done);
    if (left.length) {
      submit.textContent = "重试";
      if (left.length < uploads.length) await renew(form);
      return;
    }
    form.removeAttribute("data-unsaved");
    window.location.assign(`${form.action}#files`);
    window.location.reload();
  };

  // Before busy.js, which would hold the form for good.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (running) return;
    if (uploads.some((each) => !each.gone && !each.done)) sendAll();
    else {
      document.dispatchEvent(
        new CustomEvent("notice", { detail: { level: "warning", text: "请先选择文件。" } }),
      );
    }
  });
};

document.querySelectorAll("form[data-upload]").forEach(start);
