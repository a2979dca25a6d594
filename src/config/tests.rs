use super::*;
use crate::error::Code;
use crate::provider::masumi::keys::Generation;
use std::rc::Rc;

/// The platform's parser, for tests: the `url` crate follows the same standard.
pub(crate) fn parse_url(text: &str, base: Option<&str>) -> Option<Rc<Url>> {
    let base = base.map(|base| url::Url::parse(base).unwrap());
    let url = url::Url::options().base_url(base.as_ref()).parse(text).ok()?;
    Some(Rc::new(Url {
        href: url.to_string(),
        origin: url.origin().ascii_serialization(),
        protocol: format!("{}:", url.scheme()),
        hostname: url.host_str().unwrap_or_default().to_owned(),
        pathname: url.path().to_owned(),
        search: url.query().map(|query| format!("?{query}")).unwrap_or_default(),
        has_credentials: !url.username().is_empty() || url.password().is_some(),
    }))
}

fn read(config: &str) -> Result<Config> {
    Config::read(Json::parse(config).unwrap(), &parse_url)
}

#[track_caller]
fn refused(config: &str, issues: &[&str]) {
    let error = read(config).err().expect(config);
    assert_eq!(error.code, Code::Config);
    let said: Vec<_> = error
        .issues
        .items()
        .map(|issue| format!("{}: {}", issue.text("path"), issue.text("message")))
        .collect();
    assert_eq!(said.len(), issues.len(), "{said:#?}");
    for issue in issues {
        assert!(said.iter().any(|said| said.starts_with(issue)), "{issue:?} is not in {said:#?}");
    }
}

#[test]
fn the_least_that_is_enough() {
    let config = read(r#"{"provider":"masivo","apiKey":"k"}"#).ok().unwrap();
    assert_eq!(config.base_url(), "https://app.masivo.ai/api/storefront/v1");
    assert_eq!((config.timeout, config.retries), (Span::from_seconds(10), 3));
    assert_eq!(Generation::of(&config), Generation::V28);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    refused(
        r#"{"provider":"masivo","apiKey":7,"baseUrl":"nonsense","allowHttp":"yes"}"#,
        &["apiKey: must be a string", "baseUrl: must be an absolute URL", "allowHttp: must be a boolean"],
    );
    refused(
        r#"{"provider":"masivo","apiKey":"","timeout":0,"retries":1.5,"refreshBefore":-1,"apikey":"k"}"#,
        &[
            "apiKey: is empty",
            "timeout: must be from 0.001 to 600 seconds",
            "retries: must be a whole number",
            "refreshBefore: must be from 0",
            "apikey: is unknown; known are ",
        ],
    );
}

#[test]
fn the_provider_comes_first() {
    refused("[]", &["config: must be an object, not an array"]);
    refused("{}", &["provider: is required: one of masivo, masv,"]);
    refused(r#"{"provider":"Masivo"}"#, &["provider: must be one of masivo, masv,"]);
}

#[test]
fn masv_wants_one_way_to_log_in() {
    refused(r#"{"provider":"masv"}"#, &["apiKey: is required: give apiKey, or email and password"]);
    refused(
        r#"{"provider":"masv","email":"a"}"#,
        &["password: is required: is the environment variable set?"],
    );
    refused(
        r#"{"provider":"masv","apiKey":"k","email":"a","password":"p"}"#,
        &["apiKey: give", "email: give", "password: give"],
    );
}

#[test]
fn login_and_oauth2_need_their_service() {
    refused(r#"{"provider":"login","apiKey":"k"}"#, &["baseUrl: is required"]);
    refused(
        r#"{"provider":"login","baseUrl":"https://a.example","credentials":{"a":"b"},"apiKey":"k"}"#,
        &[
            "apiKey: give apiKey, or ",
            "credentials: give apiKey, or username and password, or credentials, not",
        ],
    );
    let oauth2 = r#"{"provider":"oauth2","baseUrl":"https://a.example","clientId":"i","clientSecret":"s""#;
    refused(&format!("{oauth2}}}"), &["tokenUrl: give either"]);
    refused(
        &format!(r#"{oauth2},"issuer":"https://i.example","tokenUrl":"https://i.example/t"}}"#),
        &["tokenUrl: give either"],
    );
    refused(&format!(r#"{oauth2},"issuer":"http://i.example"}}"#), &["issuer: must be https"]);
    refused(
        &format!(r#"{oauth2},"tokenUrl":"https://i.example","clientAuth":"none"}}"#),
        &["clientAuth: must be one of basic, post, not \"none\""],
    );
}

#[test]
fn a_credential_is_sent_only_where_nobody_reads_along() {
    let base =
        |url: &str, rest: &str| format!(r#"{{"provider":"masivo","apiKey":"k","baseUrl":"{url}"{rest}}}"#);
    for url in [
        "http://localhost:1/x",
        "http://127.0.0.2",
        "http://[::1]:8",
        "http://a.localhost",
        "https://a.example",
    ] {
        assert!(read(&base(url, "")).is_ok(), "{url}");
    }
    refused(&base("http://a.example", ""), &["baseUrl: must be https"]);
    refused(&base("http://127.0.0.1.example", ""), &["baseUrl: must be https"]);
    assert!(read(&base("http://a.example", r#","allowHttp":true"#)).is_ok());
    refused(&base("ftp://a.example", ""), &["baseUrl: must be an http or https URL"]);
    refused(&base("/api", ""), &["baseUrl: must be an absolute URL"]);
    refused(&base("https://u:p@a.example", ""), &["baseUrl: must hold no user name"]);
    refused(&base("https://a.example/?q=1", ""), &["baseUrl: must end with its path"]);
    refused(&base("https://a.example/#x", ""), &["baseUrl: must end with its path"]);
}

#[test]
fn a_credential_from_a_file_has_no_line_break() {
    refused("{\"provider\":\"masivo\",\"apiKey\":\"k\\n\"}", &["apiKey: has a line break"]);
    refused(
        "{\"provider\":\"brifle\",\"key\":\"k\",\"secret\":\"\\u0000\"}",
        &["secret: has a line break or NUL"],
    );
}

#[test]
fn allowed_origins_are_origins() {
    let origins = |list: &str| format!(r#"{{"provider":"masivo","apiKey":"k","allowedOrigins":{list}}}"#);
    for list in [r#"["https://f.example"]"#, r#""https://f.example/""#] {
        let config = read(&origins(list)).ok().unwrap();
        assert!(config.allows("https://f.example") && config.allows("https://app.masivo.ai"), "{list}");
        assert!(!config.allows("https://g.example"), "{list}");
    }
    refused(&origins(r#"["https://f.example/path"]"#), &["allowedOrigins[0]: must be an origin"]);
    refused(&origins(r#"["https://f.example","*"]"#), &["allowedOrigins[1]: must be an origin"]);
    refused(&origins(r#"["http://f.example"]"#), &["allowedOrigins[0]: must be https"]);
    refused(&origins("7"), &["allowedOrigins: must be a string or an array"]);
}

#[test]
fn a_path_stays_below_the_base_url() {
    let base = parse_url("https://a.example/api/v1", None).unwrap();
    let append = |path: &str| append_path(&base, path, &parse_url);
    assert_eq!(append("/users?x=1").unwrap().href, "https://a.example/api/v1/users?x=1");
    assert_eq!(append("/a/../b").unwrap().href, "https://a.example/api/v1/b");
    assert_eq!(append("/").unwrap().href, "https://a.example/api/v1/");
    for path in ["/..", "/../v2", "/%2e%2e/x", "/a/../../x", "//host/x", "/\\host", "/..\\x"] {
        assert_eq!(append(path).unwrap_err().code, Code::Origin, "{path}");
    }
    let root = parse_url("https://a.example", None).unwrap();
    assert_eq!(append_path(&root, "/x", &parse_url).unwrap().href, "https://a.example/x");
}
