// Shows a try: whether it worked, why not, and what the server saw and sent.

const CORS = /^(origin|vary|access-control-.*)$/;

export class Card {
  constructor(attempt, assets) {
    this.attempted = attempt;
    this.assets = assets;
    this.element = document.getElementById(attempt.name);
    this.mark = make("p", "mark");
    this.result = make("p", "result");
    this.log = make("div", "log");
    this.element.querySelector("h3").after(this.mark);
    this.element.append(this.result, this.log);
  }

  async attempt(key) {
    this.key = key;
    this.say("trying", "trying…");
    const { name, path, act } = this.attempted;
    const outcome = await act(`${this.assets}${path}?try=${name}&run=${key}`, this.element)
      .then(text => ({ worked: true, text }), () => ({ worked: false, text: "" }));
    const exchanges = await seen(name, key);
    if (this.key === key) this.show(outcome, exchanges);
  }

  show({ worked, text }, exchanges) {
    this.say(worked ? "worked" : "blocked", worked ? "worked" : "blocked by the browser");
    this.result.textContent = worked ? `${text}${unasked(exchanges)}` : reason(exchanges, this.attempted.label);
    const refused = worked ? undefined : exchanges.find(({ explanation }) => explanation?.startsWith("refused"));
    this.log.replaceChildren(...(refused ? [explained(refused)] : []), ...exchanges.map(exchange => exchanged(exchange, !worked)));
  }

  say(outcome, words) {
    this.element.dataset.outcome = this.outcome = outcome;
    this.mark.textContent = words;
  }
}

export function summary(cards) {
  const blocked = cards.filter(card => card.outcome === "blocked").map(card => card.attempted.label);
  if (blocked.length === 0) return "All of them worked.";
  return `${cards.length - blocked.length} of ${cards.length} worked; blocked: ${blocked.join(", ")}.`;
}

async function seen(name, key) {
  const exchanges = await (await fetch("/api/exchanges")).json();
  return exchanges.filter(({ request }) => request.target.endsWith(`?try=${name}&run=${key}`));
}

// A request without Origin is none of CORS.
function unasked(exchanges) {
  const asked = exchanges.every(({ request }) => request.headers.some(([name]) => name === "origin"));
  return asked ? "" : " The browser sent no Origin, so no rule was asked.";
}

// What the browser tells no script: which of the exchanges was not as it should be.
function reason(exchanges, label) {
  const last = exchanges.at(-1);
  if (!last) return "The request did not reach the server.";
  const { request, response } = last;
  if (request.method === "OPTIONS") {
    return `The preflight was answered with ${response.status}, which grants nothing: the browser did not send the ${label}.`;
  }
  return `The server answered with ${response.status}, but without Access-Control-Allow-Origin: the browser keeps the answer from the page.`;
}

function explained({ explanation }) {
  const block = make("pre", "explanation", explanation);
  block.setAttribute("role", "note");
  block.setAttribute("aria-label", "Why it was refused");
  return block;
}

function exchanged({ request, response }, open) {
  const details = make("details");
  details.open = open;
  const summary = make("summary");
  summary.append(make("code", "", request.method), ` ${kind(request)}, answered with `, make("code", "", String(response.status)));
  details.append(summary, headers("The browser sent", request.headers), headers("The server answered", response.headers));
  return details;
}

function kind({ method, headers }) {
  const preflight = method === "OPTIONS" && headers.some(([name]) => name === "access-control-request-method");
  return preflight ? "the preflight" : "the request";
}

// Those that CORS is about come first.
function headers(title, lines) {
  const list = make("dl");
  const sorted = [...lines].sort(([one], [other]) => CORS.test(other) - CORS.test(one));
  for (const [name, value] of sorted) {
    const row = make("div", CORS.test(name) ? "cors" : "");
    row.append(make("dt", "", name), make("dd", "", value));
    list.append(row);
  }
  const block = make("div", "headers");
  block.append(make("h4", "", title), list);
  return block;
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
