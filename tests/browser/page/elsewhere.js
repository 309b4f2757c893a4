// Applies a document behind the back of this page's scripts, then gives the page the focus again.
const [text, done] = arguments;
fetch("/api/rules", { method: "PUT", body: text }).then(() => {
  dispatchEvent(new Event("focus"));
  done(true);
});
