// Origins in their three parts: those of the two buckets side by side, and those of any two URLs.
import { byId, make } from "./dom.js";

const PARTS = [
  ["scheme", url => url.protocol.replace(":", "")],
  ["host", url => url.hostname || "none"],
  ["port", url => url.port || DEFAULT_PORTS[url.protocol] || "none"],
];
const DEFAULT_PORTS = { "http:": "80 (the default)", "https:": "443 (the default)", "ftp:": "21 (the default)" };

// A row for each URL, a column for each part, and below it whether the part differs. Of what is no URL, nothing is shown.
export function drawParts(body, labels, urls) {
  const differs = PARTS.map(([, part]) => urls.every(Boolean) && part(urls[0]) !== part(urls[1]));
  const rows = urls.map((url, index) => {
    const cells = PARTS.map(([, part], column) => make("td", differs[column] ? "differs" : "", url ? part(url) : "–"));
    return make("tr", "", rowHead(labels[index]), ...cells);
  });
  const verdicts = differs.map(differ => make("td", differ ? "differs" : "", differ ? "≠ differs" : "= same"));
  if (urls.every(Boolean)) rows.push(make("tr", "verdicts", make("td"), ...verdicts));
  body.replaceChildren(...rows);
}

function rowHead(text) {
  return Object.assign(make("th", "", text), { scope: "row" });
}

export function compareUrls(first, second) {
  const inputs = [byId("first"), byId("second")];
  inputs[0].value = first;
  inputs[1].value = second;
  const update = () => show(...inputs.map(parse));
  inputs.forEach(input => input.addEventListener("input", update));
  byId("origins").addEventListener("submit", event => event.preventDefault());
  update();
}

function parse(input) {
  const url = URL.canParse(input.value) ? new URL(input.value) : null;
  input.setAttribute("aria-invalid", String(url === null));
  return url;
}

function show(first, second) {
  drawParts(byId("parts"), ["First", "Second"], [first, second]);
  byId("comparison").textContent = comparison(first, second);
}

function comparison(first, second) {
  if (!first || !second) {
    return `The ${first ? "second" : "first"} is not a valid URL: a URL has a scheme and a host, as in https://example.com.`;
  }
  if (first.origin === "null" || second.origin === "null") {
    return "Different origins: a URL without a host has an opaque origin, sent as null, which is never the same as another.";
  }
  if (first.origin === second.origin) {
    return "The same origin: path and query do not matter, and CORS does not apply.";
  }
  const differing = PARTS.filter(([, part]) => part(first) !== part(second)).map(([name]) => name);
  return `Different origins: the ${differing.join(" and the ")} ${differing.length > 1 ? "differ" : "differs"}.`;
}
