//! Generates the service's trait and server. With a .proto file: `tonic_prost_build::compile_protos`, which needs protoc.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let hello = Method::builder()
        .name("hello")
        .route_name("Hello")
        .input_type("crate::greeter::HelloRequest")
        .output_type("crate::greeter::HelloReply")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let greeter = Service::builder().package("example").name("Greeter").method(hello).build();
    Builder::new().build_client(false).compile(&[greeter]);
}
