// Starts the page: loads both origins and the rules, and runs all tries, again after each change of the rules.
import { compareOrigins } from "./origins.js";
import { tries } from "./tries.js";
import { Card, summary } from "./cards.js";
import { Editor } from "./editor.js";
import { whileBusy } from "./busy.js";

addEventListener("unhandledrejection", () => {
  document.getElementById("failure").textContent = "The server of this page does not respond. Restart it and reload the page.";
});

const start = await (await fetch("/api/rules")).json();
const cards = tries.map(attempt => new Card(attempt, start.assets));
let run = 0;

// Each run uses new URLs, so that neither the HTTP cache nor the preflight cache responds in place of the server.
async function runAll() {
  run += 1;
  const key = `${Date.now()}-${run}`;
  const thisRun = run;
  await Promise.all(cards.map(card => card.runAttempt(key)));
  if (thisRun !== run) return "";
  return (document.getElementById("summary").textContent = summary(cards));
}

compareOrigins(`${start.site}/index.html`, `${start.assets}/image.svg`);
new Editor(start, runAll);
document.getElementById("again").addEventListener("click", () => whileBusy(runAll));
await whileBusy(runAll);
