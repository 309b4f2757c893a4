// Returns what the page shows, as text.
const all = selector => [...document.querySelectorAll(selector)];
const clean = text => text.replace(/\s+/g, " ").trim();
const texts = selector => all(selector).map(element => clean(element.textContent));
const text = selector => texts(selector).join(" ");
const cards = all(".card:not(#again)");

const sunColor = () => {
  const [red, green, blue, opacity] = document.querySelector("canvas").getContext("2d").getImageData(250, 52, 1, 1).data;
  return opacity ? [red, green, blue].join(" ") : "none";
};

const picture = id => {
  const frame = document.getElementById(id);
  return `${frame.dataset.outcome}: ${frame.querySelector("img")?.alt ?? clean(frame.textContent)}`;
};

// The arrows of a card, as a screen reader has them: a direction, a label, and the headers below.
const label = arrow => clean(arrow.querySelector(".label").textContent);
const arrows = card => [...card.querySelectorAll(".lanes li")];
const lanes = id => arrows(document.getElementById(id)).map(arrow => {
  const headers = [...arrow.querySelectorAll("dl div")].map(row => [...row.children].map(part => clean(part.textContent)).join(": "));
  const isDashed = getComputedStyle(arrow.querySelector(".arrow")).borderTopStyle === "dashed";
  const spoken = [...arrow.querySelector(".label").children].map(part => part.textContent.trim()).join(" ");
  return `${isDashed ? "(dashed) " : ""}${[spoken, ...headers].join("; ")}`;
});

const lineCount = element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom))).size;
};

// Whether the bar with the outcomes is seen while the rules are edited.
const isBarInView = () => {
  document.getElementById("document").scrollIntoView({ block: "center" });
  const { top, bottom } = document.getElementById("bar").getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight + 1;
};

return {
  pictures: ["picture-1", "picture-3"].map(picture),
  step: all("#steps > li").findIndex(step => step.ariaCurrent === "step") + 1,
  focus: document.activeElement.id,
  answers: texts(".answer"),
  rule: `${text("#rule-note")} ${text("#rule span")}`,
  force: text(".force p"),
  buckets: all("#buckets tr").map(row => [...row.children].map(cell => cell.textContent).join(" ").trim()),
  marks: cards.map(card => `${card.id} ${card.querySelector(".mark").textContent}`),
  traffic: cards.map(card => arrows(card).map(arrow => label(arrow).replace(/^.*?: /, "")).join("; ")),
  imageLanes: lanes("image"),
  fontLanes: lanes("font"),
  putLanes: lanes("put"),
  deleteLanes: lanes("delete"),
  status: text("#status"),
  statusColor: document.getElementById("status").dataset.outcome,
  outcome: text("#outcome"),
  bar: [text("#bar-rules"), ...texts("#bar-tries li")],
  findings: texts("#findings li"),
  links: all("#findings a").map(link => link.getAttribute("href")),
  linesWithFindings: all("#lines span").flatMap((line, index) => (line.className ? [index + 1] : [])),
  notInForce: text("#difference"),
  sun: sunColor(),
  font: document.fonts.check("16px Dots") && document.querySelector(".sample").classList.contains("loaded"),
  results: texts(".card:not(#again) .result"),
  explanations: texts(".card:not(#again) .explanation"),
  wrappedExplanations: all(".explanation").filter(element => lineCount(element) > element.textContent.split("\n").length).length,
  again: [text("#again-mark"), text("#again-result"), text("#countdown").replace(/\b\d+ s\b/, "N s")],
  againLanes: lanes("again"),
  comparison: text("#comparison"),
  document: document.getElementById("document").value,
  pressed: texts("#presets [aria-pressed=true]"),
  titles: texts("#course h3"),
  overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  brokenOrigins: all(".origin, .parts td, .lanes .part, .answer .value").filter(element => lineCount(element) > 1).map(element => element.textContent),
  barInView: isBarInView(),
};
