// Loads the image of the other bucket into a frame, with CORS; a blocked image leaves the frame crossed out.
import { make } from "./dom.js";

// Returns whether the image loaded.
export async function loadPicture(frame, url) {
  const image = new Image();
  image.crossOrigin = "anonymous";
  image.alt = "Two red buckets in front of blue mountains";
  const loaded = await new Promise(resolve => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
  frame.dataset.outcome = loaded ? "worked" : "blocked";
  frame.replaceChildren(loaded ? image : make("p", "", "Blocked by the browser"));
  return loaded;
}

export function clearPicture(frame, text) {
  frame.dataset.outcome = "waiting";
  frame.replaceChildren(make("p", "", text));
}
