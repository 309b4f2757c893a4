// What a page does with another origin: each tells what it could do, or throws when the browser kept it from that.

export const tries = [
  { name: "image", label: "image", path: "/image.svg", act: image },
  { name: "font", label: "font", path: "/dots.ttf", act: font },
  { name: "json", label: "document", path: "/data.json", act: json },
  { name: "put", label: "PUT", path: "/note.txt", act: put },
  { name: "delete", label: "DELETE", path: "/draft.txt", act: remove },
];

async function image(url, card) {
  const canvas = card.querySelector("canvas");
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const picture = new Image();
  picture.crossOrigin = "anonymous";
  await new Promise((resolve, reject) => {
    picture.onload = resolve;
    picture.onerror = () => reject(new Error("the image did not load"));
    picture.src = url;
  });
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const [red, green, blue] = pen.getImageData(250, 52, 1, 1).data;
  return `Drawn, and read back: the sun is rgb(${red}, ${green}, ${blue}).`;
}

async function font(url, card) {
  document.fonts.forEach(face => document.fonts.delete(face));
  const face = new FontFace("Dots", `url("${url}")`);
  card.querySelector(".sample").classList.remove("loaded");
  await face.load();
  document.fonts.add(face);
  card.querySelector(".sample").classList.add("loaded");
  return "Loaded, and in use above.";
}

async function json(url) {
  const response = await fetch(url);
  const { message } = await response.json();
  const tag = response.headers.get("etag");
  return `It says “${message}”. Its ETag ${tag ? `is ${tag}` : "is not exposed"}.`;
}

async function put(url) {
  const response = await fetch(url, { method: "PUT", headers: { "x-note": "from the page" }, body: "hello" });
  return `Written, with status ${response.status}.`;
}

async function remove(url) {
  const response = await fetch(url, { method: "DELETE" });
  return `Deleted, with status ${response.status}.`;
}
