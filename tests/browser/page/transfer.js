// Uploads to a presigned URL or downloads from it, as a page does. Returns what the page can read of the answer.
const [url, method, headers, body, done] = arguments;
fetch(url, { method, headers, body, cache: "no-store" })
  .then(async answer => `${answer.status} ${answer.headers.get("etag")} ${await answer.text()}`.trim())
  .then(done, () => done("rejected"));
