// A PUT that keeps its URL: the browser remembers a granted preflight for as long as the answer says, and the page
// counts down.
import { byId } from "./dom.js";
import { whileBusy } from "./busy.js";
import { drawLanes } from "./lanes.js";
import { explanation, reason, unsent } from "./cards.js";
import { fetchTraffic, header, isPreflight, tryUrl } from "./traffic.js";

// The standard's, where the answer has no Access-Control-Max-Age.
const DEFAULT_MAX_AGE = 5;
const ATTEMPT = { label: "PUT", path: "/note.txt" };

export class Memory {
  constructor(assets, rules) {
    this.key = String(Date.now());
    this.url = tryUrl(assets, ATTEMPT.path, "again", this.key);
    this.seen = 0;
    // When the answer is forgotten; not known before the first one, nor after a failure.
    this.until = undefined;
    this.element = byId("again");
    byId("send-again").addEventListener("click", () => whileBusy(() => this.send()));
    rules.addEventListener("change", () => this.onRulesChanged());
    setInterval(() => this.count(), 250);
  }

  async send() {
    const options = { method: "PUT", headers: { "x-note": "from the page" }, body: "hello" };
    const worked = await fetch(this.url, options).then(() => true, () => false);
    const traffic = (await fetchTraffic("again", this.key)).slice(this.seen);
    const asked = this.seen ? "asked again" : "asked";
    this.seen += traffic.length;
    this.show(worked, traffic, asked);
  }

  show(worked, traffic, asked) {
    const preflight = traffic.find(isPreflight);
    if (worked && preflight) this.remember(preflight.response);
    if (!worked) this.until = undefined;
    this.element.dataset.outcome = worked ? "worked" : "blocked";
    byId("again-mark").textContent = `${preflight ? asked : "remembered"}${worked ? "" : ", but blocked"}`;
    byId("again-result").textContent = worked ? sentence(preflight) : reason(traffic, ATTEMPT.label);
    const before = preflight ? undefined : { label: `OPTIONS ${ATTEMPT.path}`, reason: "The browser remembers the answer." };
    byId("again-log").replaceChildren(
      ...drawLanes(traffic, { worked, unsent: { before, after: unsent(traffic, ATTEMPT) } }),
      ...explanation(traffic, worked),
    );
    this.count();
  }

  remember(response) {
    const seconds = Number(header(response, "access-control-max-age") ?? DEFAULT_MAX_AGE);
    this.until = performance.now() + seconds * 1000;
    this.rulesChanged = false;
  }

  onRulesChanged() {
    this.rulesChanged = true;
    this.count();
  }

  count() {
    const text = this.until === undefined ? "" : this.countdown(Math.ceil((this.until - performance.now()) / 1000));
    if (byId("countdown").textContent !== text) byId("countdown").textContent = text;
  }

  countdown(seconds) {
    if (seconds <= 0) return "Nothing is remembered: the next one asks again.";
    const note = this.rulesChanged ? " It is the answer of the rules before." : "";
    return `Remembered for ${seconds} s.${note}`;
  }
}

function sentence(preflight) {
  return preflight ? "The browser asked in a preflight, then sent the PUT." : "Sent at once: the browser did not ask again.";
}
