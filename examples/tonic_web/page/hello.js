// Calls example.Greeter/Hello by gRPC-web, by hand: a message is one byte of flags, four of length, and Protocol Buffers.

export async function hello(service, name) {
  const text = new TextEncoder().encode(name);
  // Field 1, a string of less than 128 bytes; an empty string is left out.
  const message = text.length ? [0x0a, text.length, ...text] : [];
  const response = await fetch(`${service}/example.Greeter/Hello`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" },
    body: new Uint8Array([0, 0, 0, 0, message.length, ...message]),
  });
  // A call that fails at once: the server has to expose these headers.
  const status = response.headers.get("grpc-status");
  if (status !== null && status !== "0") {
    return `status ${status}: ${decodeURIComponent(response.headers.get("grpc-message"))}`;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(1);
  // Without flags, key and length of the only field; the trailers follow.
  return new TextDecoder().decode(bytes.subarray(7, 5 + length));
}
