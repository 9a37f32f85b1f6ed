// 政策匹配: keeps what is typed in this browser, asks the server, and takes answers to open questions.
import { plainDays } from "/web/day.js";
import { button, el, filled } from "/web/dom.js";

const KEY = "policyqa.match";
const LISTS = ["revenue", "titles", "investments", "received"];

class PolicyMatch extends HTMLElement {
  connectedCallback() {
    if (this.words) return;
    this.words = JSON.parse(this.dataset.texts);
    this.form = this.querySelector("form");
    plainDays(this.form);
    this.found = this.querySelector(".found");
    this.tools = this.querySelector(".tools");
    this.problem = this.querySelector(".problem");
    this.asked = 0;
    this.listen();
    this.fill(this.stored());
    this.start();
    if (this.matched) this.match({ quiet: true });
  }

  // What is typed

  stored() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  }

  store() {
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...this.read(), matched: this.matched }));
    } catch {
      this.tell(this.words.storage_full);
    }
  }

  /** The form as the server takes it; also tells every input the name that errors come with. */
  read() {
    const state = { answers: this.answers, in_force_only: this.inForce.checked };
    for (const input of this.form.querySelectorAll("input[name]")) {
      if (input.closest("[data-rows]")) continue;
      state[input.name] = input.value;
      input.dataset.key = input.name;
    }
    for (const list of LISTS) {
      state[list] = [...this.rows(list).children].map((row, at) => {
        const item = {};
        for (const input of row.querySelectorAll("[name]")) {
          item[input.name] = input.value;
          input.dataset.key = `${list}.${at}.${input.name}`;
        }
        return item;
      });
    }
    return state;
  }

  fill(state) {
    this.answers = Array.isArray(state.answers) ? state.answers : [];
    this.matched = Boolean(state.matched);
    this.inForce.checked = Boolean(state.in_force_only);
    for (const input of this.form.querySelectorAll("input[name]")) {
      if (!input.closest("[data-rows]")) input.value = state[input.name] ?? "";
    }
    for (const list of LISTS) {
      const items = Array.isArray(state[list]) ? state[list] : [];
      this.rows(list).replaceChildren();
      for (const item of items.length || list !== "revenue" ? items : [{}]) this.addRow(list, item);
    }
    this.drawAnswers();
    this.clearErrors();
  }

  get inForce() {
    return this.querySelector("[name=in_force_only]");
  }

  rows(list) {
    return this.form.querySelector(`[data-rows=${list}] .list`);
  }

  addRow(list, item = {}) {
    const row = this.form.querySelector(`[data-rows=${list}] template`).content.firstElementChild.cloneNode(true);
    for (const input of row.querySelectorAll("[name]")) input.value = item[input.name] ?? "";
    this.rows(list).append(row);
    return row;
  }

  listen() {
    this.form.addEventListener("input", event => {
      this.clearError(event.target);
      this.store();
      if (this.matched) this.stale(true);
    });
    this.form.addEventListener("submit", event => {
      event.preventDefault();
      this.match();
    });
    this.form.addEventListener("click", event => this.formClick(event.target));
    this.found.addEventListener("click", event => this.foundClick(event.target));
    this.found.addEventListener("keydown", event => {
      if (event.key !== "Enter" || !event.target.matches("[data-figure]")) return;
      event.preventDefault();
      this.sendFigure(event.target);
    });
    this.inForce.addEventListener("change", () => {
      this.store();
      this.match({ quiet: true });
    });
    this.querySelector("[data-xlsx]").addEventListener("click", () => this.download());
  }

  formClick(target) {
    const rows = target.closest("[data-rows]")?.dataset.rows;
    if (target.matches("[data-add]")) this.addRow(rows).querySelector("[name]").focus();
    else if (target.matches("[data-remove]")) {
      target.closest(".row").remove();
      this.form.querySelector(`[data-rows=${rows}] [data-add]`).focus();
      if (this.matched) this.stale(true);
    } else if (target.matches("[data-example]")) this.example();
    else if (target.matches("[data-clear]")) this.clear();
    else return;
    this.store();
  }

  async start() {
    const given = await fetch("/page/match/start").then(response => response.json()).catch(() => null);
    if (given?.problem) this.tell(given.problem);
    const options = (given?.regions ?? []).map(region => el("option", { value: region }));
    this.querySelector("datalist").replaceChildren(...options);
  }

  async example() {
    const before = this.read();
    const response = await fetch("/page/match/example").catch(() => null);
    const given = await response?.json().catch(() => null);
    if (!response?.ok) return this.tell(given?.error ?? this.words.offline);
    if (!Object.keys(given).length) return this.tell(this.words.no_benefits);
    this.replaceState({ ...given, matched: this.matched }, before);
    this.match();
  }

  clear() {
    this.replaceState({}, { ...this.read(), matched: this.matched });
    this.found.replaceChildren(el("p", { class: "empty" }, this.words.empty));
    this.tools.hidden = true;
    this.tell(this.words.cleared, before => this.undo(before), { ...this.before });
  }

  replaceState(state, before) {
    this.before = before;
    this.fill(state);
    this.store();
  }

  undo(before) {
    this.fill(before);
    this.store();
    this.tell("");
    if (this.matched) this.match({ quiet: true });
  }

  // Messages and errors

  tell(message, action, value) {
    this.problem.hidden = !message;
    this.problem.replaceChildren(message);
    if (action) this.problem.append(" ", button(this.words.undo, () => action(value), { class: "button" }));
  }

  stale(on) {
    this.found.classList.toggle("stale", on);
    this.querySelector("[data-said]").classList.toggle("changed", on);
    if (on) this.querySelector("[data-said]").textContent = this.words.changed;
  }

  clearErrors() {
    for (const input of this.querySelectorAll("[aria-invalid]")) this.clearError(input);
  }

  clearError(input) {
    if (!input.matches?.("[aria-invalid]")) return;
    document.getElementById(input.getAttribute("aria-describedby"))?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }

  showError(input, message) {
    this.clearError(input);
    const id = `error-${(this.errors = (this.errors ?? 0) + 1)}`;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", id);
    (input.closest(".field, .figure") ?? input).append(el("span", { class: "error", id }, message));
  }

  showErrors(fields) {
    this.clearErrors();
    const wrong = Object.entries(fields).map(([key, message]) => {
      const input = [...this.form.querySelectorAll("[name]")].find(one => one.dataset.key === key);
      if (input) this.showError(input, message);
      return input;
    });
    this.tell(filled(this.words.wrong_fields, { count: wrong.length }));
    wrong.find(Boolean)?.focus();
  }

  // The result

  async send(address, body) {
    const language = this.getAttribute("lang");
    return fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, language }),
    });
  }

  /** Match anew. `quiet` keeps the place in the page. Resolves with whether there is a result. */
  async match({ quiet = false } = {}) {
    const turn = ++this.asked;
    const submit = this.form.querySelector("[type=submit]");
    submit.disabled = true;
    submit.textContent = this.words.sending;
    this.found.setAttribute("aria-busy", "true");
    try {
      const response = await this.send("/page/match", this.read());
      const given = await response.json().catch(() => ({}));
      if (turn !== this.asked) return false;
      if (response.status === 422 && given.fields) return this.refused(given.fields);
      if (!response.ok) return this.tell(filled(this.words.failed, { problem: given.error ?? response.status }));
      this.matched = true;
      this.store();
      this.clearErrors();
      this.tell("");
      this.draw(given, quiet);
      return true;
    } catch {
      if (turn === this.asked) this.tell(this.words.offline);
      return false;
    } finally {
      if (turn === this.asked) {
        submit.disabled = false;
        submit.textContent = this.words.send;
        this.found.removeAttribute("aria-busy");
      }
    }
  }

  refused(fields) {
    const answer = Object.keys(fields).find(key => key.startsWith("answers."));
    if (answer && Object.keys(fields).length === 1) {
      const [gone] = this.answers.splice(Number(answer.split(".")[1]), 1);
      this.drawAnswers();
      this.store();
      this.figureError = fields[answer];
      if (!this.boxOf(gone.question)) this.tell(`${gone.question} ${fields[answer]}`);
      return false;
    }
    this.showErrors(fields);
    return false;
  }

  boxOf(question) {
    return [...this.found.querySelectorAll(".ask")].find(ask => ask.dataset.question === question)?.querySelector("[data-figure]");
  }

  draw({ html, said }, quiet) {
    const open = new Map([...this.found.querySelectorAll("details[data-keep]")].map(one => [one.dataset.keep, one.open]));
    this.found.innerHTML = html; // escaped by the server
    for (const details of this.found.querySelectorAll("details[data-keep]")) {
      if (open.has(details.dataset.keep)) details.open = open.get(details.dataset.keep);
    }
    this.stale(false);
    this.tools.hidden = false;
    this.querySelector("[data-said]").textContent = said;
    if (!quiet && matchMedia("(max-width: 980px)").matches) this.querySelector(".results").scrollIntoView();
  }

  foundClick(target) {
    if (target.matches("[data-effect]")) {
      const question = target.closest(".ask").dataset.question;
      this.answer({ question, said: target.dataset.said, ...JSON.parse(target.dataset.effect) }, target);
    } else if (target.matches("[data-figure-send]")) this.sendFigure(target.parentElement.querySelector("[data-figure]"));
    else if (target.matches("[data-go]")) this.form.querySelector(`[name=${target.dataset.go}]`).focus();
  }

  async sendFigure(input) {
    const value = input.value.trim();
    if (!value) return input.focus();
    const question = input.closest(".ask").dataset.question;
    this.figureError = "";
    const figures = [{ ...JSON.parse(input.dataset.figure), value }];
    if (!(await this.answer({ question, said: value, figures }, input)) && this.figureError) {
      this.showError(input, this.figureError);
      input.focus();
    }
  }

  /** Keep an answer, match anew, and leave the reader where they are. */
  async answer(given, target) {
    const row = target.closest("tr, .pressing");
    const top = row?.getBoundingClientRect().top;
    this.answers = [...this.answers.filter(one => one.question !== given.question), given];
    this.drawAnswers();
    const done = await this.match({ quiet: true });
    if (!done) return false;
    const again = row?.id ? document.getElementById(row.id) : this.found.querySelector(".pressing");
    if (!again) return true;
    if (row.id) {
      const within = again.closest("details");
      if (within) within.open = true;
      scrollBy(0, again.getBoundingClientRect().top - top);
    }
    (again.querySelector(".ask button, .ask input") ?? again.querySelector("a"))?.focus({ preventScroll: true });
    return true;
  }

  drawAnswers() {
    const box = this.form.querySelector(".answers");
    box.hidden = !this.answers.length;
    const items = this.answers.map(one =>
      el(
        "li",
        {},
        el("span", { lang: "zh-CN" }, one.question),
        " ",
        el("b", {}, one.said),
        " ",
        button("×", () => this.forget(one), { class: "remove", "aria-label": `${this.words.forget}: ${one.question}`, title: this.words.forget }),
      ),
    );
    box.querySelector("ul").replaceChildren(...items);
  }

  forget(answer) {
    this.answers = this.answers.filter(one => one !== answer);
    this.drawAnswers();
    this.store();
    this.match({ quiet: true });
  }

  async download() {
    const link = this.querySelector("[data-xlsx]");
    link.disabled = true;
    link.textContent = this.words.downloading;
    try {
      const response = await this.send("/page/match/xlsx", this.read());
      if (!response.ok) {
        const given = await response.json().catch(() => ({}));
        if (given.fields) return this.showErrors(given.fields);
        return this.tell(filled(this.words.failed, { problem: given.error ?? response.status }));
      }
      const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
      const address = URL.createObjectURL(await response.blob());
      el("a", { href: address, download: named ? decodeURIComponent(named[1]) : "match.xlsx" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch {
      this.tell(this.words.offline);
    } finally {
      link.disabled = false;
      link.textContent = this.words.xlsx;
    }
  }
}

customElements.define("policy-match", PolicyMatch);
