// Small helpers to build elements; text is always set as text.

/** An element with attributes (`class`, `data-x`, `on…` functions), properties for known ones, and children. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "html") element.innerHTML = value; // escaped by the server
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button that submits nothing. */
export const button = (label, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, label);

/** `text` with its {placeholders} filled in. */
export const filled = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A modal dialog; resolves with what `build(close)` closes it with, null when it is dismissed. */
export function dialog(label, build) {
  return new Promise(resolve => {
    const box = el("dialog", { class: "dialog", "aria-label": label });
    const close = value => {
      box.close();
      box.remove();
      resolve(value);
    };
    box.addEventListener("cancel", event => {
      event.preventDefault();
      close(null);
    });
    box.append(build(close));
    document.body.append(box);
    box.showModal();
  });
}
