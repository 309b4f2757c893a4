// What the server recorded of the requests to the other bucket. Browsers hide these things from scripts.

// The URL of a try, by which its requests are found.
export const tryUrl = (assets, path, name, key) => `${assets}${path}?try=${name}&run=${key}`;

export async function fetchTraffic(name, key) {
  const traffic = await (await fetch("/api/traffic")).json();
  return traffic.filter(({ request }) => request.target.endsWith(`?try=${name}&run=${key}`));
}

export const header = ({ headers }, name) => headers.find(([other]) => other === name)?.[1];

export const isPreflight = ({ request }) =>
  request.method === "OPTIONS" && header(request, "access-control-request-method") !== undefined;
