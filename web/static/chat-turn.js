// One turn of the conversation as elements: the question, the answer, and what can be done with them.
import { button, el } from "/web/dom.js";

/**
 * @param turn `{id, question, state, shown, message, html, verdict, filters}`; `state` is pending, done, stopped, failed or lost.
 * @param words texts of the page.
 * @param act what the buttons do: `edit(turn, text)`, `retry(turn)`, `copy(turn)`, `like(turn)`, `dislike(turn, reason, note)`, `evidence(turn)`.
 */
export class TurnView {
  constructor(turn, words, act) {
    this.turn = turn;
    this.words = words;
    this.act = act;
    this.question = el("div", { class: "turn asked", role: "group", "aria-label": words.you });
    this.body = el("div", { class: "body" });
    this.actions = el("div", { class: "actions" });
    this.reply = el("div", { class: "turn reply", role: "group", "aria-label": words.reply }, this.body, this.actions);
    this.element = el("div", { class: "exchange", "data-turn": turn.id }, this.question, this.reply);
    this.drawQuestion();
    this.draw();
  }

  drawQuestion() {
    const { turn, words } = this;
    this.question.classList.remove("editing");
    this.question.replaceChildren(
      el("div", { class: "typed" }, turn.question),
      el(
        "div",
        { class: "actions" },
        turn.filters ? el("span", { class: "filters-used" }, turn.filters) : null,
        button(words.edit, () => this.drawEditor(), { class: "quiet" }),
      ),
    );
  }

  drawEditor() {
    const { turn, words, act } = this;
    const box = el("textarea", { rows: "3", "aria-label": words.edit });
    box.value = turn.question;
    const save = () => act.edit(turn, box.value);
    box.addEventListener("keydown", event => {
      if (event.key === "Escape") this.drawQuestion();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        save();
      }
    });
    this.question.classList.add("editing");
    this.question.replaceChildren(
      box,
      el("div", { class: "hint" }, words.edit_hint),
      el(
        "div",
        { class: "actions" },
        button(words.save, save, { class: "button primary" }),
        button(words.cancel, () => this.drawQuestion(), { class: "button" }),
      ),
    );
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  /** Draw the reply anew from the state of the turn. */
  draw() {
    const { turn, words } = this;
    this.reply.dataset.state = turn.state;
    this.reply.setAttribute("aria-busy", String(turn.state === "pending"));
    if (turn.state === "done") this.body.replaceChildren(el("div", { html: turn.shown.html }));
    else this.body.replaceChildren(...this.unfinished());
    this.actions.replaceChildren(...(turn.state === "pending" ? [] : this.replyActions()));
    this.actions.hidden = turn.state === "pending";
    if (turn.verdict) this.noteVerdict(words);
  }

  unfinished() {
    const { turn, words } = this;
    const said = turn.html ? [el("div", { class: "answer", html: turn.html })] : [];
    if (turn.state === "pending") return [...said, el("div", { class: "pending" }, turn.html ? words.checking : words.searching)];
    if (turn.state === "stopped") return [...said, el("div", { class: "pending-off" }, words.stopped)];
    const text = turn.state === "lost" ? [words.lost, turn.waiting ? ` ${words.lost_waiting}` : ""].join("") : turn.message;
    return [el("div", { class: "notice", role: "alert" }, text)];
  }

  replyActions() {
    const { turn, words, act } = this;
    if (turn.state !== "done") return [button(words.again, () => act.retry(turn), { class: "button retry" })];
    const count = turn.shown.answer.citations.length;
    const copy = button(words.copy, async () => {
      if (!(await act.copy(turn))) return;
      copy.textContent = words.copied;
      setTimeout(() => (copy.textContent = words.copy), 1500);
    }, { class: "quiet" });
    return [
      count ? button(`${words.evidence} ${count}`, () => act.evidence(turn), { class: "quiet evidence-button" }) : null,
      copy,
      button(words.retry, () => act.retry(turn), { class: "quiet retry" }),
      button(words.like, () => act.like(turn), { class: "quiet like", "aria-pressed": String(turn.verdict === "like") }),
      button(words.dislike, () => this.drawReasons(), { class: "quiet dislike", "aria-pressed": String(turn.verdict === "dislike") }),
    ].filter(Boolean);
  }

  noteVerdict(words) {
    if (this.turn.state === "done") this.actions.append(el("span", { class: "said", role: "status" }, words.liked));
  }

  drawReasons() {
    const { turn, words, act } = this;
    if (this.reply.querySelector(".reasons")) return;
    const kinds = ["wrong_figure", "wrong_clause", "missing", "refused", "outdated", "other"];
    const name = `reason-${turn.id}`;
    const choices = kinds.map((kind, at) =>
      el("label", {}, el("input", { type: "radio", name, value: kind, checked: at === 0 }), words[`reason_${kind}`]),
    );
    const note = el("textarea", { rows: "2", maxlength: "2000", placeholder: words.reason_note, "aria-label": words.reason_note });
    const form = el(
      "form",
      { class: "reasons" },
      el("fieldset", {}, el("legend", {}, words.reason), ...choices),
      note,
      el(
        "div",
        { class: "actions" },
        el("button", { type: "submit", class: "button primary" }, words.reason_send),
        button(words.cancel, () => form.remove(), { class: "button" }),
      ),
    );
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const reason = new FormData(form).get(name);
      if (await act.dislike(turn, reason, note.value)) form.remove();
    });
    this.reply.append(form);
    form.querySelector("input").focus();
  }

  /** A line below the answer that goes away with the next drawing. */
  tell(text) {
    this.actions.append(el("span", { class: "said", role: "status" }, text));
  }

}
