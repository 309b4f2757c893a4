//! CORS rules inside an app's own settings: `cargo run -p settings`, or with an origin of your own:
//! `APP_ORIGINS=https://a.example,https://b.example cargo run -p settings`.

use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

#[derive(Deserialize)]
struct Settings {
    listen: String,
    cors: CorsConfiguration,
    /// Set in the environment, for deployments that differ in their origins alone.
    origins: Option<String>,
}

const HELP: &str = "\
usage: settings [--help]

Reads CORS rules from an app's own settings and prints the rules that it would serve under.

  APP_ORIGINS, in the environment: origins that may read too, separated by commas";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(argument) = std::env::args().nth(1) {
        if argument == "--help" || argument == "-h" {
            println!("{HELP}");
            return Ok(());
        }
        eprintln!("unknown argument {argument:?}\nusage: settings [--help]");
        std::process::exit(1);
    }
    let settings: Settings = Config::builder()
        .add_source(File::from_str(include_str!("../settings.toml"), FileFormat::Toml))
        .add_source(Environment::with_prefix("APP"))
        .build()?
        .try_deserialize()?;
    let mut cors = settings.cors;
    if let Some(rule) = CorsRule::from_origin_list(&settings.origins.unwrap_or_default(), ["GET"]) {
        cors.rules.push(rule);
    }
    let policy = CorsPolicy::builder().strict(true).build(&cors)?;
    println!("{} would serve under these rules:\n{}", settings.listen, policy.configuration().to_json());
    Ok(())
}
