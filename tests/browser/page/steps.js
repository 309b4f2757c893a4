// What a page can do across origins. `run(base, steps)` runs the steps and returns one line of text for each.
// A failed step returns a fixed text, because error messages differ between engines.

const actions = {
  // Returns the response as a script sees it: status, body and, if `names` is set, the names of all readable headers.
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

  // Draws an image on a canvas and tries to read a pixel.
  async image(url, { crossorigin }) {
    const image = new Image();
    if (crossorigin !== undefined) {
      image.crossOrigin = crossorigin;
    }
    if (!(await loads(image, () => (image.src = url)))) {
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

  // Module scripts are always fetched with CORS.
  async module(url) {
    const script = document.createElement("script");
    script.type = "module";
    delete document.documentElement.dataset.module;
    const loaded = await loads(script, () => {
      script.src = url;
      document.head.append(script);
    });
    return loaded ? `ran: ${document.documentElement.dataset.module}` : "not loaded";
  },

  // Runs a step in a sandboxed frame. Its origin is opaque, so it sends `Origin: null`.
  async sandboxed(url, step) {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    const message = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    // A srcdoc frame has no base URL, so the script needs an absolute one.
    const call = `run("", [${JSON.stringify({ ...step, sandboxed: undefined, fetch: url })}])`;
    frame.srcdoc = `<script src="${location.origin}/steps.js"></script>
      <script>${call}.then(([line]) => parent.postMessage(line, "*"))</script>`;
    document.body.append(frame);
    const { data } = await message;
    frame.remove();
    return data;
  },

  // Sets a cookie for the paths of this case only, because cookies are shared between ports.
  async cookie(url, { value }) {
    document.cookie = `${value}; path=${new URL(url).pathname}`;
    return "set";
  },

  async wait(_, { wait }) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    return "waited";
  },
};

// Resolves to whether the element was loaded.
function loads(element, start) {
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
    lines.push(name ? await actions[name](base + step[name], step) : `unknown step: ${JSON.stringify(step)}`);
  }
  return lines;
}
