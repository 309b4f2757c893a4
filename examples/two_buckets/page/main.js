// Starts the page: loads the origins and the rules, and runs all tries, again after each change of the rules.
import { byId, make, spoken } from "./dom.js";
import { whileBusy } from "./busy.js";
import { Card, summary } from "./cards.js";
import { Editor } from "./editor.js";
import { Memory } from "./memory.js";
import { compareUrls, drawParts } from "./origins.js";
import { Rules } from "./rules.js";
import { Story } from "./story.js";
import { tries } from "./tries.js";

addEventListener("unhandledrejection", () => {
  byId("failure").textContent = "The server of this page does not respond. Restart it and reload the page.";
});

const start = await (await fetch("/api/rules")).json();
const rules = new Rules(start);
const cards = tries.map(attempt => new Card(attempt, start.assets));
const story = new Story(start, rules);
let run = 0;

// Each run uses new URLs, so that neither the HTTP cache nor the preflight cache responds in place of the server.
async function runAll() {
  run += 1;
  const thisRun = run;
  const key = `${Date.now()}-${run}`;
  byId("outcome").textContent = "";
  await Promise.all([story.show(key), ...cards.map(card => card.runAttempt(key))]);
  if (thisRun === run) showOutcome();
}

function showOutcome() {
  byId("outcome").textContent = summary(cards);
  byId("bar-rules").textContent = rules.name;
  byId("bar-tries").replaceChildren(...cards.map(({ attempt, outcome }) => {
    const link = make("a", "", attempt.label, spoken(outcome === "worked" ? " worked" : " blocked"));
    link.href = `#${attempt.name}`;
    const item = make("li", "", link);
    item.dataset.outcome = outcome;
    return item;
  }));
}

drawParts(byId("buckets"), ["This page", "The image"], [new URL(start.site), new URL(start.assets)]);
compareUrls(`${start.site}/index.html`, `${start.assets}/image.svg`);
rules.addEventListener("change", () => whileBusy(runAll));
new Editor(rules);
new Memory(start.assets, rules);
addEventListener("focus", () => whileBusy(() => rules.refresh()));
byId("try-again").addEventListener("click", () => whileBusy(runAll));
await whileBusy(runAll);
