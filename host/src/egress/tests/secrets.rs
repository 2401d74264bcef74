//! Secrets: the requests that hold them, and the answers that repeat them.

use super::*;

#[tokio::test]
async fn a_secret_goes_to_the_hosts_of_its_own_method_only() {
    let server = Server::answering(OK).await;
    let origin = format!("http://granted.example:{}", server.port);
    let secret = |pattern: &str| vec![Grant::with_secrets(pattern.parse().unwrap())];
    // Granted, and not for secrets. The user named the host: the hint says how, and who would get the secret.
    let words = denied(client(&direct(), written(&origin), &[&origin]).send(with_secret(&origin)).await);
    assert!(words.contains("may not have this secret") && words.contains("only if whoever runs"), "{words}");
    // Granted for secrets, and no operation has it.
    denied(client(&direct(), secret(&origin), &[]).send(with_secret(&origin)).await);
    // An operation has it, and it is not granted.
    denied(client(&direct(), secret("https://other.example"), &[&origin]).send(with_secret(&origin)).await);
    assert_eq!(server.heard(), [""; 0]);
    // Granted for secrets, in an operation of this host or in place of another's.
    for host in [origin.as_str(), "https://other.example"] {
        assert!(client(&direct(), secret(&origin), &[host]).send(with_secret(&origin)).await.is_ok());
    }
    assert!(server.heard().iter().all(|request| request.contains("authorization: Bearer hunter2hunter2\r\n")));
}

#[tokio::test]
async fn a_secret_that_is_lent_to_a_call_is_redacted_in_all_of_its_answers() {
    let answer = "HTTP/1.1 400 Bad\r\ncontent-length: 19\r\nx-sent: hunter2hunter2\r\n\r\nbad: hunter2hunter2";
    let server = Server::answering(answer).await;
    let origin = format!("http://granted.example:{}", server.port);
    let lent = LentSecret::new(Arc::new(Zeroizing::new(b"hunter2hunter2".to_vec())), Arc::default());
    let grants = vec![Grant::with_secrets(origin.parse().unwrap())];
    let mut client = lending(&direct(), grants, &[&origin], Redaction::new(vec![lent], Vec::new()));
    for request in [get(&origin), with_secret(&origin), get(&origin)] {
        let response = client.send(request).await.ok().unwrap();
        assert_eq!(response.body, b"bad: **************");
        assert!(response.headers.iter().all(|(_, value)| !value.windows(8).any(|window| window == b"hunter2h")));
    }
}

#[tokio::test]
async fn a_secret_that_is_received_is_in_no_answer_from_then_on() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 65\r\nx-key: aHVudGVyMmh1bnRlcjI=\r\n\r\n\
                  {\"key\":\"aHVudGVyMmh1bnRlcjI=\",\"said\":\"the key is hunter2hunter2\"}";
    let server = Server::answering(answer).await;
    let origin = format!("http://granted.example:{}", server.port);
    let grants = vec![Grant::with_secrets(origin.parse().unwrap())];
    let mut client = client(&direct(), grants, &[&origin]);
    let wanted = WantedSecret { path: vec!["key".to_owned()], encoding: Encoding::Base64 };
    let received = client.receive(get(&origin), &wanted).await.ok().unwrap();
    assert_eq!(**received.secret.unwrap(), *b"hunter2hunter2");
    let text = String::from_utf8(received.response.body).unwrap();
    assert_eq!(text, r#"{"key":"*","said":"the key is **************"}"#);
    assert!(received.response.headers.iter().all(|(_, value)| !value.starts_with(b"aHVud")));
    // Another request does not show it either.
    let again = client.send(get(&origin)).await.ok().unwrap();
    assert!(!String::from_utf8(again.body).unwrap().contains("aHVud"));
}
