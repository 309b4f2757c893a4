// Shows one try on a card: whether it worked, why not, and what was sent.
import { byId, make } from "./dom.js";
import { drawLanes } from "./lanes.js";
import { fetchTraffic, header, isPreflight, tryUrl } from "./traffic.js";

export class Card {
  constructor(attempt, assets) {
    this.attempt = attempt;
    this.assets = assets;
    this.element = byId(attempt.name);
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
    const outcome = await run(tryUrl(this.assets, path, name, key), this.element)
      .then(text => ({ worked: true, text }), () => ({ worked: false, text: "" }));
    const traffic = await fetchTraffic(name, key);
    if (this.key === key) this.show(outcome, traffic);
  }

  show({ worked, text }, traffic) {
    this.setOutcome(worked ? "worked" : "blocked", worked ? "worked" : "blocked by the browser");
    this.result.textContent = worked ? `${text}${noteIfWithoutOrigin(traffic)}` : reason(traffic, this.attempt.label);
    this.log.replaceChildren(...drawLanes(traffic, { worked, unsent: { after: unsent(traffic, this.attempt) } }), ...explanation(traffic, worked));
  }

  setOutcome(outcome, text) {
    this.element.dataset.outcome = this.outcome = outcome;
    this.mark.textContent = text;
  }
}

// The request that a refused preflight kept back.
export function unsent(traffic, { label, path }) {
  const last = traffic.at(-1);
  const isKeptBack = last && isPreflight(last);
  return isKeptBack ? { label: `${label} ${path}`, reason: "The preflight was not granted." } : undefined;
}

export function summary(cards) {
  const blocked = cards.filter(card => card.outcome === "blocked").map(card => card.attempt.label);
  if (blocked.length === 0) return "All of them worked.";
  return `${cards.length - blocked.length} of ${cards.length} worked; blocked: ${blocked.join(", ")}.`;
}

function noteIfWithoutOrigin(traffic) {
  const allHaveOrigin = traffic.every(({ request }) => header(request, "origin") !== undefined);
  return allHaveOrigin ? "" : " The browser sent no Origin, so CORS rules do not apply.";
}

// Browsers hide the reason from scripts, so it comes from what the server recorded.
export function reason(traffic, label) {
  const last = traffic.at(-1);
  if (!last) return "The request did not reach the server.";
  if (isPreflight(last)) {
    return `The preflight was answered with ${last.response.status} and not granted, so the browser did not send the ${label}.`;
  }
  return `The server answered with ${last.response.status}, but without Access-Control-Allow-Origin, so the browser does not let the page read the response.`;
}

// Its columns are kept: what is too wide is scrolled, with the keyboard too.
export function explanation(traffic, worked) {
  const refused = worked ? undefined : traffic.find(({ explanation }) => explanation?.startsWith("refused"));
  if (!refused) return [];
  const block = make("pre", "explanation", refused.explanation);
  block.setAttribute("role", "group");
  block.setAttribute("aria-label", "Why it was refused");
  block.tabIndex = 0;
  return [block];
}
