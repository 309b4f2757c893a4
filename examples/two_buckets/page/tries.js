// What the page tries with the other bucket. Each function returns what it did, or throws if the browser blocked it.

export const tries = [
  { name: "image", label: "image", path: "/image.svg", run: drawImage },
  { name: "font", label: "font", path: "/dots.ttf", run: loadFont },
  { name: "json", label: "document", path: "/data.json", run: readDocument },
  { name: "put", label: "PUT", path: "/note.txt", run: putNote },
  { name: "delete", label: "DELETE", path: "/draft.txt", run: deleteNote },
];

async function drawImage(url, card) {
  const canvas = card.querySelector("canvas");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  const image = new Image();
  image.crossOrigin = "anonymous";
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () => reject(new Error("the image did not load"));
    image.src = url;
  });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const [red, green, blue] = context.getImageData(250, 52, 1, 1).data;
  return `Drawn, and a pixel read: the sun is rgb(${red}, ${green}, ${blue}).`;
}

async function loadFont(url, card) {
  document.fonts.forEach(face => document.fonts.delete(face));
  const face = new FontFace("Dots", `url("${url}")`);
  card.querySelector(".sample").classList.remove("loaded");
  await face.load();
  document.fonts.add(face);
  card.querySelector(".sample").classList.add("loaded");
  return "Loaded, and used above.";
}

async function readDocument(url) {
  const response = await fetch(url);
  const { message } = await response.json();
  const etag = response.headers.get("etag");
  return `Its message is “${message}”. Its ETag ${etag ? `is ${etag}` : "is not exposed"}.`;
}

async function putNote(url) {
  const response = await fetch(url, { method: "PUT", headers: { "x-note": "from the page" }, body: "hello" });
  return `Written, with status ${response.status}.`;
}

async function deleteNote(url) {
  const response = await fetch(url, { method: "DELETE" });
  return `Deleted, with status ${response.status}.`;
}
