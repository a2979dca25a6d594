//! The sandbox as a program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::client;

#[tokio::test]
async fn it_says_where_it_is_and_ends_with_its_input() {
    let www = std::env::temp_dir().join(format!("latchkey-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&www).expect("a folder");
    std::fs::write(www.join("index.html"), "<h1>Hello</h1>").expect("a file");
    std::fs::create_dir_all(www.join("built")).expect("a folder");
    std::fs::write(www.join("built/inline.js"), "export {};").expect("a file");
    let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey-sandbox"))
        .args(["--until-eof", "--port", "0", "--www"])
        .arg(&www)
        .arg("--package")
        .arg(www.join("built"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(program.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let said: Value = serde_json::from_str(&line).expect("the line is JSON");
    let url = said["url"].as_str().expect("a URL");

    let page = client().get(format!("{url}/")).send().await.expect("an answer");
    assert_eq!(page.headers()["cache-control"], "no-cache");
    assert_eq!(page.text().await.expect("a body"), "<h1>Hello</h1>");
    let module = client().get(format!("{url}/latchkey/inline.js")).send().await.expect("an answer");
    // A browser runs a module of this type only.
    assert_eq!(module.headers()["content-type"], "text/javascript");
    assert_eq!(module.text().await.expect("a body"), "export {};");
    let demo = client().get(format!("{url}/w/demo/_sandbox")).send().await.expect("an answer");
    assert_eq!(demo.status(), 200);

    drop(program.stdin.take());
    assert!(program.wait().expect("it ends").success());
    std::fs::remove_dir_all(&www).expect("the folder goes");
}

#[test]
fn it_refuses_what_it_does_not_know() {
    for arguments in [&["--prot", "1"][..], &["--port"], &["--port", "many"]] {
        let ended =
            Command::new(env!("CARGO_BIN_EXE_latchkey-sandbox")).args(arguments).output().expect("it starts");
        assert!(!ended.status.success());
        assert!(
            String::from_utf8_lossy(&ended.stderr).contains("latchkey-sandbox [--port N]"),
            "{arguments:?}"
        );
    }
}
