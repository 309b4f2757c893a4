// The rules in an editor: applied as they are, with each finding shown at the line it is about.
import { whileBusy } from "./busy.js";

const byId = id => document.getElementById(id);

export class Editor {
  constructor({ document: rules, sets }, changed) {
    this.changed = changed;
    this.inForce = rules;
    this.area = byId("document");
    this.findings = [];
    this.buttons = sets.map(set => this.setButton(set));
    byId("sets").append(...this.buttons);
    this.area.addEventListener("input", () => this.edited());
    this.area.addEventListener("scroll", () => this.scrolled());
    this.area.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.apply();
    });
    byId("apply").addEventListener("click", () => this.apply());
    byId("as-json").addEventListener("click", () => whileBusy(() => this.convert("json")));
    byId("as-xml").addEventListener("click", () => whileBusy(() => this.convert("xml")));
    byId("in-force").addEventListener("click", () => this.load(this.inForce));
    this.load(rules);
  }

  setButton(set) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = set.name;
    button.addEventListener("click", () => {
      this.load(set.document);
      this.apply();
    });
    return Object.assign(button, { set });
  }

  load(text) {
    this.area.value = text;
    this.area.scrollTo(0, 0);
    this.show([]);
    this.say("");
  }

  apply() {
    return whileBusy(() => this.applyNow());
  }

  async applyNow() {
    const text = this.area.value;
    const [applied, findings] = await send("PUT", "/api/rules", text);
    this.show(findings);
    if (!applied) {
      this.say(`Not applied: ${count(findings, "problem")}. The rules that were in force stay.`, "refused");
      return;
    }
    this.inForce = text;
    const words = `Applied${findings.length ? `, with ${count(findings, "lint")}` : ""}.`;
    this.say(words, "applied");
    const outcome = await this.changed();
    if (outcome && this.area.value === text) this.say(`${words} ${outcome}`, "applied");
  }

  async convert(format) {
    const [converted, answer] = await send("POST", `/api/rules/as/${format}`, this.area.value);
    if (converted) return this.load(format === "xml" ? indented(answer) : answer);
    this.show(answer);
    this.say(`Not converted: ${count(answer, "problem")}.`, "refused");
  }

  edited() {
    this.say(this.area.value === this.inForce ? "" : "Not applied yet.");
    this.moveFindings();
    this.draw();
  }

  say(text, outcome = "") {
    byId("applied").textContent = text;
    byId("applied").dataset.outcome = outcome;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.set.document === this.area.value));
    }
    byId("about").textContent = this.buttons.find(({ set }) => set.document === this.area.value)?.set.about ?? "Rules of your own.";
  }

  show(findings) {
    this.findings = findings;
    this.draw();
  }

  draw() {
    this.drawn = this.area.value.split("\n");
    const lines = this.drawn.map((text, index) => drawn(text, this.findings.filter(({ line }) => line === index + 1)));
    byId("lines").replaceChildren(...lines);
    byId("findings").replaceChildren(...this.findings.map(finding => this.listed(finding)));
    this.area.setAttribute("aria-invalid", String(this.findings.some(({ severity }) => severity === "problem")));
    this.scrolled();
  }

  // Findings below an edit move with their lines.
  moveFindings() {
    const lines = this.area.value.split("\n");
    const edited = lines.findIndex((line, index) => line !== this.drawn[index]) + 1;
    for (const finding of this.findings) {
      if (edited && finding.line > edited) finding.line += lines.length - this.drawn.length;
    }
  }

  listed({ severity, line, location, message }) {
    const item = document.createElement("li");
    item.className = severity;
    const go = document.createElement("button");
    go.type = "button";
    go.textContent = `line ${line}`;
    go.addEventListener("click", () => this.select(line));
    item.append(go, ` ${location ? `${location}: ` : ""}${message}`);
    return item;
  }

  select(line) {
    const before = this.area.value.split("\n").slice(0, line - 1).join("\n");
    const start = before.length + (line > 1 ? 1 : 0);
    const end = this.area.value.indexOf("\n", start);
    this.area.focus();
    this.area.setSelectionRange(start, end < 0 ? this.area.value.length : end);
  }

  scrolled() {
    byId("lines").scrollTo(this.area.scrollLeft, this.area.scrollTop);
  }
}

async function send(method, url, body) {
  const response = await fetch(url, { method, body });
  const isJson = response.headers.get("content-type") === "application/json";
  return [response.ok, await (isJson ? response.json() : response.text())];
}

// S3 writes XML without blanks; people read it with them.
function indented(xml) {
  let depth = 0;
  return xml.replace(/>\s*<(\/?)/g, (_, closing, at) => {
    const opened = xml.slice(xml.lastIndexOf("<", at), at);
    if (!/^<[/?]/.test(opened)) depth += 1;
    if (closing) depth -= 1;
    return `>\n${"  ".repeat(depth)}<${closing}`;
  }) + "\n";
}

function drawn(text, findings) {
  const line = document.createElement("span");
  line.textContent = text;
  for (const { severity, location = "", message } of findings) {
    line.classList.add(severity);
    const after = document.createElement("i");
    // The line shows an entry, but not which field a rule lacks.
    const field = /\.(\w+)$/.exec(location)?.[1];
    after.textContent = field ? `${field}: ${message}` : message;
    line.append(after);
  }
  return line;
}

function count(findings, what) {
  return `${findings.length} ${what}${findings.length === 1 ? "" : "s"}`;
}
