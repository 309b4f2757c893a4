//! The service `example.Greeter`, with one method that can fail.

use tonic::{Request, Response, Status};

pub mod generated {
    tonic::include_proto!("example.Greeter");
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct HelloRequest {
    #[prost(string, tag = "1")]
    pub name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct HelloReply {
    #[prost(string, tag = "1")]
    pub message: String,
}

pub struct Greeter;

#[tonic::async_trait]
impl generated::greeter_server::Greeter for Greeter {
    async fn hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        let HelloRequest { name } = request.into_inner();
        if name.is_empty() {
            return Err(Status::invalid_argument("the name is missing"));
        }
        Ok(Response::new(HelloReply { message: format!("hello, {name}") }))
    }
}
