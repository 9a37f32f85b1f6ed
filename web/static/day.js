// Days that people type or pick, written the same way whatever the browser's language.

const CALENDAR =
  '<svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" stroke-width="1.3" aria-hidden="true">' +
  '<rect x="1.7" y="3" width="12.6" height="11" rx="1.5"/><path d="M1.7 6.5h12.6M5 1.2v3M11 1.2v3"/></svg>';

/** YYYY-MM-DD of what was typed, also 2020/3/1 and 2020年3月1日; null without a day. */
export function dayOf(text) {
  const parts = /^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*$/.exec(text);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number);
  const found = new Date(Date.UTC(year, month - 1, day));
  const exists = found.getUTCMonth() === month - 1 && found.getUTCDate() === day;
  return exists ? found.toISOString().slice(0, 10) : null;
}

/** The browser's own calendar behind a button: [button, field]; `picked` gets the day. */
export function calendar(label, picked) {
  const field = document.createElement("input");
  field.type = "date";
  field.tabIndex = -1;
  field.min = "1900-01-01";
  field.max = "2199-12-31";
  field.setAttribute("aria-hidden", "true");
  // What changes for the page is the field that it opens for.
  field.addEventListener("input", event => event.stopPropagation());
  field.addEventListener("change", event => {
    event.stopPropagation();
    picked(field.value);
  });
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pick";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.innerHTML = CALENDAR;
  button.addEventListener("click", () => field.showPicker());
  return [button, field];
}

/** Make the date fields below `root` text fields with a calendar: the browser's own show mm/dd/yyyy in its language. */
export function plainDays(root) {
  for (const input of root.querySelectorAll("input[type=date][data-pick]")) {
    input.type = "text";
    input.autocomplete = "off";
    const [button, field] = calendar(input.dataset.pick, day => {
      input.value = day;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => {
      const day = dayOf(input.value);
      if (day) input.value = field.value = day;
    });
    const box = document.createElement("span");
    box.className = "day-box";
    input.replaceWith(box);
    box.append(input, button, field);
  }
}
