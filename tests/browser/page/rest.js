// Waits until the page is idle.
const [done] = arguments;
const observer = new MutationObserver(check);
function check() {
  if (document.body.ariaBusy !== "false") return;
  observer.disconnect();
  done(true);
}
observer.observe(document.body, { attributes: true });
check();
