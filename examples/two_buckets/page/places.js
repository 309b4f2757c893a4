// Finds the lines of a document, XML or JSON, that paths such as CORSRules[0].AllowedOrigins[2] are about.

// Reads the document once, and gives what tells the line of a path.
export function linesOf(text) {
  const entries = text.trimStart().startsWith("<") ? xmlEntries(text) : jsonEntries(text);
  return path => lineOf(text, entries, path);
}

// The line, from 1; that of the rule, or the first, where the path leads to nothing that is written.
function lineOf(text, entries, path = "") {
  const [, rule, field = "", index] = /^CORSRules\[(\d+)\](?:\.(\w+))?(?:\[(\d+)\])?/.exec(path) ?? [];
  const ofRule = entries.filter(entry => entry.rule === Number(rule));
  const ofField = ofRule.filter(entry => entry.field === plain(field));
  const found = ofField[Number(index ?? 0)] ?? ofField[0] ?? ofRule[0];
  return text.slice(0, found?.at ?? 0).split("\n").length;
}

// AllowedOrigin, AllowedOrigins, allowed_origins: one field.
function plain(name) {
  return name.toLowerCase().replace(/[^a-z]/g, "").replace(/s$/, "");
}

function xmlEntries(text) {
  const entries = [];
  let rule = -1;
  for (const { 1: name, index } of text.matchAll(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<(?:[\w.-]+:)?([\w.-]+)/g)) {
    if (name === "CORSRule") rule += 1;
    if (name) entries.push({ rule, field: name === "CORSRule" ? "" : plain(name), at: index });
  }
  return entries;
}

// Rules are the objects of the first array; what is not valid JSON is read as far as it makes sense.
function jsonEntries(text) {
  const entries = [];
  const open = [];
  let [rule, field] = [-1, ""];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[[\]{}]|[^\s,:[\]{}"]+/g)) {
    const inRule = open.join("").startsWith("[{") || open.join("").startsWith("{[{");
    if (token === "]" || token === "}") open.pop();
    else if (token === "[" || token === "{") {
      open.push(token);
      if (token === "{" && /^\{?\[\{$/.test(open.join(""))) entries.push({ rule: (rule += 1), field: "", at: index });
    } else if (token.endsWith(":")) {
      field = plain(token.slice(1, token.lastIndexOf('"')));
    } else if (inRule) entries.push({ rule, field, at: index });
  }
  return entries;
}
