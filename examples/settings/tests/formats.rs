//! Rules in settings of every format that apps use: read the same, with the same messages.

use config::{Config, Environment, File, FileFormat};
use figment::providers::{Env, Format, Toml};
use figment::Figment;
use serde::{Deserialize, Serialize};
use tower_s3_cors::{CorsConfiguration, CorsRule};

#[derive(Debug, Deserialize, Serialize)]
struct Settings {
    cors: CorsConfiguration,
}

fn rules() -> CorsConfiguration {
    let first = CorsRule::new(["https://app.example.com", "https://*.example.org"], ["GET", "PUT"])
        .id("web")
        .allow_headers(["content-type"])
        .expose_headers(["ETag"])
        .max_age(600);
    [first, CorsRule::new(["*"], ["HEAD"])].into_iter().collect()
}

const TOML: &str = r#"
[[cors]]
id = "web"
allowed_origins = ["https://app.example.com", "https://*.example.org"]
allowed_methods = ["GET", "PUT"]
allowed_headers = ["content-type"]
expose_headers = ["ETag"]
max_age_seconds = 600

[[cors]]
AllowedOrigins = ["*"]
AllowedMethods = ["HEAD"]
"#;

const YAML: &str = r#"
cors:
  CORSRules:
    - ID: web
      AllowedOrigins: [https://app.example.com, "https://*.example.org"]
      AllowedMethods: [GET, PUT]
      AllowedHeaders: [content-type]
      ExposeHeaders: [ETag]
      MaxAgeSeconds: 600
    - AllowedOrigins: ["*"]
      AllowedMethods: [HEAD]
"#;

#[test]
fn toml_is_read() {
    assert_eq!(toml::from_str::<Settings>(TOML).expect("settings").cors, rules());
    let wrapped = TOML.replace("[[cors]]", "[[cors.cors_rules]]");
    assert_eq!(toml::from_str::<Settings>(&wrapped).expect("settings").cors, rules());
}

#[test]
fn yaml_is_read() {
    assert_eq!(serde_yaml_ng::from_str::<Settings>(YAML).expect("settings").cors, rules());
}

/// figment's own error is large.
#[allow(clippy::result_large_err)]
#[test]
fn figment_reads_a_file_and_the_environment() {
    assert_eq!(Figment::from(Toml::string(TOML)).extract::<Settings>().expect("settings").cors, rules());
    figment::Jail::expect_with(|jail| {
        jail.set_env(
            "APP_CORS",
            r#"[{allowed_origins=["https://app.example.com"],allowed_methods=["GET"],max_age_seconds=60}]"#,
        );
        let settings: Settings = Figment::from(Toml::string(TOML)).merge(Env::prefixed("APP_")).extract()?;
        assert_eq!(settings.cors, CorsRule::new(["https://app.example.com"], ["GET"]).max_age(60).into());
        Ok(())
    });
}

#[test]
fn config_reads_a_file_and_the_environment() {
    let file = File::from_str(TOML, FileFormat::Toml);
    let settings: Settings =
        Config::builder().add_source(file).build().and_then(Config::try_deserialize).expect("settings");
    assert_eq!(settings.cors, rules());

    // The crate lowers the names of variables, and has no lists of objects in them: one rule is one object.
    #[derive(Deserialize)]
    struct OneRule {
        cors: CorsRule,
    }
    let variables = [
        ("APP_CORS__ALLOWED_ORIGINS", "https://app.example.com,https://*.example.org"),
        ("APP_CORS__ALLOWED_METHODS", "GET,PUT"),
        ("APP_CORS__MAX_AGE_SECONDS", "600"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = Environment::with_prefix("APP")
        .prefix_separator("_")
        .separator("__")
        .try_parsing(true)
        .list_separator(",")
        .with_list_parse_key("cors.allowed_origins")
        .with_list_parse_key("cors.allowed_methods")
        .source(Some(variables.into_iter().collect()));
    let settings: OneRule = Config::builder()
        .add_source(environment)
        .build()
        .and_then(Config::try_deserialize)
        .expect("settings");
    let origins = ["https://app.example.com", "https://*.example.org"];
    assert_eq!(settings.cors, CorsRule::new(origins, ["GET", "PUT"]).max_age(600));
}

#[test]
fn what_is_written_reads_back() {
    let settings = Settings { cors: rules() };
    let toml = toml::to_string(&settings).expect("TOML");
    assert_eq!(toml::from_str::<Settings>(&toml).expect("settings").cors, rules());
    let yaml = serde_yaml_ng::to_string(&settings).expect("YAML");
    assert_eq!(serde_yaml_ng::from_str::<Settings>(&yaml).expect("settings").cors, rules());
    let json = serde_json::to_string_pretty(&rules()).expect("JSON");
    assert_eq!(serde_json::from_str::<CorsConfiguration>(&json).expect("rules"), rules());
    assert_eq!(CorsConfiguration::from_json(&json).expect("rules"), rules());
    assert_eq!(serde_json::from_str::<CorsConfiguration>(&rules().to_json()).expect("rules"), rules());
}

#[track_caller]
fn check(json: &str, message: &str) {
    let error = serde_json::from_str::<CorsConfiguration>(json).expect_err(json).to_string();
    assert!(error.starts_with(message), "{error}");
}

#[test]
fn faults_are_named() {
    check(
        r#"[{ "AllowedOrigin": ["*"] }]"#,
        r#"unknown key "AllowedOrigin", did you mean "AllowedOrigins"? at line 1"#,
    );
    check(
        r#"[{ "origin": ["*"] }]"#,
        r#"unknown key "origin", which is Google Cloud Storage's; S3's is "AllowedOrigins""#,
    );
    check(
        r#"[{ "AllowedOrigins": ["*"], "allowed_origins": ["*"] }]"#,
        r#"duplicate key "AllowedOrigins" at line 1"#,
    );
    check(r#"{ "CORSRules": [], "cors_rules": [] }"#, "rules are given twice; merge them into one list");
    check(r#"{ "Rules": [] }"#, r#"unknown key "Rules", "#);
    check("{}", r#"the key "CORSRules" is missing"#);
    check(
        "7",
        r#"invalid type: integer `7`, expected an array of rules or an object with the key "CORSRules""#,
    );
    check(r#"["x"]"#, r#"invalid type: string "x", expected a rule, which is an object"#);
    check(r#"[{ "MaxAgeSeconds": "10 min" }]"#, r#"invalid type: string "10 min", expected i32"#);
    check(r#"[{ "AllowedMethods": "GET" }]"#, r#"invalid type: string "GET", expected a sequence"#);
}

#[test]
fn null_is_an_absent_value_and_an_empty_id_is_none() {
    let rule = CorsRule::new(["*"], ["GET"]);
    let json =
        r#"[{ "ID": null, "AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": null }]"#;
    assert_eq!(serde_json::from_str::<CorsConfiguration>(json).expect("rules"), rule.into());
    let json = r#"[{ "ID": "", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    assert_eq!(serde_json::from_str::<CorsConfiguration>(json).expect("rules").rules[0].id, None);
}
