// The panel of evidence: the cards of the answer that is looked at, those of earlier ones folded below.
import { button, el } from "/web/dom.js";

const short = text => (text.length > 28 ? `${text.slice(0, 27)}…` : text);

export class Panel {
  constructor(words) {
    this.words = words;
    this.content = el("div", { id: "panel", tabindex: "-1" });
    this.closeButton = button(words.close, () => this.close(), { class: "button close-panel" });
    this.element = el(
      "section",
      { class: "panel", "aria-label": words.evidence },
      el("div", { class: "panel-head" }, el("h2", {}, words.evidence), this.closeButton),
      this.content,
    );
    this.element.addEventListener("keydown", event => {
      if (event.key === "Escape") this.close();
    });
    this.drawn = null;
  }

  /** Show the cards of `focus`, a turn, or of the last finished one. */
  draw(turns, focus = null) {
    const finished = turns.filter(turn => turn.state === "done");
    const shown = focus ?? turns.at(-1);
    const others = finished.filter(turn => turn !== shown && turn.shown.cards).reverse();
    this.content.replaceChildren(this.main(shown), ...this.earlier(others, shown));
    this.drawn = shown?.id ?? null;
  }

  main(turn) {
    const { words } = this;
    if (!turn || turn.state !== "done") return el("div", { class: "empty" }, words.evidence_empty);
    if (!turn.shown.cards) return el("div", { class: "empty" }, words.evidence_none);
    return el("div", { class: "cards", "data-turn": turn.id, html: turn.shown.cards });
  }

  earlier(others, shown) {
    if (!others.length) return [];
    const { words } = this;
    const folded = others.map(turn =>
      el(
        "details",
        {},
        el("summary", {}, short(turn.question)),
        el("div", { class: "cards", "data-turn": turn.id, html: turn.shown.cards }),
      ),
    );
    return [el("h3", { class: "earlier" }, shown ? words.evidence_earlier : words.evidence), ...folded];
  }

  /** Bring one card into view and mark it. */
  show(turn, number, turns) {
    if (this.drawn !== turn.id) this.draw(turns, turn);
    this.open();
    const card = this.content.querySelector(`.cards[data-turn="${CSS.escape(turn.id)}"] .card[data-card="${CSS.escape(number)}"]`);
    if (!card) return;
    for (const other of this.content.querySelectorAll(".card.shown")) other.classList.remove("shown");
    card.classList.add("shown");
    card.scrollIntoView({ block: "nearest", behavior: "smooth" });
    card.focus({ preventScroll: true });
  }

  open() {
    this.element.classList.add("open");
  }

  close() {
    this.element.classList.remove("open");
    this.onclose?.();
  }

}
