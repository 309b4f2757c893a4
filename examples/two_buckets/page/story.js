// The first screen: three steps from a blocked image to one that loads, then a star for everyone.
import { byId, make } from "./dom.js";
import { whileBusy } from "./busy.js";
import { clearPicture, loadPicture } from "./picture.js";
import { fetchTraffic, header, tryUrl } from "./traffic.js";

// How long the stranger's page may take.
const TIMEOUT = 10_000;

export class Story {
  constructor({ assets, stranger }, rules) {
    Object.assign(this, { assets, stranger, rules });
    for (const [button, preset] of [["allow", "read"], ["allow-all", "star"], ["start-again", "none"]]) {
      byId(button).addEventListener("click", () => this.apply(preset));
    }
    byId("stranger-origin").textContent = stranger;
    clearPicture(byId("picture-1"), "Other rules are in force: start again");
  }

  apply(preset) {
    const { document } = this.rules.preset(preset);
    if (document !== this.rules.document) whileBusy(() => this.rules.apply(document));
    // The button that starts again disappears, and must not take the focus along.
    if (preset === "none") byId("allow").focus();
  }

  // Shows what the rules in force do. The steps before stay as they were seen.
  async show(key) {
    const id = this.rules.active?.id;
    if (id === "none") this.reset();
    this.markStep({ none: 2, read: 3 }[id]);
    this.drawRule(id === "read");
    this.showForce("");
    const [page, stranger] = await Promise.all([this.tryImage({ none: 1, read: 3 }[id], key), this.tryAsStranger(key)]);
    if (this.rules.active?.id !== id) return;
    const can = readable => ({ true: "can", false: "cannot" })[readable] ?? "did not answer";
    this.showForce(`This page ${can(page)} read the image; the stranger’s page ${can(stranger)}.`);
  }

  // The step to look at: the next one, or the last one if all are done.
  markStep(number) {
    for (const [index, step] of [...byId("steps").children].entries()) {
      step.ariaCurrent = index + 1 === number ? "step" : "false";
    }
  }

  reset() {
    clearPicture(byId("picture-3"), "Not yet");
    byId("answer-3").replaceChildren();
  }

  // Without a step, the image is tried and not shown.
  async tryImage(step, key) {
    const frame = step ? byId(`picture-${step}`) : make("div");
    const loaded = await loadPicture(frame, tryUrl(this.assets, "/image.svg", "story", key));
    if (step) byId(`answer-${step}`).replaceChildren(...answer(await fetchTraffic("story", key)));
    return loaded;
  }

  // Returns nothing if the stranger's page does not answer.
  tryAsStranger(key) {
    const frame = byId("stranger");
    return new Promise(resolve => {
      const finish = outcome => {
        removeEventListener("message", onMessage);
        resolve(outcome);
      };
      const onMessage = ({ origin, data }) => {
        if (origin === this.stranger && data.key === key) finish(data.loaded);
      };
      addEventListener("message", onMessage);
      setTimeout(finish, TIMEOUT);
      frame.src = `${this.stranger}/?run=${key}`;
    });
  }

  // The rule is shown before it is added, and marked once it is in force.
  drawRule(added) {
    const lines = this.rules.preset("read").document.trim().split("\n");
    byId("rule").replaceChildren(...compact(lines).map(line => make("span", "", line)));
    byId("rule").dataset.added = added;
    byId("rule-note").textContent = added ? "The rule is in force." : "The bucket gets this rule:";
    // Not disabled, which would lose the focus.
    byId("allow").ariaDisabled = added;
    byId("allow").textContent = added ? "Allowed" : "Allow this origin";
  }

  showForce(outcome) {
    byId("in-force").textContent = this.rules.name;
    byId("start-again").hidden = this.rules.active?.id === "none";
    byId("story-outcome").textContent = outcome;
  }
}

// A long list stands on lines of its own, so that an origin fits into the width of a step.
function compact(lines) {
  return lines.flatMap(line => {
    const [, start, value, end] = /^( *"AllowedOrigins": \[)(.*)(\],?)$/.exec(line) ?? [];
    return start ? [start, `      ${value}`, `    ${end}`] : [line];
  }).map(line => line.replace(/^ {2}/, ""));
}

function answer(traffic) {
  const response = traffic.at(-1)?.response;
  if (!response) return ["The request did not reach the server."];
  const origin = header(response, "access-control-allow-origin");
  const name = make("span", "name", "Access-Control-Allow-Origin: ");
  const value = origin ? make("b", "value", origin) : make("b", "missing", "missing");
  return [`The server answered ${response.status}, with `, make("code", "line", name, value)];
}
