// What happened to a htmx request that did not come back as it should. The page, and
// with it whatever has been typed, stays as it is.
const LOGIN_PATH = document.querySelector("meta[name=login-path]").content;

const notice = (detail) =>
  document.dispatchEvent(
    new CustomEvent("notice", { detail: { level: "error", ...detail } }),
  );

// [data-quiet]: what it asks for is a help, nothing is lost without: the page says so in
// its place instead of on top.
const quiet = (event, words) => {
  const place = event.target.closest("[data-quiet]");
  if (place) place.textContent = words;
  return Boolean(place);
};

const REASONS = {
  403: "没有权限进行这项操作，内容未保存。",
  404: "要找的内容已不存在或不能查看，内容未保存。",
  413: "提交的内容过大，未保存。",
};

let wasLogin = false;

const isLogin = (xhr) =>
  xhr.responseURL && new URL(xhr.responseURL).pathname === LOGIN_PATH;

// A session that has run out leads to the log-in page: not to be put into this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isLogin(event.detail.xhr)) return;
  event.detail.shouldSwap = false;
  if (quiet(event, "登录已过期，暂时算不出得分；您填写的内容仍在本页。")) return;
  wasLogin = true;
  notice({
    text: "登录已过期，刚才的操作未保存；您填写的内容仍在本页。请在新窗口登录后回到这里再操作一次。",
    url: LOGIN_PATH,
    link: "在新窗口登录",
  });
  document.dispatchEvent(new CustomEvent("session-gone"));
});

document.addEventListener("session-back", () => {
  if (!wasLogin) return;
  wasLogin = false;
  notice({ level: "success", text: "已重新登录，请把刚才的操作再做一次。" });
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (quiet(event, "暂时算不出得分，不影响填写和保存。")) return;
  const number = xhr.getResponseHeader("X-Request-ID");
  const reason = REASONS[xhr.status] || "系统出错，内容未保存，请稍后再试。";
  notice({ text: number ? `${reason}（请求编号 ${number}）` : reason });
});

document.addEventListener("htmx:sendError", (event) => {
  if (quiet(event, "连接不上服务器，暂时算不出得分；您可以继续填写。")) return;
  notice({ text: "连接不上服务器，内容未保存。请检查网络后再试。" });
});

document.addEventListener("htmx:timeout", () => {
  notice({ text: "服务器没有及时答复，内容可能未保存。请刷新页面核对。" });
});
