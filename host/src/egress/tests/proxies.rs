//! Proxies on the way: what they are told, and what they are not asked.

use super::*;

#[tokio::test]
async fn a_proxy_is_told_the_address_that_was_judged_and_not_the_name() {
    let proxy = Server::answering("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n").await;
    let through = || proxy::Proxies::all(&format!("http://user:pw-of-proxy@127.0.0.1:{}", proxy.port));
    let public = egress("8.8.8.8", through());
    let outcome = door(&public, asked("https://granted.example"), &[]).send(get("https://granted.example/")).await;
    let Err(EgressError::Unreachable(words)) = outcome else { panic!("answered") };
    assert!(!words.contains("8.8.8.8") && !words.contains("pw-of-proxy") && !words.contains("127.0.0.1"), "{words}");
    let heard = proxy.heard().concat();
    assert!(heard.starts_with("CONNECT 8.8.8.8:443 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("proxy-authorization: Basic ") && !heard.contains("granted.example"), "{heard}");
}

#[tokio::test]
async fn a_proxy_is_no_way_inside() {
    let proxy = Server::answering(OK).await;
    let through = || proxy::Proxies::all(&format!("http://127.0.0.1:{}", proxy.port));
    let inside = egress("10.0.0.1", through());
    let words =
        denied(door(&inside, asked("https://granted.example"), &[]).send(get("https://granted.example/")).await);
    assert!(words.contains("inside a private network"), "{words}");
    for url in ["https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://127.0.0.1/"] {
        denied(door(&inside, asked("https://granted.example"), &[]).send(get(url)).await);
    }
    assert_eq!(proxy.heard(), [""; 0]);
}

#[tokio::test]
async fn what_the_user_wrote_out_is_looked_up_by_the_proxy() {
    let proxy = Server::answering("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
    let egress = egress("10.0.0.1", proxy::Proxies::all(&format!("http://127.0.0.1:{}", proxy.port)));
    let outcome = door(&egress, written("https://granted.example"), &[]).send(get("https://granted.example/")).await;
    assert!(matches!(outcome, Err(EgressError::Unreachable(words)) if words.contains("credentials")));
    assert!(proxy.heard().concat().starts_with("CONNECT granted.example:443 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn plain_http_passes_through_a_proxy_with_its_whole_url() {
    let proxy = Server::answering(OK).await;
    let egress = egress("10.0.0.1", proxy::Proxies::all(&format!("http://u:p@127.0.0.1:{}", proxy.port)));
    let response = door(&egress, written("http://granted.example"), &[]).send(get("http://granted.example/a?b")).await;
    assert_eq!(response.ok().unwrap().status, 200);
    let heard = proxy.heard().concat();
    assert!(heard.starts_with("GET http://granted.example/a?b HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("proxy-authorization: Basic "), "{heard}");
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let (proxy, server) = (Server::answering(OK).await, Server::answering(OK).await);
    let egress = egress("127.0.0.1", proxy::Proxies::all(&format!("http://127.0.0.1:{}", proxy.port)));
    let origin = format!("http://localhost:{}", server.port);
    assert!(door(&egress, written(&origin), &[]).send(get(&origin)).await.is_ok());
    assert_eq!((proxy.heard().len(), server.heard().len()), (0, 1));
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_end() {
    // A real tunnel: it connects where it is told, whatever the name.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxies = proxy::Proxies::all(&format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()));
    let (port, egress) = secure(&["granted.example"], proxies).await;
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        assert!(client.read(&mut bytes).await.unwrap() > 0);
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        tokio::io::copy_bidirectional(&mut client, &mut server).await.unwrap();
    });
    let origin = format!("https://granted.example:{port}");
    let outcome = door(&egress, written(&origin), &[]).send(get(&origin)).await;
    assert_eq!(outcome.map(|response| response.status).map_err(|error| error.to_string()), Ok(200));
}
