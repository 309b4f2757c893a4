// Returns what the page shows, as text.
const texts = selector => [...document.querySelectorAll(selector)].map(element => element.textContent.trim());
const text = selector => texts(selector).join(" ");
const sunColor = () => {
  const [red, green, blue, opacity] = document.querySelector("canvas").getContext("2d").getImageData(250, 52, 1, 1).data;
  return opacity ? [red, green, blue].join(" ") : "none";
};
return {
  marks: [...document.querySelectorAll(".card")].map(card => `${card.id} ${card.querySelector(".mark").textContent}`),
  traffic: [...document.querySelectorAll(".card")].map(card => [...card.querySelectorAll("summary")].map(element => element.textContent).join("; ")),
  status: text("#status"),
  findings: texts("#findings li"),
  linesWithFindings: [...document.querySelectorAll("#lines span")].flatMap((line, index) => (line.querySelector("i") ? [index + 1] : [])),
  sun: sunColor(),
  font: document.fonts.check("16px Dots") && document.querySelector(".sample").classList.contains("loaded"),
  results: texts(".result"),
  explanations: texts(".explanation"),
  comparison: text("#comparison"),
  document: document.getElementById("document").value,
  selectedPreset: texts("#presets [aria-pressed=true]"),
  overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
};
