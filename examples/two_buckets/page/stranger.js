// The page of a stranger tries to read the image too, and tells the page around it whether that worked.
import { byId } from "./dom.js";
import { loadPicture } from "./picture.js";

const sibling = name => location.origin.replace("stranger", name);
const key = new URLSearchParams(location.search).get("run");
const loaded = await loadPicture(byId("picture"), `${sibling("assets")}/image.svg?try=stranger&run=${key}`);
parent.postMessage({ key, loaded }, sibling("site"));
