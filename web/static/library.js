// Brings the clause that the address names into view, and prints. The pages do all else without scripts.
import { plainDays } from "./day.js";

const bring = () => {
  const target = document.querySelector("[data-target]");
  // A fragment is the reader's own choice.
  if (!target || location.hash) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const mark = target.querySelector("mark") ?? target;
  const tall = target.offsetHeight > innerHeight * 0.8;
  (tall ? mark : target).scrollIntoView({ block: tall ? "center" : "start", behavior: calm ? "auto" : "instant" });
  target.focus({ preventScroll: true });
};

// Contents and benefits would push the text far down a phone.
if (matchMedia("(max-width: 980px)").matches) {
  for (const details of document.querySelectorAll("[data-close-narrow]")) details.open = false;
}
bring();
plainDays(document);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    print();
  });
}
