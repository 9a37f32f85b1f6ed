// Requests to the server: an answer as it comes, and the wait for a server that is away.
const SILENCE = 150_000;
const POLL = 1_500;

/** The connection broke, or the answer broke off. */
export class LostConnection extends Error {}

/**
 * Ask, and hand every event on as it comes.
 * @param body what `/page/ask` takes.
 * @param on called with name and value of `written`, `answer` and `error` events.
 * @throws LostConnection, or AbortError where `signal` stopped it.
 */
export async function ask(body, on, signal) {
  const silent = new AbortController();
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE);
  };
  const stop = () => silent.abort();
  signal.addEventListener("abort", stop);
  heard();
  let ended = false;
  try {
    const response = await fetch("/page/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal: silent.signal,
    });
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      if (!problem.error) throw new LostConnection();
      on("error", { message: problem.error });
      return;
    }
    for await (const [name, value] of events(response.body, heard)) {
      ended ||= name !== "written";
      on(name, value);
    }
  } catch (error) {
    if (signal.aborted) throw new DOMException("stopped", "AbortError");
    throw new LostConnection(String(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
  if (!ended) throw new LostConnection("the answer broke off");
}

async function* events(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    heard();
    if (done) return;
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? [name, JSON.parse(data.join("\n"))] : null;
}

/** Resolves when the server answers again. */
export async function serverIsBack(signal) {
  while (!signal.aborted) {
    await new Promise(resolve => setTimeout(resolve, POLL));
    try {
      const state = await (await fetch("/healthz", { signal, cache: "no-store" })).json();
      if (state.status !== "starting") return;
    } catch { /* still away */ }
  }
}

/** POST as JSON; returns the response, throws an Error with a message for the user. */
export async function post(path, value) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(value),
    });
  } catch {
    throw new Error("");
  }
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error ?? String(response.status));
  return response;
}
