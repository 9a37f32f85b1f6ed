// The staff desk: sending files, work with progress, forms. Pages are rendered by the server.
import { plainDays } from "./day.js";
import { button, el, filled } from "./dom.js";

const words = JSON.parse(document.querySelector("#staff-words").textContent);
const said = document.querySelector("#said");
const POLL = 700;
const pause = time => new Promise(resolve => setTimeout(resolve, time));

/** Tell the user how something went; `tone` is good, bad or warn. */
export function say(text, tone) {
  said.replaceChildren(el("p", { class: `said ${tone}` }, text));
  said.scrollIntoView({ block: "nearest" });
}

/** What is told on the page that comes next. */
function sayNext(text) {
  sessionStorage.setItem("policyqa.staff.said", text);
}

/** A request to the desk; gives its JSON, and leads to the login where the session has ended. */
export async function request(address, { body, method = body === undefined ? "GET" : "POST" } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (response.status === 401) toLogin(value.login);
  if (!response.ok) throw Object.assign(new Error(value.error), { status: response.status });
  return value;
}

function toLogin(login) {
  location.href = `${login}?why=expired&next=${encodeURIComponent(location.pathname + location.search)}`;
}

/** Ask for a yes in a dialog. */
export function sure(question, act) {
  return new Promise(resolve => {
    const close = answer => { box.close(); box.remove(); resolve(answer); };
    const box = el("dialog", { class: "dialog", "aria-label": act }, el("p", {}, question), el("div", { class: "acts" },
      button(words.cancel, () => close(false), { class: "button" }),
      button(act, () => close(true), { class: "button primary" })));
    box.addEventListener("cancel", event => { event.preventDefault(); close(false); });
    document.body.append(box);
    box.showModal();
  });
}

/** Show the progress of a job until it ends; gives its result. */
export async function follow(address, title) {
  const bar = el("progress", { "aria-label": title });
  const line = el("p", { role: "status" }, words.waiting);
  const box = el("dialog", { class: "dialog", "aria-label": title }, line, bar);
  box.addEventListener("cancel", event => event.preventDefault());
  document.body.append(box);
  box.showModal();
  try {
    for (;;) {
      const job = await request(address).catch(error => {
        if (error.status) throw error;
        line.textContent = words.lost;
        return null;
      });
      if (job?.state === "done") return job.result;
      if (job?.state === "failed") throw new Error(job.problem);
      if (job) show(job, line, bar);
      await pause(POLL);
    }
  } finally {
    box.close();
    box.remove();
  }
}

function show(job, line, bar) {
  const step = words[`step_${job.step}`];
  if (job.state === "waiting") line.textContent = words.waiting;
  else line.textContent = step && job.total ? filled(words.step, { step, done: job.done, total: job.total }) : step || words.working;
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else bar.removeAttribute("value");
}

const desk = () => (document.documentElement.lang === "en" ? "/en/staff" : "/staff");

// Buttons that change something: ask, send, follow the work, show the page anew.
addEventListener("click", async event => {
  const pressed = event.target.closest?.("[data-post]");
  if (!pressed) return;
  const { post, act, next, body } = pressed.dataset;
  if (pressed.dataset.sure && !(await sure(pressed.dataset.sure, act))) return;
  pressed.disabled = true;
  try {
    const { job, message } = await request(post, { body: body ? JSON.parse(body) : {} });
    if ("stay" in pressed.dataset) {
      if (message) say(message, "good");
      return;
    }
    if (job) {
      await follow(`${desk()}/jobs/${job}`, act);
      sayNext(words.removed);
    }
    if (next) location.href = next;
    else if (!job && pressed.closest("#pending")) await refresh();
    else location.reload();
  } catch (error) {
    pressed.disabled = false;
    say(filled(words.failed, { problem: error.message }), "bad");
  }
});

// Sending files, one after the other, each with its bar.
const drop = document.querySelector("#drop");
const pending = document.querySelector("#pending");
let queue = Promise.resolve();

function send(file) {
  const limit = Number(drop.dataset.limit);
  const bar = el("progress", { max: 100, value: 0, "aria-label": file.name });
  const state = el("span", { class: "soft", role: "status" });
  const row = el("li", {}, el("div", { class: "what" }, el("span", { lang: "zh-CN" }, file.name), state), bar);
  document.querySelector("#sending").append(row);
  const end = (text, failed) => {
    state.textContent = text;
    state.className = failed ? "why" : "soft";
    for (const part of row.querySelectorAll("progress, button")) part.remove();
    row.append(button(words.dismiss, () => row.remove(), { class: "button" }));
  };
  if (file.size > limit) {
    const size = (file.size / 2 ** 20).toFixed(0);
    end(filled(words.too_large_here, { size, megabytes: limit / 2 ** 20 }), true);
    return;
  }
  const sending = new XMLHttpRequest();
  row.append(button(words.send_stop, () => { row.dataset.stopped = "1"; sending.abort(); end(words.send_stopped, true); }, { class: "button" }));
  queue = queue.then(() => (row.dataset.stopped ? null : transfer(sending, file, bar, state).then(() => row.remove(), error => end(error.message, true)).then(refresh)));
}

function transfer(sending, file, bar, state) {
  return new Promise((resolve, reject) => {
    sending.open("POST", `${drop.dataset.address}?name=${encodeURIComponent(file.name)}`);
    sending.upload.addEventListener("progress", event => {
      bar.value = (100 * event.loaded) / (event.total || 1);
      state.textContent = filled(words.send_percent, { percent: Math.floor(bar.value) });
    });
    sending.addEventListener("load", () => {
      let value = {};
      try { value = JSON.parse(sending.responseText); } catch { /* told below */ }
      if (sending.status === 401) toLogin(value.login);
      if (sending.status === 200) resolve();
      else reject(new Error(filled(words.send_failed, { problem: value.error ?? `HTTP ${sending.status}` })));
    });
    sending.addEventListener("error", () => reject(new Error(words.send_cut)));
    sending.addEventListener("abort", () => reject(new Error(words.send_stopped)));
    sending.send(file);
  });
}

/** Draw the inside of an element anew; what had the focus there gets it back where it is still there. */
function keepingFocus(element, draw) {
  const known = one => `${one.tagName} ${one.getAttribute("href") ?? one.dataset.post ?? ""}`;
  const focused = element.contains(document.activeElement) ? known(document.activeElement) : null;
  draw();
  if (focused) [...element.querySelectorAll("a, button")].find(one => known(one) === focused)?.focus();
}

let refreshing = false;
let changed = false;
async function refresh() {
  // What is being fetched may be from before the change that this call is about.
  changed = true;
  if (!pending || refreshing) return;
  refreshing = true;
  try {
    do {
      changed = false;
      const response = await fetch(pending.dataset.address, { headers: { Accept: "application/json" } });
      if (response.status === 401) toLogin((await response.json()).login);
      const html = await response.text();
      if (response.ok && html !== pending.dataset.shown) {
        keepingFocus(pending, () => (pending.innerHTML = html));
        pending.dataset.shown = html;
      }
      if (!changed && !pending.querySelector("[data-state=reading], [data-state=indexing]")) break;
      await pause(POLL);
    } while (true);
  } catch { /* the next change asks again */ } finally {
    refreshing = false;
  }
}

if (drop) {
  const input = drop.querySelector("input");
  input.addEventListener("change", () => {
    for (const file of input.files) send(file);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", event => {
    event.preventDefault();
    for (const file of event.dataTransfer.files) send(file);
  });
  // A file that misses the field must not replace the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, event => event.preventDefault());
  refresh();
}

// Finding a policy in a long list.
const find = document.querySelector("#find");
find?.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase().split(/\s+/);
  let found = 0;
  for (const row of document.querySelectorAll("#held tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !wanted.every(word => text.includes(word));
    found += row.hidden ? 0 : 1;
  }
  document.querySelector("#held").hidden = !found;
  document.querySelector("#none-found").hidden = found > 0;
});

// A file that is still being read.
const waiting = document.querySelector("[data-wait]");
if (waiting) {
  (async () => {
    for (;;) {
      await pause(POLL);
      const html = await fetch(waiting.dataset.wait, { headers: { Accept: "text/html" } }).then(response => response.text()).catch(() => "");
      if (html && !html.includes("data-wait=")) break;
    }
    location.reload();
  })();
}

// The facts of a policy.
plainDays(document);
const form = document.querySelector("#facts");
const told = form?.querySelector(".problems");

function facts() {
  const value = name => form.elements[name].value.trim() || null;
  const years = ["period_first", "period_last"].map(value);
  const stated = Object.fromEntries(
    ["title", "doc_number", "level", "region", "issued_on", "effective_on", "expires_on", "edition"].map(name => [name, value(name)]));
  return {
    ...stated,
    issuers: form.elements.issuers.value.split(/[\n、;;]/).map(name => name.trim()).filter(Boolean),
    period: years[0] || years[1] ? years.map(year => Number(year ?? years[0] ?? years[1])) : null,
    draft: form.elements.draft.checked,
  };
}

async function submit(path, body) {
  told.hidden = true;
  try {
    return await request(`${form.dataset.address}/${path}`, { body });
  } catch (error) {
    told.textContent = error.message;
    told.hidden = false;
    return null;
  }
}

form?.addEventListener("submit", async event => {
  event.preventDefault();
  const replacing = form.elements.replacing ? new FormData(form).get("replacing") : "";
  const started = await submit("index", { facts: facts(), replacing: replacing || null });
  if (!started) return;
  try {
    await follow(`${desk()}/jobs/${started.job}`, words.index);
    sayNext(words.indexed);
    location.href = form.dataset.next;
  } catch (error) {
    told.textContent = filled(words.failed, { problem: error.message });
    told.hidden = false;
  }
});
// A click before this script has run would send the form as an address and take nothing in.
form?.querySelectorAll("[type=submit]").forEach(button => (button.disabled = false));
form?.querySelector("#save").addEventListener("click", async () => {
  if (!(await submit("facts", { facts: facts() }))) return;
  sayNext(words.saved);
  location.reload();
});

const left = sessionStorage.getItem("policyqa.staff.said");
if (left) {
  sessionStorage.removeItem("policyqa.staff.said");
  say(left, "good");
}

// Times in the visitor's own zone.
for (const time of document.querySelectorAll("time[data-local]")) {
  const at = new Date(time.dateTime);
  const two = number => String(number).padStart(2, "0");
  time.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

// The evaluation under way.
const running = document.querySelector("#running");
if (running) {
  const bar = running.querySelector("progress");
  const line = running.querySelector("[role=status]");
  running.querySelector("button").addEventListener("click", () => { line.textContent = words.stopping; });
  (async () => {
    for (;;) {
      await pause(POLL);
      const state = await request(running.dataset.address).catch(() => null);
      if (!state) continue;
      if (state.running !== running.dataset.run) break;
      bar.value = state.done;
      line.textContent = running.querySelector("button").disabled ? words.stopping : filled(words.run_progress, state);
    }
    location.reload();
  })();
}

// An own question set.
const setFile = document.querySelector("#set-file");
setFile?.addEventListener("change", async () => {
  const [file] = setFile.files;
  setFile.value = "";
  if (!file) return;
  const address = `${setFile.dataset.address}?name=${encodeURIComponent(file.name)}`;
  const response = await fetch(address, { method: "POST", body: file, headers: { Accept: "application/json" } }).catch(() => null);
  const value = await response?.json().catch(() => null);
  if (response?.status === 401) toLogin(value.login);
  else if (response?.ok) {
    sayNext(value.message);
    location.reload();
  } else say(filled(words.send_failed, { problem: value?.error ?? words.send_cut }), "bad");
});
