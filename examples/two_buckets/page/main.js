// Starts the page: asks for both origins and the rules, and runs the tries whenever rules were applied.
import { compareOrigins } from "./origins.js";
import { tries } from "./tries.js";
import { Card, summary } from "./cards.js";
import { Editor } from "./editor.js";
import { whileBusy } from "./busy.js";

addEventListener("unhandledrejection", () => {
  document.getElementById("failure").textContent = "The server of this page does not answer. Start it again, and load the page anew.";
});

const start = await (await fetch("/api/rules")).json();
const cards = tries.map(attempt => new Card(attempt, start.assets));
let run = 0;

// Each run has its own URLs, so that no cache and no remembered preflight answers for the server.
async function tryAll() {
  run += 1;
  const key = `${Date.now()}-${run}`;
  const ours = run;
  await Promise.all(cards.map(card => card.attempt(key)));
  if (ours !== run) return "";
  return (document.getElementById("summary").textContent = summary(cards));
}

compareOrigins(`${start.site}/index.html`, `${start.assets}/image.svg`);
new Editor(start, tryAll);
document.getElementById("again").addEventListener("click", () => whileBusy(tryAll));
await whileBusy(tryAll);
