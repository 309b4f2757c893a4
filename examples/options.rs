//! The command line that several examples share: `[--listen HOST:PORT] [--help]`, and operands.

use std::io::ErrorKind;
use std::process::exit;

use tokio::net::TcpListener;

pub struct Options {
    listen: String,
    pub operands: Vec<String>,
}

impl Options {
    /// Reads the program's arguments, of which at most `max_operands` are operands. `--help` prints the help and ends
    /// the program, as does an argument that is not known.
    pub fn parse(help: &str, listen: &str, max_operands: usize) -> Self {
        let mut options = Options { listen: listen.into(), operands: Vec::new() };
        let usage = help.lines().next().unwrap_or_default();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => {
                    println!("{help}");
                    exit(0);
                }
                "--listen" => match arguments.next() {
                    Some(listen) => options.listen = listen,
                    None => fail(&format!("--listen needs a HOST:PORT\n{usage}")),
                },
                operand if !operand.starts_with('-') && options.operands.len() < max_operands => {
                    options.operands.push(argument);
                }
                other => fail(&format!("unknown argument {other:?}\n{usage}")),
            }
        }
        options
    }

    /// Listens, or ends the program with a message that says why not.
    pub async fn bind(&self) -> TcpListener {
        let Options { listen, .. } = self;
        match TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == ErrorKind::AddrInUse => fail(&format!(
                "cannot listen on {listen}: another program does; choose another port with --listen HOST:PORT"
            )),
            Err(error) => fail(&format!("cannot listen on {listen}: {error}")),
        }
    }
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    exit(1)
}
