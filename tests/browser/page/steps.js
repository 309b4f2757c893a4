// What a page can do across origins, each step as one line of text: `run(base, steps)` gives the lines.
// Error texts differ by engine, so a failure is told as no more than that.

const actions = {
  // The answer as a script sees it: status, body and, if asked, the names of all headers that it may read.
  async fetch(url, { method = "GET", headers = [], body, credentials = "same-origin", cache = "default", names }) {
    let answer;
    try {
      answer = await fetch(url, { method, headers, body, credentials, cache });
    } catch {
      return "rejected";
    }
    const readable = names ? `, readable: ${[...answer.headers.keys()].sort().join(" ")}` : "";
    return `${answer.status} ${await answer.text()}${readable}`;
  },

  // An image on a canvas: may the page read the pixels?
  async image(url, { crossorigin }) {
    const image = new Image();
    if (crossorigin !== undefined) {
      image.crossOrigin = crossorigin;
    }
    if (!(await settled(image, () => (image.src = url)))) {
      return "not loaded";
    }
    const context = document.createElement("canvas").getContext("2d");
    context.drawImage(image, 0, 0);
    try {
      return `readable: ${context.getImageData(0, 0, 1, 1).data.slice(0, 3).join(" ")}`;
    } catch {
      return "tainted";
    }
  },

  async font(url) {
    try {
      await new FontFace("Box", `url(${url})`).load();
      return "loaded";
    } catch {
      return "not loaded";
    }
  },

  // Modules are fetched with CORS, always.
  async module(url) {
    const script = document.createElement("script");
    script.type = "module";
    delete document.documentElement.dataset.module;
    const loaded = await settled(script, () => {
      script.src = url;
      document.head.append(script);
    });
    return loaded ? `ran: ${document.documentElement.dataset.module}` : "not loaded";
  },

  // The same step in a sandboxed frame, whose origin is opaque: it sends `Origin: null`.
  async sandboxed(url, step) {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    const message = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    // srcdoc has no base of its own that a path could be resolved with.
    const call = `run("", [${JSON.stringify({ ...step, sandboxed: undefined, fetch: url })}])`;
    frame.srcdoc = `<script src="${location.origin}/steps.js"></script>
      <script>${call}.then(([line]) => parent.postMessage(line, "*"))</script>`;
    document.body.append(frame);
    const { data } = await message;
    frame.remove();
    return data;
  },

  // A cookie that only the paths of this case get: cookies know no ports.
  async cookie(url, { value }) {
    document.cookie = `${value}; path=${new URL(url).pathname}`;
    return "set";
  },

  async wait(_, { wait }) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    return "waited";
  },
};

function settled(element, start) {
  return new Promise((resolve) => {
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    start();
  });
}

async function run(base, steps) {
  const lines = [];
  for (const step of steps) {
    const [name] = Object.keys(step).filter((key) => key in actions);
    lines.push(name ? await actions[name](base + step[name], step) : `no such step: ${JSON.stringify(step)}`);
  }
  return lines;
}
