// Findings about the document in the editor: a mark at each line, and a list with what to do.
import { byId, make } from "./dom.js";

export class Findings {
  // `onSelect` gets a line, `onFix` a suggestion.
  constructor(onSelect, onFix) {
    Object.assign(this, { onSelect, onFix, all: [], lines: [] });
  }

  show(findings, text) {
    this.all = findings;
    this.draw(text);
  }

  // Keeps findings below an edited line at their text when lines are added or removed. A suggestion is for the text
  // that was checked.
  move(text) {
    const lines = text.split("\n");
    const edited = lines.findIndex((line, index) => line !== this.lines[index]) + 1;
    for (const finding of this.all) {
      if (edited && finding.line > edited) finding.line += lines.length - this.lines.length;
      finding.fix = null;
    }
    this.draw(text);
  }

  draw(text) {
    this.lines = text.split("\n");
    const lines = this.lines.map((line, index) => {
      const severities = this.all.filter(finding => finding.line === index + 1).map(({ severity }) => severity);
      return make("span", severities.join(" "), line);
    });
    byId("lines").replaceChildren(...lines);
    byId("findings").replaceChildren(...this.all.map(finding => this.item(finding)));
    const invalid = this.all.some(({ severity }) => severity === "problem");
    byId("document").setAttribute("aria-invalid", String(invalid));
  }

  item({ severity, line, field, id, message, fix }) {
    const place = button(`line ${line}`, () => this.onSelect(line));
    const item = make("li", severity, place, ` ${field ? `${field}: ` : ""}`);
    if (id) item.append(`${severity} `, Object.assign(make("a", "", id), { href: `/lints/${id}` }), ": ");
    item.append(message);
    if (fix) item.append(" ", button(`Write ${fix.value}`, () => this.onFix(fix)));
    return item;
  }
}

function button(text, onClick) {
  const button = make("button", "", text);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}
