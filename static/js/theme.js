// Light or dark: as the person chose here, else as the system asks. Runs in the head,
// before anything is painted, so that no page flashes in the wrong colours.
(() => {
  const KEY = "perfeval.theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is blocked: follow the system
    }
  };
  const current = () => chosen() || (system.matches ? "dark" : "light");

  const apply = () => {
    document.documentElement.dataset.bsTheme = current();
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.textContent = current() === "dark" ? "浅色" : "深色";
    }
  };

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = current() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset.bsTheme = next;
      return;
    }
    apply();
  });
})();
