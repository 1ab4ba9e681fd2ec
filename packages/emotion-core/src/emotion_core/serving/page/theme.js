"use strict";

// Not a module: it runs before the page is drawn, which would else appear in the other colours first.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch { /* storage is switched off: the system's choice holds */ }
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const show = () => button.setAttribute("aria-pressed", isDark());
    button.addEventListener("click", () => {
      const dark = !isDark();
      // Back at what the system says, the page follows the system again.
      if (dark === system.matches) delete root.dataset.theme;
      else root.dataset.theme = dark ? "dark" : "light";
      try {
        if (root.dataset.theme) localStorage.setItem("theme", root.dataset.theme);
        else localStorage.removeItem("theme");
      } catch { /* it holds for this visit */ }
      show();
    });
    system.addEventListener("change", show);
    show();
  });
}
