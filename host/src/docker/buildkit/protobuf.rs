//! As much of Protocol Buffers' wire format (<https://protobuf.dev/programming-guides/encoding/>) as BuildKit's
//! messages need.

/// The fields of a message. Of one that is cut off or damaged, those before.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A number, or a truth value.
    Number(u64),
    /// A string, bytes, or a message.
    Bytes(&'a [u8]),
    /// A number of fixed length, of which BuildKit's messages have none that counts here.
    Fixed,
}

impl<'a> Value<'a> {
    /// The bytes; none for a number.
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(_) | Self::Fixed => &[],
        }
    }

    /// The text.
    pub(super) fn text(self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

/// Adds a field of bytes, which is a string or a message, too.
pub(super) fn push_bytes(message: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    push_number(message, field << 3 | 2);
    push_number(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

/// Adds a number in groups of seven bits.
pub(super) fn push_number(message: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        message.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    message.push(u8::try_from(number).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let mut message = Vec::new();
        push_bytes(&mut message, 1, b"text");
        push_number(&mut message, 4 << 3);
        push_number(&mut message, 300);
        push_bytes(&mut message, 20, &[7; 200]);
        let fields: Vec<_> = Fields(&message).collect();
        assert_eq!(fields, [(1, Value::Bytes(b"text")), (4, Value::Number(300)), (20, Value::Bytes(&[7; 200]))]);
        assert_eq!(Fields(&message[..message.len() - 1]).count(), 2);
        assert_eq!(Fields(&[0xff; 20]).count(), 0);
    }
}
