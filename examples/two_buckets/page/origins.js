// Splits two URLs into scheme, host and port, and compares their origins.

const parts = [
  ["Scheme", url => url.protocol.replace(":", "")],
  ["Host", url => url.hostname],
  ["Port", url => url.port || defaultPort(url) || "none"],
  ["Origin", url => url.origin],
];

function defaultPort(url) {
  return { "http:": "80 (the default)", "https:": "443 (the default)", "ftp:": "21 (the default)" }[url.protocol];
}

export function compareOrigins(first, second) {
  const inputs = [document.getElementById("first"), document.getElementById("second")];
  inputs[0].value = first;
  inputs[1].value = second;
  const update = () => show(...inputs.map(parse));
  inputs.forEach(input => input.addEventListener("input", update));
  document.getElementById("origins").addEventListener("submit", event => event.preventDefault());
  update();
}

function parse(input) {
  const url = URL.canParse(input.value) ? new URL(input.value) : null;
  input.setAttribute("aria-invalid", String(url === null));
  return url;
}

function show(first, second) {
  const rows = parts.map(([name, part]) => {
    const values = [first, second].map(url => (url ? part(url) : "–"));
    return row(name, values, Boolean(first && second) && values[0] === values[1] && values[0] !== "null");
  });
  document.getElementById("parts").replaceChildren(...rows);
  document.getElementById("comparison").textContent = comparison(first, second);
}

function row(name, values, equal) {
  const tr = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  tr.append(head);
  for (const text of [...values, equal ? "yes" : "no"]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    tr.append(cell);
  }
  tr.className = equal ? "equal" : "unequal";
  return tr;
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
  const differing = parts.slice(0, 3).filter(([, part]) => part(first) !== part(second)).map(([name]) => name.toLowerCase());
  return `Different origins: the ${differing.join(" and the ")} ${differing.length > 1 ? "differ" : "differs"}.`;
}
