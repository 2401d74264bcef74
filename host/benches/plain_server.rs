//! A plain web server that answers each request with one indexed query, as a bound for `crhost server`.
//!
//! `cargo xtask bench server` runs it with the URL of a PostgreSQL. It prints its address, and ends with its input.

#![allow(clippy::expect_used, reason = "a measurement stops at the first surprise")]

use std::io::Read as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use tokio_postgres::{Client, NoTls, Statement};

/// The rows among which one is looked for.
const TABLE: &str = "CREATE TEMPORARY TABLE plain (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO plain SELECT 'name' || n, 'value' || n FROM generate_series(1, 10000) n";

#[tokio::main]
async fn main() {
    let Some(url) = std::env::args().find(|word| word.starts_with("postgres://")) else { return };
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("a database");
    tokio::spawn(connection);
    client.batch_execute(TABLE).await.expect("a table");
    let sql = client.prepare("SELECT value FROM plain WHERE name = $1").await.expect("a statement");
    let router = Router::new().route("/{name}", post(answer)).with_state(Arc::new((client, sql)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    tokio::task::spawn_blocking(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0)
    });
    axum::serve(listener, router).await.expect("a server");
}

/// The value of a row.
async fn answer(State(plain): State<Arc<(Client, Statement)>>, Path(name): Path<String>, _body: String) -> String {
    let (client, sql) = &*plain;
    client.query_one(sql, &[&name]).await.expect("a row").get(0)
}
