use super::*;

pub(crate) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let now = Timestamp::from_seconds(1_800_000_000);
    let sent = |name| headers.iter().find(|(sent, _)| *sent == name).map(|(_, value)| *value);
    let headers = Answer::HEADERS.map(|name| sent(name).unwrap_or_default()).join("\n");
    Answer {
        status,
        headers: headers.into(),
        body: body.into(),
        asked: "GET /".into(),
        arrived_at: now,
        read: Default::default(),
        seen: Default::default(),
    }
}

#[test]
fn a_form_is_encoded_as_the_url_standard_says() {
    let mut form = Form::default();
    form.add("a b", "ü&=");
    form.add("c", "*-._~");
    let request = Request::new(Method::Post, "https://a.example".into()).form(form);
    assert_eq!(request.body.as_ref().unwrap().reveal(), "a+b=%C3%BC%26%3D&c=*-._%7E");
}

#[test]
fn retry_after_is_seconds_or_a_date_by_the_servers_clock() {
    let wait = |value, date| answer(429, &[("retry-after", value), ("date", date)], "").retry_after();
    let date = "Fri, 15 Jan 2027 05:00:00 GMT";
    assert_eq!(wait("7", date), Some(Span::from_seconds(7)));
    assert_eq!(wait("Fri, 15 Jan 2027 05:00:09 GMT", date), Some(Span::from_seconds(9)));
    assert_eq!(wait("Fri, 15 Jan 2027 04:00:00 GMT", date), Some(Span::ZERO));
    assert_eq!(wait("Fri, 15 Jan 2027 08:00:09 GMT", "wrong"), Some(Span::from_seconds(9)));
    for nonsense in ["", "-1", "1.5", "soon", "99999999999999999999"] {
        assert!(wait(nonsense, date).is_none_or(|span| span == Span::ZERO), "{nonsense}");
    }
}

#[test]
fn a_date_that_a_cache_kept_is_not_believed() {
    let date = ("date", "Fri, 15 Jan 2027 08:00:00 GMT");
    assert!(answer(200, &[date], "").date().is_some());
    assert!(answer(200, &[date, ("age", "3")], "").date().is_none());
}

#[test]
fn an_error_says_what_the_service_said_in_each_known_shape() {
    for (body, said) in [
        (
            r#"{"error":"invalid_client","error_description":"no such client"}"#,
            "no such client (invalid_client)",
        ),
        (r#"{"status":"error","error":{"message":"API key is revoked"}}"#, "API key is revoked"),
        (r#"{"code":40102,"message":"no access","status":401}"#, "no access (40102)"),
        (r#"{"error":"nope"}"#, "nope"),
    ] {
        let error = error_of(&answer(401, &[], body));
        assert_eq!(error.message.as_str(), format!("the service answered 401: {said}"));
    }
    let message = |status| error_of(&answer(status, &[], "<h1>")).message.clone();
    assert_eq!(message(500), "the service answered 500 (GET /)");
    assert_eq!(message(404), "the service answered 404 (GET /): is baseUrl right?");
}

#[test]
fn a_redirect_says_so_and_a_hidden_one_has_no_status() {
    for (status, told) in [(302, Some(302)), (0, None)] {
        let error = error_of(&answer(status, &[], ""));
        assert_eq!((error.code, error.status), (Code::Redirect, told));
        assert!(error.message.contains("a redirect: correct baseUrl"), "{error}");
    }
}

#[test]
fn a_wait_beyond_thirty_seconds_is_the_callers_to_decide() {
    let error = error_of(&answer(503, &[("retry-after", "31")], ""));
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(Span::from_seconds(31))));
    assert_eq!(error_of(&answer(503, &[("retry-after", "30")], "")).code, Code::Server);
}

#[test]
fn a_success_that_is_no_json_says_what_it_is() {
    let html = answer(200, &[("content-type", "text/html")], "<html>").json().unwrap_err();
    assert_eq!(html.code, Code::Response);
    assert!(html.message.contains("text/html where JSON was expected"), "{html}");
    assert!(answer(204, &[], "").json().unwrap_err().message.contains("empty body"));
}

#[test]
fn backoff_doubles_up_to_its_bound_and_obeys_the_service() {
    let second = Span::from_seconds(1);
    let wait = |attempt, asked, random| backoff(attempt, second, LONGEST_WAIT, asked, random);
    assert_eq!(wait(1, None, 1.0), second);
    assert_eq!(wait(3, None, 0.5), Span::from_seconds(2));
    assert_eq!(wait(30, None, 1.0), LONGEST_WAIT);
    assert_eq!(wait(1, Some(Span::from_seconds(9)), 0.0), Span::from_seconds(9));
}

#[test]
fn a_value_that_would_be_two_headers_is_none() {
    for bad in ["", "a\r\nb", "a\nb", " a", "a ", "ü", "a\0"] {
        assert!(!is_header_value(bad), "{bad:?}");
    }
    assert!(is_header_value("Bearer a.b-c_d=="));
}
