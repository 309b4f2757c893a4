// The rules in force, and the presets. What depends on the rules listens for "change".
export class Rules extends EventTarget {
  constructor({ document, presets }) {
    super();
    this.document = document;
    this.presets = presets;
  }

  preset(id) {
    return this.presets.find(preset => preset.id === id);
  }

  get active() {
    return this.presets.find(preset => preset.document === this.document);
  }

  get name() {
    return this.active?.name ?? "Your own rules";
  }

  // Returns whether the document is in force now, and the findings about it.
  async apply(text) {
    const [applied, findings] = await send("PUT", "/api/rules", text);
    if (applied) this.adopt(text);
    return [applied, findings];
  }

  // Another page may have changed the rules. If this page did meanwhile, the answer is out of date.
  async refresh() {
    const before = this.document;
    const { document } = await (await fetch("/api/rules")).json();
    if (this.document === before && document !== before) this.adopt(document);
  }

  adopt(document) {
    this.document = document;
    this.dispatchEvent(new Event("change"));
  }
}

// Returns whether the server accepted the document, and its answer.
export async function send(method, url, body) {
  const response = await fetch(url, { method, body });
  const isJson = response.headers.get("content-type") === "application/json";
  return [response.ok, await (isJson ? response.json() : response.text())];
}
