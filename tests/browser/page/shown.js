// What a person sees, in words.
const texts = selector => [...document.querySelectorAll(selector)].map(element => element.textContent.trim());
const words = selector => texts(selector).join(" ");
const colour = () => {
  const [red, green, blue, opacity] = document.querySelector("canvas").getContext("2d").getImageData(250, 52, 1, 1).data;
  return opacity ? [red, green, blue].join(" ") : "none";
};
return {
  marks: [...document.querySelectorAll(".card")].map(card => `${card.id} ${card.querySelector(".mark").textContent}`),
  exchanges: [...document.querySelectorAll(".card")].map(card => [...card.querySelectorAll("summary")].map(e => e.textContent).join("; ")),
  said: words("#applied"),
  findings: texts("#findings li"),
  inPlace: [...document.querySelectorAll("#lines span")].flatMap((line, at) => (line.querySelector("i") ? [at + 1] : [])),
  sun: colour(),
  font: document.fonts.check("16px Dots") && document.querySelector(".sample").classList.contains("loaded"),
  results: texts(".result"),
  explanations: texts(".explanation"),
  comparison: words("#comparison"),
  document: document.getElementById("document").value,
  pressed: texts("#sets [aria-pressed=true]"),
  overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
};
