// The editor of the rules: applies or converts the document, and says which rules are in force.
import { byId, make } from "./dom.js";
import { whileBusy } from "./busy.js";
import { Findings } from "./findings.js";
import { send } from "./rules.js";

export class Editor {
  constructor(rules) {
    this.rules = rules;
    this.area = byId("document");
    this.findings = new Findings(line => this.select(line), fix => this.fix(fix));
    this.buttons = rules.presets.map(preset => this.presetButton(preset));
    byId("presets").append(...this.buttons);
    this.area.addEventListener("input", () => this.onInput());
    this.area.addEventListener("scroll", () => this.syncScroll());
    this.area.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.apply();
    });
    byId("apply").addEventListener("click", () => this.apply());
    byId("as-json").addEventListener("click", () => whileBusy(() => this.convert("json")));
    byId("as-xml").addEventListener("click", () => whileBusy(() => this.convert("xml")));
    byId("show-active").addEventListener("click", () => this.load(rules.document));
    // Rules can be applied elsewhere too. What someone is writing is kept.
    rules.addEventListener("change", () => {
      if (this.area.value === this.loaded) this.load(rules.document);
      this.showState();
    });
    this.load(rules.document);
  }

  presetButton(preset) {
    const button = make("button", "", preset.name);
    button.type = "button";
    button.addEventListener("click", () => {
      this.load(preset.document);
      this.apply();
    });
    return Object.assign(button, { preset });
  }

  load(text) {
    this.area.value = this.loaded = text;
    this.area.scrollTo(0, 0);
    this.findings.show([], text);
    this.setStatus("");
    this.showState();
  }

  apply() {
    return whileBusy(async () => {
      const text = (this.loaded = this.area.value);
      const [applied, findings] = await this.rules.apply(text);
      this.findings.show(findings, text);
      if (!applied) return this.setStatus(`Not applied: ${count(findings, "problem")}. The rules in force are unchanged.`, "refused");
      const noted = findings.length ? `, with ${count(findings, "lint")}` : "";
      this.setStatus(`Applied${noted}.`, findings.length ? "noted" : "applied");
    });
  }

  async convert(format) {
    const [converted, answer] = await send("POST", `/api/rules/as/${format}`, this.area.value);
    if (converted) return this.load(format === "xml" ? indent(answer) : answer);
    this.findings.show(answer, this.area.value);
    this.setStatus(`Not converted: ${count(answer, "problem")}.`, "refused");
  }

  fix({ start, end, text }) {
    this.area.setRangeText(text, start, end);
    return this.apply();
  }

  onInput() {
    this.setStatus("");
    this.findings.move(this.area.value);
    this.showState();
    this.syncScroll();
  }

  setStatus(text, outcome = "") {
    byId("status").textContent = text;
    byId("status").dataset.outcome = outcome;
  }

  // Only a preset that is in force is pressed: a document that was refused must not look applied.
  showState() {
    const { rules, area } = this;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.preset.document === rules.document));
    }
    const shown = rules.presets.find(preset => preset.document === area.value);
    byId("hint").textContent = shown?.hint ?? "";
    byId("difference").textContent = area.value === rules.document ? "" : "The text below is not in force.";
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

function count(findings, noun) {
  return `${findings.length} ${noun}${findings.length === 1 ? "" : "s"}`;
}
