// Shows one try on a card: whether it worked, why not, and the requests and responses that the server recorded.

const CORS_HEADERS = /^(origin|vary|access-control-.*)$/;

export class Card {
  constructor(attempt, assets) {
    this.attempt = attempt;
    this.assets = assets;
    this.element = document.getElementById(attempt.name);
    this.mark = make("p", "mark");
    this.result = make("p", "result");
    this.log = make("div", "log");
    this.element.querySelector("h3").after(this.mark);
    this.element.append(this.result, this.log);
  }

  async runAttempt(key) {
    this.key = key;
    this.setOutcome("trying", "trying…");
    const { name, path, run } = this.attempt;
    const outcome = await run(`${this.assets}${path}?try=${name}&run=${key}`, this.element)
      .then(text => ({ worked: true, text }), () => ({ worked: false, text: "" }));
    const traffic = await fetchTraffic(name, key);
    if (this.key === key) this.show(outcome, traffic);
  }

  show({ worked, text }, traffic) {
    this.setOutcome(worked ? "worked" : "blocked", worked ? "worked" : "blocked by the browser");
    this.result.textContent = worked ? `${text}${noteIfWithoutOrigin(traffic)}` : reason(traffic, this.attempt.label);
    const refused = worked ? undefined : traffic.find(({ explanation }) => explanation?.startsWith("refused"));
    this.log.replaceChildren(
      ...(refused ? [explanationBlock(refused)] : []),
      ...traffic.map(exchange => exchangeDetails(exchange, !worked)),
    );
  }

  setOutcome(outcome, text) {
    this.element.dataset.outcome = this.outcome = outcome;
    this.mark.textContent = text;
  }
}

export function summary(cards) {
  const blocked = cards.filter(card => card.outcome === "blocked").map(card => card.attempt.label);
  if (blocked.length === 0) return "All of them worked.";
  return `${cards.length - blocked.length} of ${cards.length} worked; blocked: ${blocked.join(", ")}.`;
}

async function fetchTraffic(name, key) {
  const traffic = await (await fetch("/api/traffic")).json();
  return traffic.filter(({ request }) => request.target.endsWith(`?try=${name}&run=${key}`));
}

function noteIfWithoutOrigin(traffic) {
  const allHaveOrigin = traffic.every(({ request }) => request.headers.some(([name]) => name === "origin"));
  return allHaveOrigin ? "" : " The browser sent no Origin, so CORS rules do not apply.";
}

// Browsers hide the reason from scripts, so it comes from what the server recorded.
function reason(traffic, label) {
  const last = traffic.at(-1);
  if (!last) return "The request did not reach the server.";
  const { request, response } = last;
  if (request.method === "OPTIONS") {
    return `The preflight was answered with ${response.status} and not granted, so the browser did not send the ${label}.`;
  }
  return `The server answered with ${response.status}, but without Access-Control-Allow-Origin, so the browser does not let the page read the response.`;
}

function explanationBlock({ explanation }) {
  const block = make("pre", "explanation", explanation);
  block.setAttribute("role", "note");
  block.setAttribute("aria-label", "Why it was refused");
  return block;
}

function exchangeDetails({ request, response }, open) {
  const details = make("details");
  details.open = open;
  const summary = make("summary");
  summary.append(make("code", "", request.method), ` ${kind(request)}, answered with `, make("code", "", String(response.status)));
  details.append(summary, headerList("The browser sent", request.headers), headerList("The server answered", response.headers));
  return details;
}

function kind({ method, headers }) {
  const isPreflight = method === "OPTIONS" && headers.some(([name]) => name === "access-control-request-method");
  return isPreflight ? "preflight" : "actual request";
}

// CORS headers come first.
function headerList(title, lines) {
  const list = make("dl");
  const sorted = [...lines].sort(([a], [b]) => CORS_HEADERS.test(b) - CORS_HEADERS.test(a));
  for (const [name, value] of sorted) {
    const row = make("div", CORS_HEADERS.test(name) ? "cors" : "");
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
