// What an answer may rest on: the day, only what is in force, only some policies.
import { button, el, filled } from "/web/dom.js";

const CALENDAR =
  '<svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" stroke-width="1.3" aria-hidden="true">' +
  '<rect x="1.7" y="3" width="12.6" height="11" rx="1.5"/><path d="M1.7 6.5h12.6M5 1.2v3M11 1.2v3"/></svg>';

/**
 * A day, typed or picked. The browser's own field shows itself in the browser's language, so that only its picker is used.
 */
class DayField {
  constructor(words) {
    this.words = words;
    this.typed = el("input", { type: "text", inputmode: "numeric", placeholder: words.today, title: words.as_of_hint, "aria-label": words.as_of, maxlength: "12" });
    this.picker = el("input", { type: "date", tabindex: "-1", "aria-hidden": "true", min: "1990-01-01", max: "2100-12-31" });
    const pick = button("", () => this.picker.showPicker(), { class: "pick", title: words.pick_day, "aria-label": words.pick_day });
    pick.innerHTML = CALENDAR;
    this.element = el("span", { class: "day" }, this.typed, pick, this.picker);
    this.picker.addEventListener("change", () => {
      this.typed.value = this.picker.value;
      this.check();
    });
    this.typed.addEventListener("change", () => this.check());
  }

  /** YYYY-MM-DD of what was typed, also 2020/3/1 and 2020年3月1日; null without a day. */
  value() {
    const parts = /^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*$/.exec(this.typed.value);
    if (!parts) return null;
    const [year, month, day] = parts.slice(1).map(Number);
    const found = new Date(Date.UTC(year, month - 1, day));
    const exists = found.getUTCMonth() === month - 1 && found.getUTCDate() === day;
    return exists ? found.toISOString().slice(0, 10) : null;
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
