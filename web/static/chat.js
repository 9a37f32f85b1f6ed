// The chat: conversations in this browser, questions to the server, answers with their evidence beside them.
import { ConversationList } from "/web/chat-list.js";
import { Filters } from "/web/chat-filters.js";
import { Panel } from "/web/chat-panel.js";
import { Store, newId } from "/web/chat-store.js";
import { LostConnection, ask, post, serverIsBack } from "/web/chat-stream.js";
import { TurnView } from "/web/chat-turn.js";
import { button, el, filled } from "/web/dom.js";

const TITLE_LIMIT = 24;
const HISTORY = 40; // turns sent along
const NEAR_THE_END = 120; // pixels
const SAID_FOR = 8000; // ms

class PolicyChat extends HTMLElement {
  connectedCallback() {
    if (this.words) return;
    this.words = JSON.parse(this.dataset.texts);
    this.store = new Store();
    this.views = new Map();
    this.limit = 5000;
    this.running = null;
    this.build();
    this.open(this.store.get(this.store.current()) ?? this.blank());
    this.start();
  }

  blank() {
    return { id: newId(), title: "", named: false, changed: 0, turns: [] };
  }

  // The page

  build() {
    const { words } = this;
    this.list = new ConversationList(this.store, words, {
      open: id => this.open(this.store.get(id) ?? this.blank()),
      start: () => this.open(this.blank()),
      renamed: (id, title) => {
        if (id === this.conversation.id) Object.assign(this.conversation, { title, named: true });
        this.list.draw(this.conversation.id);
      },
      removed: id => {
        if (id === this.conversation.id) this.open(this.store.get(this.store.list()[0]?.id) ?? this.blank());
        else this.list.draw(this.conversation.id);
      },
    });
    this.filters = new Filters(words);
    this.panel = new Panel(words);
    this.panel.onclose = () => this.lastMarker?.focus();
    this.problem = el("div", { class: "problem", role: "alert", hidden: true });
    this.examples = el("div", { id: "examples" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.conversations });
    this.chat = el("div", { id: "chat", tabindex: "0", role: "region", "aria-label": words.reply }, this.log);
    const talk = el(
      "section",
      { class: "talk", id: "main", tabindex: "-1" },
      el("div", { class: "talk-head" }, this.listButton(), this.filters.element, this.exportMenu()),
      this.chat,
      this.form(),
    );
    this.classList.add("ready");
    this.replaceChildren(this.problem, el("div", { class: "columns" }, this.list.element, talk, this.panel.element));
    this.addEventListener("click", event => this.clicked(event));
    this.addEventListener("submit", event => this.replied(event));
  }

  listButton() {
    const { words } = this;
    return button("☰", event => this.list.unfold(event.currentTarget), {
      class: "button show-list", title: words.show_list, "aria-label": words.show_list,
    });
  }

  exportMenu() {
    const { words } = this;
    const menu = el("details", { class: "menu export", id: "export" });
    const choose = form => () => {
      menu.open = false;
      this.export(form);
    };
    menu.append(
      el("summary", {}, words.export),
      el("div", { class: "choices" }, button(words.export_docx, choose("docx"), { class: "button" }), button(words.export_md, choose("md"), { class: "button" })),
    );
    document.addEventListener("click", event => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    return menu;
  }

  form() {
    const { words } = this;
    this.box = el("textarea", { rows: "1", placeholder: words.placeholder, "aria-label": words.question });
    this.count = el("span", { class: "count", role: "status" });
    this.send = el("button", { type: "submit", class: "button primary send" }, words.send);
    this.stop = button(words.stop, () => this.running?.abort(), { class: "button stop", hidden: true });
    const form = el("form", { class: "ask" }, el("div", { id: "question" }, this.box, this.send, this.stop), el("div", { class: "below" }, el("span", {}, words.disclaimer), this.count));
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.submit();
    });
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", event => {
      // While an input method composes, Enter takes the word and sends nothing.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    return form;
  }

  typed() {
    const length = [...this.box.value].length;
    const over = length > this.limit;
    this.count.textContent = over
      ? filled(this.words.too_long, { limit: this.limit })
      : length > this.limit * 0.8 ? filled(this.words.count, { count: length, limit: this.limit }) : "";
    this.count.classList.toggle("over", over);
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, 160)}px`;
    return !over;
  }

  async start() {
    const asked = new URLSearchParams(location.search);
    if (asked.get("q")) {
      this.box.value = asked.get("q");
      this.typed();
    }
    try {
      const start = await (await fetch(`/page/start?language=${encodeURIComponent(this.lang || "zh")}`)).json();
      this.limit = start.question_limit;
      this.problem.textContent = start.problem;
      this.problem.hidden = !start.problem;
      this.kinds = start.examples;
      this.filters.offer(start.policies, asked.getAll("policy"));
      const note = document.querySelector("#head .bar .note");
      if (note && start.holdings) note.textContent = start.holdings;
    } catch {
      this.problem.textContent = this.words.lost_waiting;
      this.problem.hidden = false;
      await serverIsBack(new AbortController().signal);
      this.start();
      return;
    }
    this.drawExamples();
    if (matchMedia("(min-width: 821px)").matches) this.box.focus();
  }

  drawExamples() {
    const groups = (this.kinds ?? []).map(({ kind, questions }) =>
      el(
        "div",
        { class: "kind" },
        el("h3", {}, this.words[`kind_${kind}`]),
        ...questions.map(question => button(question, () => this.ask(question), { class: "example" })),
      ),
    );
    this.examples.replaceChildren(...groups);
  }

  // Conversations

  open(conversation) {
    this.running?.abort();
    this.conversation = conversation;
    for (const turn of conversation.turns) {
      // The page was left or reloaded before the answer came.
      if (turn.state === "pending") turn.state = "lost";
      turn.waiting = false;
    }
    this.store.setCurrent(conversation.id);
    this.list.element.classList.remove("open");
    this.drawAll();
  }

  drawAll() {
    const { words, conversation } = this;
    this.views.clear();
    this.log.replaceChildren(...conversation.turns.map(turn => this.view(turn).element));
    if (!conversation.turns.length) {
      this.log.append(
        el("div", { class: "welcome" }, el("b", {}, words.welcome), el("span", {}, words.welcome_hint), this.examples),
      );
    }
    this.list.draw(conversation.id);
    this.panel.draw(conversation.turns);
    this.panel.element.classList.remove("open");
    this.markLast();
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  view(turn) {
    const view = new TurnView(turn, this.words, {
      edit: (of, text) => this.edit(of, text),
      retry: of => this.retry(of),
      copy: of => this.copy(of),
      like: of => this.judge(of, "like"),
      dislike: (of, reason, note) => this.judge(of, "dislike", reason, note),
      evidence: of => {
        this.panel.draw(this.conversation.turns, of);
        this.panel.open();
        this.panel.content.focus();
      },
    });
    this.views.set(turn.id, view);
    return view;
  }

  markLast() {
    for (const view of this.views.values()) view.element.classList.remove("last");
    this.views.get(this.conversation.turns.at(-1)?.id)?.element.classList.add("last");
  }

  keep() {
    const { conversation } = this;
    if (!conversation.turns.length) return;
    if (!conversation.named) conversation.title = [...conversation.turns[0].question.replace(/\s+/g, " ")].slice(0, TITLE_LIMIT).join("");
    this.store.put(conversation);
    this.list.draw(conversation.id);
    if (this.store.full) {
      this.problem.textContent = this.words.storage_full;
      this.problem.hidden = false;
    }
  }

  // Questions

  submit() {
    const question = this.box.value;
    if (!question.trim() || !this.typed() || !this.isFree()) return;
    this.box.value = "";
    this.typed();
    this.ask(question);
  }

  /** Whether a question can be asked; a day that does not exist is told, as it would be taken for today. */
  isFree() {
    if (this.running) return false;
    if (this.filters.day.check()) return true;
    this.say(this.words.as_of_wrong);
    this.filters.day.typed.focus();
    return false;
  }

  ask(question) {
    if (!this.isFree()) return;
    const turn = { id: newId(), question, state: "pending", html: "", message: "", shown: null, verdict: "", filters: this.filters.text() };
    turn.limits = this.filters.value();
    if (!this.conversation.turns.length) this.log.replaceChildren();
    this.conversation.turns.push(turn);
    this.log.append(this.view(turn).element);
    this.markLast();
    this.chat.scrollTop = this.chat.scrollHeight;
    this.run(turn);
  }

  edit(turn, text) {
    if (!text.trim() || !this.isFree()) return;
    if ([...text].length > this.limit) {
      this.say(filled(this.words.too_long, { limit: this.limit }));
      return;
    }
    const { turns } = this.conversation;
    turns.splice(turns.indexOf(turn));
    this.drawAll();
    this.ask(text);
  }

  retry(turn) {
    if (!this.isFree()) return;
    const { turns } = this.conversation;
    const at = turns.indexOf(turn);
    for (const later of turns.splice(at + 1)) this.views.get(later.id)?.element.remove();
    Object.assign(turn, { state: "pending", html: "", message: "", shown: null, verdict: "" });
    turn.filters = this.filters.text();
    turn.limits = this.filters.value();
    this.views.get(turn.id).drawQuestion();
    this.run(turn);
  }

  async run(turn, isSecondTry = false) {
    const { conversation } = this;
    const control = new AbortController();
    this.running = control;
    this.busy(true);
    this.update(turn, "pending", conversation);
    this.keep();
    try {
      await ask(this.request(turn, conversation), (name, value) => this.heard(turn, name, value, conversation), control.signal);
    } catch (error) {
      if (error instanceof LostConnection) this.update(turn, "lost", conversation);
      else this.update(turn, "stopped", conversation);
    }
    if (this.running === control) {
      this.running = null;
      this.busy(false);
    }
    this.finish(conversation);
    if (turn.state === "lost" && !isSecondTry && !control.signal.aborted) this.recover(turn, conversation);
  }

  request(turn, conversation) {
    const before = conversation.turns.slice(0, conversation.turns.indexOf(turn)).filter(one => one.state === "done");
    const history = before.slice(-HISTORY).map(one => [one.question, one.shown.answer.answer]);
    return { question: turn.question, history, ...turn.limits, language: this.lang || "zh" };
  }

  heard(turn, name, value, conversation) {
    if (name === "written") turn.html = value.html;
    if (name === "answer") Object.assign(turn, { shown: value, html: "" });
    if (name === "error") turn.message = value.message;
    const state = { answer: "done", error: "failed" }[name];
    this.update(turn, state ?? "pending", conversation);
  }

  /** Draw a turn, following the end of the text where the reader is there. */
  update(turn, state, conversation) {
    turn.state = state;
    if (conversation !== this.conversation) return;
    const isNear = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < NEAR_THE_END;
    const view = this.views.get(turn.id);
    view?.draw();
    if (state === "done") this.panel.draw(conversation.turns);
    if (isNear && view) {
      // A long answer is read from its beginning.
      const isTall = view.element.offsetHeight > this.chat.clientHeight;
      if (isTall) view.element.scrollIntoView({ block: "start" });
      else this.chat.scrollTop = this.chat.scrollHeight;
    }
  }

  finish(conversation) {
    if (conversation === this.conversation) this.keep();
    else this.store.put(conversation);
  }

  async recover(turn, conversation) {
    turn.waiting = true;
    this.update(turn, "lost", conversation);
    const control = new AbortController();
    this.running = control;
    this.busy(true);
    await serverIsBack(control.signal);
    turn.waiting = false;
    if (this.running === control) {
      this.running = null;
      this.busy(false);
    }
    if (control.signal.aborted || conversation !== this.conversation || turn.state !== "lost") {
      this.update(turn, turn.state, conversation);
      return;
    }
    this.run(turn, true);
  }

  busy(is) {
    this.send.hidden = is;
    this.stop.hidden = !is;
  }

  // What is done with an answer

  clicked(event) {
    const marker = event.target.closest("button.marker");
    if (marker) this.showCard(marker);
    const option = event.target.closest("button.reply-option");
    if (option) this.reply(option, option.dataset.statement);
  }

  /** A question back is answered: the first question is asked again, with the fact behind it. */
  reply(element, statement) {
    const turn = this.conversation.turns.find(one => one.id === element.closest("[data-turn]").dataset.turn);
    this.ask(`${turn.question.trimEnd()}\n${filled(this.words.reply_form, { statement })}`);
  }

  replied(event) {
    const form = event.target.closest("form.options");
    if (!form) return;
    event.preventDefault();
    const reply = form.querySelector("input").value.trim();
    if (reply) this.reply(form, filled(form.dataset.statement, { reply }));
  }

  showCard(marker) {
    const inPanel = marker.closest(".panel");
    const id = marker.closest("[data-turn]").dataset.turn;
    const turn = this.conversation.turns.find(one => one.id === id);
    if (inPanel) {
      const place = this.views.get(id)?.body.querySelector(`button.marker[data-card="${CSS.escape(marker.dataset.card)}"]`);
      this.panel.element.classList.remove("open");
      place?.scrollIntoView({ block: "center", behavior: "smooth" });
      place?.focus({ preventScroll: true });
      return;
    }
    this.lastMarker = marker;
    this.panel.show(turn, marker.dataset.card, this.conversation.turns);
  }

  async copy(turn) {
    const view = this.views.get(turn.id);
    const text = this.plain(turn.shown.answer);
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without https the clipboard is closed; a selection can be copied all the same.
      const selection = getSelection();
      selection.selectAllChildren(view.body);
      return document.execCommand("copy");
    }
  }

  /** An answer as text to be pasted: what was said, worked out and warned of, and what the markers stand for. */
  plain(answer) {
    const worked = answer.calculations.map(({ formula, result }) =>
      formula.includes(result) ? `${this.words.calculation}:${formula}` : `${this.words.calculation}:${formula} = ${result}`,
    );
    const sources = answer.citations.map(one => `${one.marker} 《${one.policy.title}》${one.label}`);
    return [answer.answer, ...worked, ...answer.warnings.map(one => one.message), ...new Set(sources)].join("\n");
  }

  async judge(turn, verdict, reason = "", note = "") {
    const { turns } = this.conversation;
    const before = turns.slice(0, turns.indexOf(turn)).filter(one => one.state === "done");
    const history = before.map(one => [one.question, one.shown.answer.answer]);
    const { answer, as_of, corpus_version } = turn.shown;
    const view = this.views.get(turn.id);
    try {
      await post("/page/feedback", { verdict, reason, note, question: turn.question, history, answer, as_of, corpus_version });
    } catch (error) {
      view.tell(filled(this.words.feedback_failed, { problem: error.message || this.words.lost_waiting }));
      return false;
    }
    turn.verdict = verdict;
    view.draw();
    this.keep();
    return true;
  }

  async export(form) {
    const { conversation, words } = this;
    const answered = conversation.turns.filter(turn => turn.state !== "pending");
    if (!answered.some(turn => turn.state === "done")) {
      this.say(words.nothing_to_export);
      return;
    }
    const turns = answered.map(turn => ({
      question: turn.question,
      message: turn.message,
      ...(turn.shown && {
        answer: turn.shown.answer, as_of: turn.shown.as_of, corpus_version: turn.shown.corpus_version, policy_ids: turn.shown.policy_ids,
      }),
    }));
    try {
      const response = await post("/page/export", { title: conversation.title || words.untitled, format: form, turns });
      const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition"))?.[1] ?? `export.${form}`);
      const address = URL.createObjectURL(await response.blob());
      el("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      this.say(filled(words.export_failed, { problem: error.message || words.lost_waiting }));
    }
  }

  /** Tell something for a while; what stands in the banner for good comes back afterwards. */
  say(text) {
    if (!this.saying) this.standing = this.problem.hidden ? "" : this.problem.textContent;
    this.problem.textContent = text;
    this.problem.hidden = false;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.saying = null;
      this.problem.textContent = this.standing;
      this.problem.hidden = !this.standing;
    }, SAID_FOR);
  }
}

customElements.define("policy-chat", PolicyChat);
