// Draws what the browser and the server sent each other: two lanes, and an arrow for each message, in order. To a
// screen reader it is a list. On an arrow are the headers that decide; one that is missing is shown as missing.
import { make, spoken } from "./dom.js";
import { header, isPreflight } from "./traffic.js";

const NAMES = [
  "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Access-Control-Allow-Origin",
  "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Vary",
];
const byLowerCase = new Map(NAMES.map(name => [name.toLowerCase(), name]));

// Methods that need no permission beyond that of the origin.
const SIMPLE = new Set(["GET", "HEAD", "POST"]);

// `unsent` is a request that the browser did not send, and why.
export function drawLanes(traffic, { worked, unsent = {} }) {
  const arrows = traffic.flatMap((exchange, index) => {
    // Only the last answer can be the one that the browser did not accept.
    const granted = worked || index < traffic.length - 1;
    return [requestArrow(exchange), responseArrow(exchange, granted)];
  });
  if (unsent.before) arrows.unshift(unsentArrow(unsent.before));
  if (unsent.after) arrows.push(unsentArrow(unsent.after));
  const heads = make("div", "heads", make("span", "", "Browser"), make("span", "", "Server"));
  heads.ariaHidden = "true";
  const list = make("ol", "", ...arrows);
  // WebKit takes a list without markers for no list, unless it is told.
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", "What the browser and the server sent");
  const lanes = make("div", "lanes", heads, list);
  return traffic.length ? [lanes, allHeaders(traffic)] : [lanes];
}

function requestArrow(exchange) {
  const { request } = exchange;
  const path = request.target.split("?")[0];
  const kind = isPreflight(exchange) ? "preflight" : "actual request";
  const names = isPreflight(exchange)
    ? ["origin", "access-control-request-method", "access-control-request-headers"]
    : ["origin"];
  const rows = names.map(name => headerRow(name, header(request, name)));
  const wanted = rows.filter((row, index) => index === 0 || !row.classList.contains("missing"));
  const label = [make("code", "", `${request.method} ${path}`), make("span", "kind", kind)];
  return arrow("to-server", "Browser to server: ", label, wanted);
}

function responseArrow(exchange, granted) {
  const rows = decidingNames(exchange).map(([name, decides]) => headerRow(name, header(exchange.response, name), decides));
  const withCors = header(exchange.request, "origin") !== undefined;
  const kind = !withCors ? "without CORS" : granted ? "granted" : "not granted";
  const label = [make("code", "", String(exchange.response.status)), make("span", "kind", kind)];
  const item = arrow("to-browser", "Server to browser: ", label, rows);
  item.classList.add(granted ? "granted" : "refused");
  return item;
}

// The headers of an answer that are shown, and whether the browser needs them.
function decidingNames(exchange) {
  const { request, response } = exchange;
  if (header(request, "origin") === undefined) return [];
  if (!isPreflight(exchange)) {
    const exposed = header(response, "access-control-expose-headers");
    return [["access-control-allow-origin", true], ...(exposed ? [["access-control-expose-headers", false]] : []), ["vary", false]];
  }
  const method = header(request, "access-control-request-method");
  const asksForHeaders = header(request, "access-control-request-headers") !== undefined;
  return [
    ["access-control-allow-origin", true],
    ["access-control-allow-methods", !SIMPLE.has(method)],
    ...(asksForHeaders ? [["access-control-allow-headers", true]] : []),
    ["access-control-max-age", false],
    ["vary", false],
  ];
}

function unsentArrow({ label, reason }) {
  const item = arrow("to-server", "Browser to server: ", [make("code", "", label), make("span", "kind", "not sent")], []);
  item.classList.add("unsent");
  item.append(make("p", "reason", reason));
  return item;
}

function arrow(className, direction, label, rows) {
  const line = make("div", "arrow");
  line.ariaHidden = "true";
  const item = make("li", className, make("p", "label", spoken(direction), label[0], " ", label[1]), line);
  if (rows.length) item.append(make("dl", "", ...rows));
  return item;
}

function headerRow(name, value, decides = false) {
  const row = make("div", value === undefined ? "missing" : "", make("dt", "", byLowerCase.get(name) ?? name));
  if (value === undefined && decides) row.classList.add("decides");
  // An origin never wraps; a list of names may, after a comma.
  row.append(make("dd", "", ...(value ?? "missing").split(/(?<=,)\s*/).flatMap(part => [make("span", "part", part), " "])));
  return row;
}

function allHeaders(traffic) {
  const blocks = traffic.flatMap(({ request, response }) => [
    headerList(`${request.method}: the browser sent`, request.headers),
    headerList(`${response.status}: the server answered`, response.headers),
  ]);
  return make("details", "all-headers", make("summary", "", "All headers"), ...blocks);
}

function headerList(title, lines) {
  const rows = lines.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value)));
  return make("div", "", make("p", "title", title), make("dl", "", ...rows));
}
