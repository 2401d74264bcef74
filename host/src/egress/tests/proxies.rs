//! Proxies: the authorities that they are given, and the requests that never reach them.

use super::*;

#[tokio::test]
async fn a_proxy_is_given_the_address_that_was_judged_and_not_the_name() {
    let proxy = Server::answering("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n").await;
    let through = || Proxies::all(&format!("http://user:pw-of-proxy@127.0.0.1:{}", proxy.port));
    let public = transport("8.8.8.8", through());
    let hosts = ["https://granted.example"];
    let outcome = client(&public, asked("https://granted.example"), &hosts).send(get("https://granted.example/")).await;
    let Err(EgressError::Unreachable(words)) = outcome else { panic!("answered") };
    assert!(!words.contains("8.8.8.8") && !words.contains("pw-of-proxy") && !words.contains("127.0.0.1"), "{words}");
    let heard = proxy.heard().concat();
    assert!(heard.starts_with("CONNECT 8.8.8.8:443 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("proxy-authorization: Basic ") && !heard.contains("granted.example"), "{heard}");
}

#[tokio::test]
async fn a_proxy_is_no_way_into_a_private_network() {
    let proxy = Server::answering(OK).await;
    let through = || Proxies::all(&format!("http://127.0.0.1:{}", proxy.port));
    let inside = transport("10.0.0.1", through());
    let hosts = ["https://granted.example"];
    let words =
        denied(client(&inside, asked("https://granted.example"), &hosts).send(get("https://granted.example/")).await);
    assert!(words.contains("inside a private network"), "{words}");
    for url in ["https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://127.0.0.1/"] {
        denied(client(&inside, asked("https://granted.example"), &[]).send(get(url)).await);
    }
    assert_eq!(proxy.heard(), [""; 0]);
}

#[tokio::test]
async fn what_the_user_wrote_out_is_looked_up_by_the_proxy() {
    let proxy = Server::answering("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
    let transport = transport("10.0.0.1", Proxies::all(&format!("http://127.0.0.1:{}", proxy.port)));
    let outcome =
        client(&transport, written("https://granted.example"), &[]).send(get("https://granted.example/")).await;
    assert!(matches!(outcome, Err(EgressError::Unreachable(words)) if words.contains("credentials")));
    assert!(proxy.heard().concat().starts_with("CONNECT granted.example:443 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn plain_http_passes_through_a_proxy_with_its_whole_url() {
    let proxy = Server::answering(OK).await;
    let transport = transport("10.0.0.1", Proxies::all(&format!("http://u:p@127.0.0.1:{}", proxy.port)));
    let response =
        client(&transport, written("http://granted.example"), &[]).send(get("http://granted.example/a?b")).await;
    assert_eq!(response.ok().unwrap().status, 200);
    let heard = proxy.heard().concat();
    assert!(heard.starts_with("GET http://granted.example/a?b HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("proxy-authorization: Basic "), "{heard}");
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let (proxy, server) = (Server::answering(OK).await, Server::answering(OK).await);
    let transport = transport("127.0.0.1", Proxies::all(&format!("http://127.0.0.1:{}", proxy.port)));
    let origin = format!("http://localhost:{}", server.port);
    assert!(client(&transport, written(&origin), &[]).send(get(&origin)).await.is_ok());
    assert_eq!((proxy.heard().len(), server.heard().len()), (0, 1));
}

/// A proxy that opens a real tunnel to the server on `port`, whatever address it is given, after this answer.
async fn tunnelling(listener: TcpListener, port: u16, answer: &'static str) {
    let (mut client, _) = listener.accept().await.unwrap();
    let mut bytes = [0; 4096];
    assert!(client.read(&mut bytes).await.unwrap() > 0);
    client.write_all(answer.as_bytes()).await.unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tokio::io::copy_bidirectional(&mut client, &mut server).await.unwrap();
}

/// The status of a request through a proxy that accepts the tunnel with these words.
async fn through_tunnel(answer: &'static str) -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxies = Proxies::all(&format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()));
    let (port, transport) = secure(&["granted.example"], proxies).await;
    tokio::spawn(tunnelling(listener, port, answer));
    let origin = format!("https://granted.example:{port}");
    let outcome = client(&transport, written(&origin), &[]).send(get(&origin)).await;
    outcome.map(|response| response.status).map_err(|error| error.to_string())
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_end() {
    assert_eq!(through_tunnel("HTTP/1.1 200 Connection established\r\n\r\n").await, Ok(200));
}

#[tokio::test]
async fn a_tunnel_is_open_after_any_status_of_success() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n",
        "HTTP/1.1 201 Created\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 299 Whatever\r\nvia: x\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n",
    ] {
        assert_eq!(through_tunnel(answer).await, Ok(200), "{answer}");
    }
}

#[tokio::test]
async fn no_tunnel_is_open_after_another_status() {
    for answer in [
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 1000\r\n\r\nno",
        "HTTP/1.1 502 Bad Gateway\r\n\r\nno",
    ] {
        let words = through_tunnel(answer).await.unwrap_err();
        assert_eq!(words, "the proxy that the environment names would not connect", "{answer}");
    }
}

/// A SOCKS 5 proxy that opens a tunnel to the server on `port`, and gives back the request that it got (RFC 1928).
async fn socks(listener: TcpListener, port: u16) -> Vec<u8> {
    let (mut client, _) = listener.accept().await.unwrap();
    let mut greeting = [0; 3];
    client.read_exact(&mut greeting).await.unwrap();
    assert_eq!(greeting, [5, 1, 0]);
    client.write_all(&[5, 0]).await.unwrap();
    let mut request = vec![0; 512];
    let length = client.read(&mut request).await.unwrap();
    request.truncate(length);
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tokio::io::copy_bidirectional(&mut client, &mut server).await.unwrap();
    request
}

#[tokio::test]
async fn a_socks_proxy_is_given_the_judged_address_or_the_name_that_the_user_wrote() {
    for (scheme, is_name) in [("socks5", false), ("socks5h", true)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxies = Proxies::all(&format!("{scheme}://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        let (port, transport) = secure(&["granted.example"], proxies).await;
        let proxy = tokio::spawn(socks(listener, port));
        let origin = format!("https://granted.example:{port}");
        let outcome = client(&transport, written(&origin), &[]).send(get(&origin)).await;
        assert_eq!(outcome.map(|response| response.status).map_err(|error| error.to_string()), Ok(200), "{scheme}");
        let request = proxy.await.unwrap();
        assert_eq!(request[..4], if is_name { [5, 1, 0, 3] } else { [5, 1, 0, 1] }, "{scheme}");
        assert_eq!(request.windows(15).any(|window| window == b"granted.example"), is_name, "{scheme}");
    }
}

#[tokio::test]
async fn a_socks_proxy_is_no_way_into_a_private_network() {
    let proxy = Server::answering("").await;
    let inside = transport("10.0.0.1", Proxies::all(&format!("socks5h://127.0.0.1:{}", proxy.port)));
    let hosts = ["https://granted.example"];
    let words =
        denied(client(&inside, asked("https://granted.example"), &hosts).send(get("https://granted.example/")).await);
    assert!(words.contains("inside a private network"), "{words}");
    assert_eq!(proxy.heard(), [""; 0]);
}
