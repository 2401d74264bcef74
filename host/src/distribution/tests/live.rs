//! The client against the reference implementation, where that is installed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;

use super::fake::{open, open_with, options, pieces};
use crate::credential::Credential;
use crate::distribution::blob::BlobHead;
use crate::distribution::{ClientOptions, Error, Mount};
use crate::error::{Explain as _, Kind};
use crate::image::{Descriptor, Digest, Manifest, Tag, media_type};

struct Registry {
    host: String,
    process: Child,
    folder: tempfile::TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts `docker-registry` with more lines of the `http` part of its configuration.
async fn registry(folder: tempfile::TempDir, http: &str) -> Registry {
    let host = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let config = folder.path().join("config.yml");
    let storage = format!("storage: {{filesystem: {{rootdirectory: {}}}}}", folder.path().join("data").display());
    std::fs::write(&config, format!("version: 0.1\n{storage}\nhttp: {{addr: \"{host}\"{http}}}\n")).unwrap();
    let mut command = Command::new("docker-registry");
    let process = command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(&host).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Registry { host, process, folder }
}

#[tokio::test]
#[ignore = "needs docker-registry"]
async fn an_image_is_pushed_in_each_way_that_the_specification_knows() {
    let registry = registry(tempfile::tempdir().unwrap(), "").await;
    let client = open(&registry.host, Credential::Anonymous);
    client.authenticate().await.unwrap();
    let (put, patched, chunked) = (Digest::of(b"{}"), Digest::of(b"abcdef"), Digest::of(b"chunk1chunk2"));

    assert_eq!(client.has_blob(&put).await.unwrap(), None);
    client.start_upload().await.unwrap().put(&put, 2, pieces(&["{", "}"])).await.unwrap();
    assert_eq!(client.has_blob(&put).await.unwrap(), Some(BlobHead { size: Some(2) }));

    let mut upload = client.start_upload().await.unwrap();
    upload.patch(pieces(&["abc", "def"])).await.unwrap();
    assert_eq!(upload.received().await.unwrap(), 6);
    upload.commit(&patched).await.unwrap();

    let mut upload = client.start_upload().await.unwrap();
    assert_eq!(upload.patch_chunk(Bytes::from_static(b"chunk1")).await.unwrap(), 6);
    assert_eq!(upload.patch_chunk(Bytes::from_static(b"chunk2")).await.unwrap(), 12);
    upload.commit(&chunked).await.unwrap();

    let mut upload = client.start_upload().await.unwrap();
    let error = upload.put(&put, 3, pieces(&["abc"])).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Verification, "{error}");
    client.start_upload().await.unwrap().cancel().await;

    let layer = |digest: &Digest, size| Descriptor::new(media_type::OCI_LAYER_GZIP, digest.clone(), size);
    let config = Descriptor::new(media_type::OCI_CONFIG, put, 2);
    let manifest = Bytes::from(Manifest::new(config, vec![layer(&patched, 6), layer(&chunked, 12)]).to_bytes());
    let tag: Tag = "v3".parse().unwrap();
    client.put_manifest(&tag, media_type::OCI_MANIFEST, manifest.clone()).await.unwrap();
    let head = client.head_manifest(&tag).await.unwrap().unwrap();
    assert_eq!(head.digest, Some(Digest::of(&manifest)));
    assert_eq!(head.media_type.as_deref(), Some(media_type::OCI_MANIFEST));
    assert_eq!(client.get_manifest(&Digest::of(&manifest)).await.unwrap().1, manifest);

    let mount = client.mount_blob(&patched, &"acme/nowhere".parse().unwrap()).await.unwrap();
    assert!(matches!(mount, Mount::Upload(_)));
}

/// Runs `openssl` in a folder.
fn openssl(folder: &Path, arguments: &str) {
    let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[tokio::test]
#[ignore = "needs docker-registry and openssl"]
async fn certificates_that_are_filed_for_a_host_count_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let name = "127.0.0.1";
    openssl(folder.path(), "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=authority");
    std::fs::write(folder.path().join("names"), format!("subjectAltName=IP:{name}")).unwrap();
    for who in ["server", "client"] {
        let csr = format!("req -newkey rsa:2048 -nodes -keyout {who}.key -out {who}.csr -subj /CN={who}");
        openssl(folder.path(), &csr);
        let sign = format!("x509 -req -in {who}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names");
        openssl(folder.path(), &format!("{sign} -out {who}.cert"));
    }
    let file = |name: &str| folder.path().join(name).display().to_string();
    let tls = format!(
        ", tls: {{certificate: {}, key: {}, clientcas: [{}]}}",
        file("server.cert"),
        file("server.key"),
        file("ca.crt")
    );
    let registry = registry(folder, &tls).await;

    // Nothing filed: never plain http instead, although the host is this machine.
    let error = open(&registry.host, Credential::Anonymous).authenticate().await.unwrap_err();
    assert!(matches!(&error, Error::Tls { cause, .. } if cause.contains("UnknownIssuer")), "{error}");
    assert!(error.hint().unwrap().contains(&format!("/etc/docker/certs.d/{}/ca.crt", registry.host)));

    let filed = registry.folder.path().join("certs.d").join(&registry.host);
    std::fs::create_dir_all(&filed).unwrap();
    let copy = |name: &str| std::fs::copy(registry.folder.path().join(name), filed.join(name)).unwrap();
    let options =
        || ClientOptions { certificate_directories: vec![registry.folder.path().join("certs.d")], ..options() };
    copy("ca.crt");
    let error = open_with(options(), &registry.host, Credential::Anonymous).authenticate().await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("client")), "{error}");

    copy("client.cert");
    copy("client.key");
    let client = open_with(options(), &registry.host, Credential::Anonymous);
    client.authenticate().await.unwrap();
    let layer = Digest::of(b"abcdef");
    client.start_upload().await.unwrap().put(&layer, 6, pieces(&["abc", "def"])).await.unwrap();
    assert!(client.has_blob(&layer).await.unwrap().is_some());
}
