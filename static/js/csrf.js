// The token of a page goes stale when its reader logs in again in another window. The
// cookie always holds the valid one, so requests and forms take it from there.
const token = () => {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
};

document.addEventListener("htmx:configRequest", (event) => {
  if (!token()) return;
  event.detail.headers["X-CSRFToken"] = token();
  // Of the two, a form's field would count; htmx has read it before it is renewed below.
  delete event.detail.parameters.csrfmiddlewaretoken;
});

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("input[name=csrfmiddlewaretoken]");
  if (field && token()) field.value = token();
});
