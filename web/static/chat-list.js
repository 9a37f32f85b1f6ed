// The list of conversations with their menu.
import { button, dialog, el, filled } from "/web/dom.js";

export class ConversationList {
  /** @param act `{open(id), start(), renamed(id, title), removed(id)}`. */
  constructor(store, words, act) {
    this.store = store;
    this.words = words;
    this.act = act;
    this.items = el("ul", {});
    this.element = el(
      "nav",
      { class: "conversations", "aria-label": words.conversations },
      button(words.new, () => act.start(), { class: "button new", id: "restart" }),
      this.items,
      el("p", { class: "hint" }, words.conversations_hint),
    );
    this.element.addEventListener("keydown", event => {
      if (event.key === "Escape") this.fold();
    });
    document.addEventListener("click", event => {
      // What was just redrawn has left the list already.
      const isOutside = event.target.isConnected && !event.target.closest("dialog") && !this.element.contains(event.target);
      if (isOutside && !this.opener?.contains(event.target)) this.element.classList.remove("open");
    });
  }

  /** In a narrow window the list lies over the page; `opener` is the button that showed it. */
  unfold(opener) {
    this.opener = opener;
    this.element.classList.add("open");
    this.element.querySelector("button").focus();
  }

  fold() {
    if (!this.element.classList.contains("open")) return;
    this.element.classList.remove("open");
    this.opener.focus();
  }

  draw(current) {
    this.items.replaceChildren(...this.store.list().map(entry => this.item(entry, entry.id === current)));
  }

  item({ id, title }, isCurrent) {
    const { words } = this;
    return el(
      "li",
      { class: isCurrent ? "current" : undefined },
      button(title || words.untitled, () => this.act.open(id), {
        class: "open", title: title || words.untitled, "aria-current": isCurrent ? "true" : undefined,
      }),
      button("✎", () => this.rename(id, title), { class: "tool", title: words.rename, "aria-label": `${words.rename}:${title}` }),
      button("×", () => this.remove(id, title), { class: "tool", title: words.delete, "aria-label": `${words.delete}:${title}` }),
    );
  }

  async rename(id, title) {
    const { words } = this;
    const name = await dialog(words.rename, close => {
      const box = el("input", { type: "text", maxlength: "60", "aria-label": words.rename_label });
      box.value = title;
      const form = el(
        "form",
        {},
        el("h2", {}, words.rename),
        box,
        el(
          "div",
          { class: "actions" },
          el("button", { type: "submit", class: "button primary" }, words.confirm),
          button(words.cancel, () => close(null), { class: "button" }),
        ),
      );
      form.addEventListener("submit", event => {
        event.preventDefault();
        close(box.value.trim());
      });
      return form;
    });
    if (!name) return;
    this.store.rename(id, name);
    this.act.renamed(id, name);
  }

  async remove(id, title) {
    const { words } = this;
    const sure = await dialog(words.delete, close =>
      el(
        "div",
        {},
        el("p", {}, filled(words.delete_sure, { title: title || words.untitled })),
        el(
          "div",
          { class: "actions" },
          button(words.delete, () => close(true), { class: "button primary" }),
          button(words.cancel, () => close(null), { class: "button" }),
        ),
      ),
    );
    if (!sure) return;
    this.store.remove(id);
    this.act.removed(id);
  }
}
