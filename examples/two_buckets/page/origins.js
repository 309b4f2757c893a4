// Takes two URLs apart into scheme, host and port, and says whether they are of one origin.

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
  [inputs[0].value, inputs[1].value] = [first, second];
  const update = () => show(...inputs.map(read));
  inputs.forEach(input => input.addEventListener("input", update));
  document.getElementById("origins").addEventListener("submit", event => event.preventDefault());
  update();
}

function read(input) {
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
  document.getElementById("comparison").textContent = verdict(first, second);
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

function verdict(first, second) {
  if (!first || !second) {
    return `The ${first ? "second" : "first"} is no URL: it needs a scheme and a host, as in https://example.com.`;
  }
  if (first.origin === "null" || second.origin === "null") {
    return "Different origins: a URL without a host has an origin of its own, sent as null, which equals nothing.";
  }
  if (first.origin === second.origin) {
    return "The same origin: whatever differs in path or query, CORS is not asked.";
  }
  const differing = parts.slice(0, 3).filter(([, part]) => part(first) !== part(second)).map(([name]) => name.toLowerCase());
  return `Different origins: the ${differing.join(" and the ")} ${differing.length > 1 ? "differ" : "differs"}.`;
}
