// Theme and language of every page; loaded in the head, before anything is painted.
"use strict";
(() => {
  const KEY = "policyqa.theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const dark = () => (stored() ?? (system.matches ? "dark" : "light")) === "dark";

  const apply = () => {
    const on = dark();
    document.documentElement.classList.toggle("dark", on);
    // Gradio takes its colours from a class of the body.
    if (document.body && document.body.classList.contains("dark") !== on) document.body.classList.toggle("dark", on);
  };

  const language = window.POLICYQA_LANGUAGE;
  for (const [name, value] of [["language", language], ["languages", [language]]]) {
    Object.defineProperty(navigator, name, { get: () => value });
  }
  document.documentElement.lang = language;
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", event => { if (event.key === KEY) apply(); });
  addEventListener("click", event => {
    if (!event.target.closest?.(".bar button.theme")) return;
    try { localStorage.setItem(KEY, dark() ? "light" : "dark"); } catch { /* private windows forget it */ }
    apply();
  });
  addEventListener("DOMContentLoaded", () => {
    apply();
    // Gradio sets its class itself.
    new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
})();
