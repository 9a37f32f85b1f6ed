// Conversations, kept in this browser: one entry of localStorage each, and one with their order.
const ORDER = "policyqa.conversations";
const ENTRY = "policyqa.conversation.";
const CURRENT = "policyqa.current";

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

export const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(16).slice(2)}`);

/** Conversations `{id, title, named, changed, turns}`, the latest first; without storage they live as long as the page. */
export class Store {
  constructor() {
    this.full = false;
    this.fallback = new Map();
  }

  /** Ids, titles and times of all conversations, the latest first. */
  list() {
    const entries = read(ORDER, []);
    return Array.isArray(entries) ? entries.filter(entry => entry && typeof entry.id === "string") : [];
  }

  get(id) {
    const found = this.fallback.get(id) ?? read(ENTRY + id, null);
    return found && Array.isArray(found.turns) ? found : null;
  }

  put(conversation) {
    conversation.changed = Date.now();
    const { id, title, changed } = conversation;
    const others = this.list().filter(entry => entry.id !== id);
    this.fallback.set(id, conversation);
    this.full = !this.write(ENTRY + id, conversation) || !this.write(ORDER, [{ id, title, changed }, ...others]);
    if (!this.full) this.fallback.delete(id);
  }

  rename(id, title) {
    const conversation = this.get(id);
    if (!conversation) return;
    Object.assign(conversation, { title, named: true });
    this.write(ENTRY + id, conversation);
    this.write(ORDER, this.list().map(entry => (entry.id === id ? { ...entry, title } : entry)));
  }

  remove(id) {
    this.fallback.delete(id);
    try {
      localStorage.removeItem(ENTRY + id);
    } catch { /* nothing was kept */ }
    this.write(ORDER, this.list().filter(entry => entry.id !== id));
    this.full = false;
  }

  /** The conversation this tab shows; another tab may show another one. */
  current() {
    try {
      return sessionStorage.getItem(CURRENT) ?? localStorage.getItem(CURRENT);
    } catch {
      return null;
    }
  }

  setCurrent(id) {
    try {
      sessionStorage.setItem(CURRENT, id);
      localStorage.setItem(CURRENT, id);
    } catch { /* the page then begins with a new one */ }
  }

  write(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }
}
