// The editor of the rules: applies or converts the document, and shows each finding at its line.
import { whileBusy } from "./busy.js";

const byId = id => document.getElementById(id);

export class Editor {
  constructor({ document: activeText, presets }, onApplied) {
    this.onApplied = onApplied;
    this.activeText = activeText;
    this.area = byId("document");
    this.findings = [];
    this.buttons = presets.map(preset => this.presetButton(preset));
    byId("presets").append(...this.buttons);
    this.area.addEventListener("input", () => this.onInput());
    this.area.addEventListener("scroll", () => this.syncScroll());
    this.area.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.apply();
    });
    byId("apply").addEventListener("click", () => this.apply());
    byId("as-json").addEventListener("click", () => whileBusy(() => this.convert("json")));
    byId("as-xml").addEventListener("click", () => whileBusy(() => this.convert("xml")));
    byId("show-active").addEventListener("click", () => this.load(this.activeText));
    this.load(activeText);
  }

  presetButton(preset) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = preset.name;
    button.addEventListener("click", () => {
      this.load(preset.document);
      this.apply();
    });
    return Object.assign(button, { preset });
  }

  load(text) {
    this.area.value = text;
    this.area.scrollTo(0, 0);
    this.show([]);
    this.setStatus("");
  }

  apply() {
    return whileBusy(() => this.applyNow());
  }

  async applyNow() {
    const text = this.area.value;
    const [applied, findings] = await send("PUT", "/api/rules", text);
    this.show(findings);
    if (!applied) {
      this.setStatus(`Not applied: ${count(findings, "problem")}. The active rules are unchanged.`, "refused");
      return;
    }
    this.activeText = text;
    const status = `Applied${findings.length ? `, with ${count(findings, "lint")}` : ""}.`;
    this.setStatus(status, "applied");
    const summary = await this.onApplied();
    if (summary && this.area.value === text) this.setStatus(`${status} ${summary}`, "applied");
  }

  async convert(format) {
    const [converted, answer] = await send("POST", `/api/rules/as/${format}`, this.area.value);
    if (converted) return this.load(format === "xml" ? indent(answer) : answer);
    this.show(answer);
    this.setStatus(`Not converted: ${count(answer, "problem")}.`, "refused");
  }

  onInput() {
    this.setStatus(this.area.value === this.activeText ? "" : "Not applied yet.");
    this.moveFindings();
    this.draw();
  }

  setStatus(text, outcome = "") {
    byId("status").textContent = text;
    byId("status").dataset.outcome = outcome;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.preset.document === this.area.value));
    }
    const preset = this.buttons.map(button => button.preset).find(preset => preset.document === this.area.value);
    byId("hint").textContent = preset?.hint ?? "Your own rules.";
  }

  show(findings) {
    this.findings = findings;
    this.draw();
  }

  draw() {
    this.drawnLines = this.area.value.split("\n");
    const lines = this.drawnLines.map((text, index) =>
      lineElement(text, this.findings.filter(({ line }) => line === index + 1)));
    byId("lines").replaceChildren(...lines);
    byId("findings").replaceChildren(...this.findings.map(finding => this.findingItem(finding)));
    this.area.setAttribute("aria-invalid", String(this.findings.some(({ severity }) => severity === "problem")));
    this.syncScroll();
  }

  // Keeps findings below the edited line at their text when lines are added or removed.
  moveFindings() {
    const lines = this.area.value.split("\n");
    const edited = lines.findIndex((line, index) => line !== this.drawnLines[index]) + 1;
    for (const finding of this.findings) {
      if (edited && finding.line > edited) finding.line += lines.length - this.drawnLines.length;
    }
  }

  findingItem({ severity, line, location, message }) {
    const item = document.createElement("li");
    item.className = severity;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `line ${line}`;
    button.addEventListener("click", () => this.select(line));
    item.append(button, ` ${location ? `${location}: ` : ""}${message}`);
    return item;
  }

  select(line) {
    const before = this.area.value.split("\n").slice(0, line - 1).join("\n");
    const start = before.length + (line > 1 ? 1 : 0);
    const end = this.area.value.indexOf("\n", start);
    this.area.focus();
    this.area.setSelectionRange(start, end < 0 ? this.area.value.length : end);
  }

  syncScroll() {
    byId("lines").scrollTo(this.area.scrollLeft, this.area.scrollTop);
  }
}

async function send(method, url, body) {
  const response = await fetch(url, { method, body });
  const isJson = response.headers.get("content-type") === "application/json";
  return [response.ok, await (isJson ? response.json() : response.text())];
}

// The server writes XML on one line.
function indent(xml) {
  let depth = 0;
  return xml.replace(/>\s*<(\/?)/g, (_, closing, at) => {
    const opened = xml.slice(xml.lastIndexOf("<", at), at);
    if (!/^<[/?]/.test(opened)) depth += 1;
    if (closing) depth -= 1;
    return `>\n${"  ".repeat(depth)}<${closing}`;
  }) + "\n";
}

function lineElement(text, findings) {
  const line = document.createElement("span");
  line.textContent = text;
  for (const { severity, location = "", message } of findings) {
    line.classList.add(severity);
    const note = document.createElement("i");
    // Names the field: a message about a missing field is shown at the line of its rule.
    const field = /\.(\w+)$/.exec(location)?.[1];
    note.textContent = field ? `${field}: ${message}` : message;
    line.append(note);
  }
  return line;
}

function count(findings, noun) {
  return `${findings.length} ${noun}${findings.length === 1 ? "" : "s"}`;
}
