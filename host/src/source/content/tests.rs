use super::*;

async fn drain(mut content: Content) -> Result<(usize, Option<Digest>), SourceError> {
    let mut bytes = 0;
    while let Some(block) = content.next().await {
        bytes += block?.len();
    }
    Ok((bytes, content.digest().await))
}

fn reader(bytes: impl AsRef<[u8]> + 'static) -> io::Result<Box<dyn Read>> {
    Ok(Box::new(io::Cursor::new(bytes)))
}

#[tokio::test]
async fn content_comes_whole_as_often_as_it_is_read_and_tells_its_digest() {
    let data = vec![7; 3 * BLOCK_BYTES + 5];
    let digest = Digest::of(&data);
    let content = Origin::new(3 * BLOCK_BYTES as u64 + 5, digest.clone(), move || reader(data.clone())).read();
    let origin = content.origin().unwrap();
    for content in [content, origin.read(), origin.read()] {
        assert_eq!(drain(content).await.unwrap(), (3 * BLOCK_BYTES + 5, Some(digest.clone())));
    }
}

#[tokio::test]
async fn other_bytes_than_promised_end_in_an_error() {
    let content = Origin::new(3, Digest::of(b"abc"), || reader(b"abd")).read();
    assert!(matches!(drain(content).await, Err(SourceError::Digest { .. })));
}

#[tokio::test]
async fn a_digest_that_is_left_to_the_receiver_can_be_verified_afterwards() {
    for (bytes, is_whole) in [(b"abc", true), (b"abd", false)] {
        let content = Origin::new(3, Digest::of(b"abc"), move || reader(bytes)).unverified().read();
        let origin = content.origin().unwrap();
        assert_eq!(drain(content).await.unwrap(), (3, None));
        assert_eq!(origin.verify().await.is_ok(), is_whole);
    }
}

/// Fails after its bytes.
struct Failing(io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("broken")),
            read => Ok(read),
        }
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_reading_that_fails_is_finished_by_another_one() {
    let data: Vec<u8> = (0..3 * BLOCK_BYTES + 5).map(|number| (number % 251) as u8).collect();
    let digest = Digest::of(&data);
    for readable in [0, 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 1, data.len()] {
        let (start, whole) = (data[..readable].to_vec(), data.clone());
        let open = move || Ok(Box::new(Failing(io::Cursor::new(start.clone()))) as Box<dyn Read>);
        let rescue = move |Interrupted { writer, reason }: Interrupted| {
            assert_eq!(reason.to_string(), "broken");
            assert!(writer.resume(&mut &whole[..]).is_ok());
        };
        let content = Origin::new(data.len() as u64, digest.clone(), open).rescued_by(rescue).read();
        assert_eq!(drain(content).await.unwrap(), (data.len(), Some(digest.clone())), "{readable}");
    }
}
