// What an answer may rest on: the day, only what is in force, only some policies.
import { calendar, dayOf } from "/web/day.js";
import { button, el, filled } from "/web/dom.js";

/**
 * A day, typed or picked. The browser's own field shows itself in the browser's language, so that only its picker is used.
 */
class DayField {
  constructor(words) {
    this.words = words;
    this.typed = el("input", { type: "text", inputmode: "numeric", placeholder: words.today, title: words.as_of_hint, "aria-label": words.as_of, maxlength: "12" });
    const [pick, picker] = calendar(words.pick_day, day => {
      this.typed.value = day;
      this.check();
    });
    this.picker = picker;
    this.element = el("span", { class: "day" }, this.typed, pick, picker);
    this.typed.addEventListener("change", () => this.check());
  }

  /** YYYY-MM-DD of what was typed; null without a day. */
  value() {
    return dayOf(this.typed.value);
  }

  /** Whether it is empty or a day; a wrong one is marked. */
  check() {
    const day = this.value();
    const isRight = !this.typed.value.trim() || day !== null;
    this.typed.setAttribute("aria-invalid", String(!isRight));
    this.typed.title = isRight ? this.words.as_of_hint : this.words.as_of_wrong;
    if (day) this.typed.value = this.picker.value = day;
    return isRight;
  }
}

export class Filters {
  constructor(words) {
    this.words = words;
    this.day = new DayField(words);
    this.inForce = el("input", { type: "checkbox" });
    this.summary = el("summary", {}, words.policies_all);
    this.choices = el("div", { class: "choices" });
    this.menu = el("details", { class: "menu", id: "policies" }, this.summary, this.choices);
    this.element = el(
      "div",
      { class: "filters" },
      el("div", { id: "as-of" }, el("span", {}, words.as_of), this.day.element),
      el("label", { id: "in-force" }, this.inForce, el("span", {}, words.in_force)),
      el("div", { class: "policy-filter" }, el("span", { id: "policies-label" }, words.policies), this.menu),
    );
    document.addEventListener("click", event => {
      if (!this.menu.contains(event.target)) this.menu.open = false;
    });
    this.menu.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      this.menu.open = false;
      this.summary.focus();
    });
  }

  /** Offer these policies `{id, title, status, tone}`; `chosen` ids are ticked. */
  offer(policies, chosen = []) {
    const { words } = this;
    const clear = button(words.policies_clear, () => {
      for (const box of this.boxes()) box.checked = false;
      this.changed();
    }, { class: "button" });
    this.choices.replaceChildren(
      ...policies.map(policy =>
        el(
          "label",
          {},
          el("input", { type: "checkbox", value: policy.id, checked: chosen.includes(policy.id), onchange: () => this.changed() }),
          el("span", { class: "name" }, policy.title, el("span", { class: `badge ${policy.tone}` }, policy.status)),
        ),
      ),
      clear,
    );
    this.changed();
  }

  boxes() {
    return [...this.choices.querySelectorAll("input")];
  }

  changed() {
    const count = this.value().policies?.length;
    this.summary.textContent = count ? filled(this.words.policies_some, { count }) : this.words.policies_all;
  }

  value() {
    const policies = this.boxes().filter(box => box.checked).map(box => box.value);
    return { as_of: this.day.value(), in_force_only: this.inForce.checked, policies: policies.length ? policies : null };
  }

  /** The limits in words, "" without any. */
  text() {
    const { words } = this;
    const { as_of: day, in_force_only: inForce, policies } = this.value();
    return [
      day ? filled(words.filter_day, { day }) : "",
      inForce ? words.filter_in_force : "",
      policies ? filled(words.filter_policies, { count: policies.length }) : "",
    ].filter(Boolean).join(" · ");
  }
}
